/** A full outbox goes out to a channel's quorum queue, with nobody at its other end; raw publishes take turns with it. */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Channel } from 'amqplib';
import { publishesPerSecond } from '../raw/rabbitmq.ts';
import { awaitEmptyOutbox } from '../stand/audit.ts';
import { loadWaitingOrders } from '../stand/load-orders.ts';
import { median, medianByName, takeTurns } from '../statistics.ts';
import { channelIds, inWorld, type World } from '../stand/world.ts';
import { cpuFigures, cpuMsPerUnit } from './drain.ts';
import type { Measured, Course } from './scenario.ts';

const pollMs = 25;
const patienceMs = 120_000;
/** One queue, as the raw rate has one. */
const channelId = channelIds[0] ?? '';
const channelsOf = (): readonly string[] => [channelId];

export function relay({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'relay', latencyMs: 0 }, async (world) => {
    await world.startHub('relay');
    const connection = await connect(stand.amqpUrl);
    try {
      const channel = await connection.createChannel();
      await loadWaitingOrders(world, { count: sizes.warmUpOrders, channelsOf });
      // The relay declares the queue; until then a look at it would close the channel.
      await awaitEmptyOutbox(world);
      await takeAll(channel, world, sizes.warmUpOrders);
      const turns = await takeTurns(
        sizes.rounds,
        () => publishesPerSecond(stand.amqpUrl, sizes.rawSeconds),
        () => drain(channel, world, sizes.relayMessages),
      );
      return {
        figures: {
          'relay.messages/s': median(turns.map(({ ours }) => ours.messagesPerSecond)),
          'relay.share of raw publishes': median(turns.map(({ ours, raw }) => ours.messagesPerSecond / raw)),
          ...cpuFigures('relay', 'ms/message', medianByName(turns.map(({ ours }) => ours.cpu))),
        },
      };
    } finally {
      await connection.close();
    }
  });
}

async function drain(
  channel: Channel,
  world: World,
  messages: number,
): Promise<{ readonly messagesPerSecond: number; readonly cpu: Readonly<Record<string, number>> }> {
  await loadWaitingOrders(world, { count: messages, channelsOf });
  const before = world.usage();
  const tookMs = await passageMs(channel, world, messages);
  const cpu = cpuMsPerUnit(before, world.usage(), messages);
  await awaitEmptyOutbox(world);
  await takeAll(channel, world, messages);
  return { messagesPerSecond: messages / (tookMs / 1_000), cpu };
}

/** From the last look that saw none of the messages to the first that saw all. */
async function passageMs(channel: Channel, { names }: World, messages: number): Promise<number> {
  const deadlineMs = performance.now() + patienceMs;
  let noneAtMs = performance.now();
  for (;;) {
    const lookedAtMs = performance.now();
    const { messageCount: arrived } = await channel.checkQueue(names.queueOf(channelId));
    if (arrived === 0) noneAtMs = lookedAtMs;
    if (arrived >= messages) return performance.now() - noneAtMs;
    if (performance.now() > deadlineMs)
      throw new Error(`relay: only ${arrived} of ${messages} messages arrived`);
    await delay(pollMs);
  }
}

/** @throws Error unless there are so many in the queue */
async function takeAll(channel: Channel, { names }: World, messages: number): Promise<void> {
  const { messageCount } = await channel.purgeQueue(names.queueOf(channelId));
  if (messageCount !== messages)
    throw new Error(`relay: ${messages} messages were written and ${messageCount} were in the queue`);
}
