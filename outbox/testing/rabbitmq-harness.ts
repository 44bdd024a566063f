import { connect, type Channel } from 'amqplib';
import type { Topology } from '../broker/port.ts';
import { connectRabbitMq, type RabbitMqOptions } from '../broker/rabbitmq.ts';
import type { BrokerHarness } from './index.ts';

/** A channel beside the broker under test, for what the port cannot do. Closed with its connection afterwards. */
export async function onChannel<T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    return await work(channel);
  } finally {
    await connection.close();
  }
}

export async function removeTopology(url: string, topology: Topology): Promise<void> {
  await onChannel(url, async (channel) => {
    for (const { queue } of topology.queues) await channel.deleteQueue(queue);
    for (const { name } of topology.exchanges) await channel.deleteExchange(name);
  });
}

/** RabbitMQ for `describeBroker`: what a test declares there is removed after it. */
export function rabbitMqHarness(
  url: string,
  prefix: string,
  options: Partial<RabbitMqOptions> = {},
): BrokerHarness {
  const opened: Topology[] = [];
  return {
    prefix,
    open: (topology) => {
      opened.push(topology);
      return connectRabbitMq({ redeliveryDelayMs: 20, ...options, url, topology });
    },
    dispose: async () => {
      for (const topology of opened) await removeTopology(url, topology);
    },
  };
}
