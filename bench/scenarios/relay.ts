/** A full outbox goes out to the channels' quorum queues, with nobody at their other end. */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Channel } from 'amqplib';
import { awaitEmptyOutbox } from '../stand/audit.ts';
import { loadWaitingOrders } from '../stand/load-orders.ts';
import { channelIds, inWorld, type World } from '../stand/world.ts';
import { cpuFigures, cpuMsPerUnit } from './drain.ts';
import type { Measured, Course } from './scenario.ts';

const pollMs = 25;
const patienceMs = 120_000;
const messagesPerOrder = 2;

export function relay({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'relay', latencyMs: 0 }, async (world) => {
    await world.startHub('relay');
    const connection = await connect(stand.amqpUrl);
    try {
      const channel = await connection.createChannel();
      const warmUp = sizes.warmUpOrders * messagesPerOrder;
      await loadWaitingOrders(world, { count: sizes.warmUpOrders });
      // The relay declares the queues; until then a look at them would close the channel.
      await awaitEmptyOutbox(world);
      await passageMs(channel, world, 0, warmUp);

      const orders = Math.ceil(sizes.relayMessages / messagesPerOrder);
      const messages = orders * messagesPerOrder;
      await loadWaitingOrders(world, { count: orders });
      const before = world.usage();
      const tookMs = await passageMs(channel, world, warmUp, messages);
      const cpu = cpuMsPerUnit(before, world.usage(), messages);
      await awaitEmptyOutbox(world);
      const depth = await depthOf(channel, world);
      if (depth !== warmUp + messages)
        throw new Error(`relay: ${warmUp + messages} messages were written and ${depth} are in the queues`);
      return {
        figures: {
          'relay.messages/s': messages / (tookMs / 1_000),
          ...cpuFigures('relay', 'ms/message', cpu),
        },
      };
    } finally {
      await connection.close();
    }
  });
}

/** From the last look that saw none of the messages to the first that saw all. */
async function passageMs(channel: Channel, world: World, before: number, messages: number): Promise<number> {
  const deadlineMs = performance.now() + patienceMs;
  let noneAtMs = performance.now();
  for (;;) {
    const lookedAtMs = performance.now();
    const arrived = (await depthOf(channel, world)) - before;
    if (arrived === 0) noneAtMs = lookedAtMs;
    if (arrived >= messages) return performance.now() - noneAtMs;
    if (performance.now() > deadlineMs)
      throw new Error(`relay: only ${arrived} of ${messages} messages arrived`);
    await delay(pollMs);
  }
}

async function depthOf(channel: Channel, { names }: World): Promise<number> {
  const queues = await Promise.all(channelIds.map((id) => channel.checkQueue(names.queueOf(id))));
  return queues.reduce((sum, { messageCount }) => sum + messageCount, 0);
}
