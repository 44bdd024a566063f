import type { ChannelModel } from 'amqplib';
import type { Log } from '../log.ts';
import type { QueueDeclaration, Topology } from './port.ts';

/**
 * Declares durable exchanges, quorum queues and bindings; what exists already as declared is left alone.
 *
 * @throws Error if something exists with other arguments (406), or the connection is lost
 */
export async function declareTopology(connection: ChannelModel, topology: Topology, log: Log): Promise<void> {
  const channel = await connection.createChannel();
  // The refused declaration rejects as well; without a listener the event would end the process.
  channel.on('error', (error) => log.debug({ err: error }, 'declaration refused'));
  for (const { name, kind } of topology.exchanges) {
    await channel.assertExchange(name, kind, { durable: true });
  }
  // Dead-letter queues first: at-least-once dead lettering holds messages back until their target exists.
  const ordered = topology.queues.toSorted(
    (a, b) => Number(a.deadLetter !== undefined) - Number(b.deadLetter !== undefined),
  );
  for (const declaration of ordered) {
    await channel.assertQueue(declaration.queue, { durable: true, arguments: queueArguments(declaration) });
    for (const { exchange, routingKey } of declaration.bindings) {
      await channel.bindQueue(declaration.queue, exchange, routingKey);
    }
  }
  await channel.close();
}

/** RabbitMQ 4 gives a queue without limit one of 20, then drops; -1 is refused by 3.x; so: a limit never met. */
const deliveryLimitNever = 2_147_483_647;

/**
 * Arguments of a quorum queue. They cannot be changed once the queue exists, so what an operator may want to
 * change (such as max-length) belongs in a policy.
 * Sources: https://www.rabbitmq.com/docs/quorum-queues, https://www.rabbitmq.com/docs/dlx
 */
export function queueArguments({ deadLetter }: QueueDeclaration): Readonly<Record<string, string | number>> {
  const always = {
    'x-queue-type': 'quorum',
    // A full queue answers the publisher with a nack, so the row stays in the outbox; also what the at-least-once
    // strategy below requires.
    'x-overflow': 'reject-publish',
  };
  if (deadLetter === undefined) return { ...always, 'x-delivery-limit': deliveryLimitNever };
  return {
    ...always,
    // The broker counts returns: a limit of n gives the message up when it is returned for the n+1st time.
    'x-delivery-limit': deadLetter.deliveriesMax - 1,
    'x-dead-letter-exchange': deadLetter.exchange,
    'x-dead-letter-routing-key': deadLetter.routingKey,
    // The default is at most once, even on quorum queues.
    'x-dead-letter-strategy': 'at-least-once',
  };
}
