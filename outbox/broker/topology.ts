import type { ConsumeOptions, QueueDeclaration, Topology } from './port.ts';

/** The cap of RabbitMQ's quorum queues: https://www.rabbitmq.com/docs/quorum-queues (search "global QoS"). */
const prefetchMax = 2000;

/** @throws TypeError if a name is used but not declared, is declared twice, or a limit is out of its bounds. */
export function checkTopology(topology: Topology): void {
  const exchanges = distinct(topology.exchanges.map((exchange) => exchange.name));
  distinct(topology.queues.map((queue) => queue.queue));
  for (const { queue, bindings, deadLetter } of topology.queues) {
    for (const { exchange } of deadLetter === undefined ? bindings : [...bindings, deadLetter]) {
      if (!exchanges.has(exchange))
        throw new TypeError(`Queue "${queue}" names the unknown exchange "${exchange}".`);
    }
    if (
      deadLetter !== undefined &&
      !(Number.isInteger(deadLetter.deliveriesMax) && deadLetter.deliveriesMax >= 1)
    ) {
      throw new TypeError(`Queue "${queue}": deliveriesMax is a whole number from 1.`);
    }
  }
}

function distinct(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '' || Buffer.byteLength(name) > 255) throw new TypeError(`"${name}" is no name for AMQP.`);
    if (seen.has(name)) throw new TypeError(`"${name}" is declared twice.`);
    seen.add(name);
  }
  return seen;
}

/** @throws TypeError if the queue is not in the topology, or the prefetch is out of bounds. */
export function checkConsumption(topology: Topology, options: ConsumeOptions): QueueDeclaration {
  const declaration = topology.queues.find(({ queue }) => queue === options.queue);
  if (declaration === undefined) throw new TypeError(`Queue "${options.queue}" is not in the topology.`);
  if (!(Number.isInteger(options.prefetch) && options.prefetch >= 1 && options.prefetch <= prefetchMax)) {
    throw new TypeError(`Queue "${options.queue}": prefetch is a whole number from 1 to ${prefetchMax}.`);
  }
  return declaration;
}
