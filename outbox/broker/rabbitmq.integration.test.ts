import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, startPrivateRabbitMq, testAmqpUrl, uniquePrefix } from '../../dev/testing/index.ts';
import { describeBroker, Mailbox } from '../testing/index.ts';
import { onChannel, rabbitMqHarness, removeTopology } from '../testing/rabbitmq-harness.ts';
import type { Broker, OutgoingMessage, Topology } from './port.ts';
import { connectRabbitMq } from './rabbitmq.ts';
import { queueArguments } from './rabbitmq-topology.ts';

describeBroker('RabbitMQ', () => Promise.resolve(rabbitMqHarness(testAmqpUrl(), uniquePrefix('broker'))));

let topology: Topology;
let exchange: string;
let queue: string;
let broker: Broker;

beforeEach(() => {
  exchange = uniquePrefix('exchange');
  queue = uniquePrefix('queue');
  topology = {
    exchanges: [{ name: exchange, kind: 'direct' }],
    queues: [{ queue, bindings: [{ exchange, routingKey: 'work' }] }],
  };
});
afterEach(async () => {
  await broker?.close();
  await removeTopology(testAmqpUrl(), topology);
});

function message(id: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { id, exchange, routingKey: 'work', mandatory: true, body: '{}', ...more };
}

describe('publishing to RabbitMQ', () => {
  test('a full queue refuses, and other queues of the exchange go on', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    const full = uniquePrefix('full');
    await onChannel(testAmqpUrl(), async (channel) => {
      await channel.assertQueue(full, {
        arguments: { ...queueArguments({ queue: full, bindings: [] }), 'x-max-length': 1 },
      });
      await channel.bindQueue(full, exchange, 'full');
    });
    const refusedId = await eventually('the full queue refuses', async () => {
      const outcomes = await Promise.all([
        broker.publish(message('full', { routingKey: 'full' })),
        broker.publish(message('other')),
      ]);
      expect(outcomes[1]).toEqual({ type: 'confirmed' });
      return outcomes[0].type === 'refused' && 'full';
    });
    expect(refusedId).toBe('full');
    await onChannel(testAmqpUrl(), (channel) => channel.deleteQueue(full));
  });

  test('a missing exchange leaves messages to another exchange in flight alone', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    const outcomes = await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        broker.publish(message(String(index), index % 10 === 0 ? { exchange: `${exchange}.missing` } : {})),
      ),
    );
    const types = outcomes.map((outcome) => outcome.type);
    expect(types.filter((type) => type === 'confirmed')).toHaveLength(360);
    expect(outcomes[0]).toMatchObject({ cause: expect.stringContaining('no exchange') });
  });

  test('messages to more exchanges than there are channels for are outcomes, too', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 80 }, (_, index) =>
          broker.publish(message(String(index), { exchange: `${exchange}.${round}.${index}` })),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.type === 'confirmed')).toEqual([]);
      expect(await broker.publish(message('ours'))).toEqual({ type: 'confirmed' });
    }
  });

  test('a name longer than AMQP allows is refused, and the channel goes on', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    const outcomes = await Promise.all([
      broker.publish(message('1')),
      broker.publish(message('2', { routingKey: 'x'.repeat(256) })),
      broker.publish(message('3')),
    ]);
    expect(outcomes.map(({ type }) => type)).toEqual(['confirmed', 'refused', 'confirmed']);
  });

  test('more messages than the window holds are all confirmed', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology, windowMax: 3 });
    const body = JSON.stringify({ filler: 'x'.repeat(60_000) });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => broker.publish(message(String(index), { body }))),
    );
    expect(outcomes.filter((outcome) => outcome.type !== 'confirmed')).toEqual([]);
  });
});

describe('consuming from RabbitMQ', () => {
  test('a consumer whose queue is deleted goes on with the queue declared again', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    const mailbox = new Mailbox();
    await broker.consume({ queue, prefetch: 5, onDelivery: mailbox.onDelivery });
    await onChannel(testAmqpUrl(), (channel) => channel.deleteQueue(queue));
    await eventually(
      'the queue is back',
      async () => (await broker.publish(message('1'))).type === 'confirmed',
    );
    await mailbox.received(1);
    expect(mailbox.ids()).toContain('1');
  });

  test('a message without id, from a stranger, is delivered', async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
    const mailbox = new Mailbox();
    await broker.consume({ queue, prefetch: 5, onDelivery: mailbox.onDelivery });
    await onChannel(testAmqpUrl(), async (channel) => {
      channel.sendToQueue(queue, Buffer.from('hello'));
      await mailbox.received(1);
    });
    expect(mailbox.deliveries[0]).toMatchObject({ messageId: undefined, body: Buffer.from('hello') });
  });
});

describe('connecting to RabbitMQ', () => {
  test('a broker that does not answer is an error that names host and port, and no password', async () => {
    const url = 'amqp://user:secret@127.0.0.1:1/';
    const attempt = connectRabbitMq({ url, topology, connectTimeoutMs: 300 });
    await expect(attempt).rejects.toThrow(
      /RabbitMQ at 127\.0\.0\.1:1: not connected within 300 ms: .*ECONNREFUSED/,
    );
    await expect(attempt).rejects.not.toThrow(/secret/);
  });

  test('a queue that exists with other arguments is an error that says so', async () => {
    await onChannel(testAmqpUrl(), (channel) =>
      channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } }),
    );
    await expect(connectRabbitMq({ url: testAmqpUrl(), topology, connectTimeoutMs: 1_000 })).rejects.toThrow(
      /PRECONDITION_FAILED.*inequivalent arg/s,
    );
  });

  test.each(['', 'localhost:5672', 'http://user:secret@host/', 'amqp:'])(
    '"%s" is no URL for it',
    async (url) => {
      await expect(connectRabbitMq({ url, topology })).rejects.toThrow(/must look like amqp:/);
    },
  );

  test('several processes may declare the same topology at once', async () => {
    const brokers = await Promise.all([1, 2, 3].map(() => connectRabbitMq({ url: testAmqpUrl(), topology })));
    expect(brokers.map((each) => each.isReady())).toEqual([true, true, true]);
    await Promise.all(brokers.map((each) => each.close()));
  });
});

describe('losing RabbitMQ', () => {
  test('after a restart it publishes and consumes again by itself, and meanwhile refuses', async () => {
    const server = await startPrivateRabbitMq();
    try {
      const own = await connectRabbitMq({ url: server.url, topology });
      const mailbox = new Mailbox();
      const consumer = await own.consume({ queue, prefetch: 5, onDelivery: mailbox.onDelivery });
      const paused = await own.consume({ queue, prefetch: 5, onDelivery: new Mailbox().onDelivery });
      await paused.pause();
      expect(await own.publish(message('before'))).toEqual({ type: 'confirmed' });
      await mailbox.received(1);

      await server.kill();
      await eventually('it is not ready', () => Promise.resolve(!own.isReady()));
      expect((await own.publish(message('meanwhile'))).type).toBe('refused');

      await server.start();
      await eventually('it is ready', () => Promise.resolve(own.isReady()));
      expect(await own.publish(message('after'))).toEqual({ type: 'confirmed' });
      await eventually('it consumes', () => Promise.resolve(mailbox.ids().includes('after')));
      await consumer.stop();
      await own.close();
    } finally {
      await server.dispose();
    }
  }, 60_000);
});
