import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel } from 'amqplib';

const windowMax = 500;
/** As long as an envelope of the hub. */
const body = Buffer.from(JSON.stringify({ specversion: '1.0', data: 'x'.repeat(330) }));

/** Publishes for some seconds, then takes all of it back. @throws Error unless everything that was published came */
export function brokerRates(
  amqpUrl: string,
  seconds: number,
): Promise<{ readonly publishesPerSecond: number; readonly consumesPerSecond: number }> {
  return onQueue(amqpUrl, async (connection, queue) => {
    const published = await publish(connection, queue, seconds);
    const consumesPerSecond = await consume(connection, queue, published.count);
    return { publishesPerSecond: published.perSecond, consumesPerSecond };
  });
}

/** Confirmed publishes to one quorum queue, 500 in flight. */
export function publishesPerSecond(amqpUrl: string, seconds: number): Promise<number> {
  return onQueue(amqpUrl, async (connection, queue) => (await publish(connection, queue, seconds)).perSecond);
}

/** A quorum queue for `work` alone. */
async function onQueue<Result>(
  amqpUrl: string,
  work: (connection: ChannelModel, queue: string) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(amqpUrl);
  const queue = `raw-${randomUUID()}`;
  try {
    const channel = await connection.createChannel();
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const result = await work(connection, queue);
    await channel.deleteQueue(queue);
    return result;
  } finally {
    await connection.close();
  }
}

async function publish(
  connection: ChannelModel,
  queue: string,
  seconds: number,
): Promise<{ readonly count: number; readonly perSecond: number }> {
  const channel = await connection.createConfirmChannel();
  const startedAtMs = performance.now();
  const endMs = startedAtMs + seconds * 1_000;
  let [sent, confirmed] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    const send = (): void => {
      while (sent - confirmed < windowMax && performance.now() < endMs) {
        sent += 1;
        channel.sendToQueue(queue, body, { persistent: true, messageId: String(sent) }, onConfirm);
      }
      if (sent === confirmed) resolve();
    };
    const onConfirm = (error: unknown): void => {
      if (error !== null) reject(new Error('the broker refused a message', { cause: error }));
      confirmed += 1;
      send();
    };
    send();
  });
  const perSecond = confirmed / ((performance.now() - startedAtMs) / 1_000);
  await channel.close();
  return { count: confirmed, perSecond };
}

async function consume(connection: ChannelModel, queue: string, count: number): Promise<number> {
  const channel = await connection.createChannel();
  await channel.prefetch(windowMax);
  const startedAtMs = performance.now();
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    channel
      .consume(queue, (message) => {
        if (message === null) return reject(new Error('the broker took the queue away'));
        channel.ack(message);
        received += 1;
        if (received === count) resolve();
      })
      .catch(reject);
  });
  const perSecond = received / ((performance.now() - startedAtMs) / 1_000);
  await channel.close();
  return perSecond;
}
