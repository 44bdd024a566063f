import { silentLog, type Log } from '../log.ts';
import { InProcessQueue } from './in-process-queue.ts';
import type { Broker, Consumer, ConsumeOptions, OutgoingMessage, PublishOutcome, Topology } from './port.ts';
import { topicMatches } from './topic-pattern.ts';
import { checkConsumption, checkTopology } from './topology.ts';

export interface InProcessOptions {
  readonly topology: Topology;
  /** Messages that one queue holds beyond those with its handlers; more are refused. Default 10,000. */
  readonly waitingMax?: number;
  /** Pause before a message of a queue without dead-letter route is delivered again. Default 1,000 ms. */
  readonly redeliveryDelayMs?: number;
  readonly log?: Log;
}

/**
 * A broker inside this process, for one process on one machine. It stores nothing: a publish completes only when
 * the handler has finished with the message, so what is lost with the process is still in the outbox.
 *
 * - A queue that nobody consumes refuses, so the row stays in the outbox. While its consumers are paused, messages
 *   wait in memory.
 * - A message that several queues take is confirmed when all have finished; if one refuses, it is published
 *   again later and the others see it twice.
 * - A message that is given up goes to the dead-letter queue in the same publish; if that queue refuses, so does
 *   the publish.
 *
 * @throws TypeError if the topology contradicts itself
 */
export function createInProcessBroker(options: InProcessOptions): Broker {
  checkTopology(options.topology);
  return new InProcessBroker(options);
}

class InProcessBroker implements Broker {
  readonly settlement = 'consumed';
  readonly #topology: Topology;
  readonly #queues: ReadonlyMap<string, InProcessQueue>;
  #isClosed = false;

  constructor({
    topology,
    waitingMax = 10_000,
    redeliveryDelayMs = 1_000,
    log = silentLog,
  }: InProcessOptions) {
    this.#topology = topology;
    this.#queues = new Map(
      topology.queues.map(({ queue, deadLetter }) => {
        const giveUp =
          deadLetter === undefined
            ? undefined
            : (message: OutgoingMessage): Promise<PublishOutcome> =>
                this.#route({ ...message, ...deadLetter, mandatory: true });
        const limits = {
          waitingMax,
          redeliveryDelayMs,
          deliveriesMax: deadLetter?.deliveriesMax ?? Infinity,
        };
        return [queue, new InProcessQueue(queue, limits, giveUp, log)];
      }),
    );
  }

  isReady(): boolean {
    return !this.#isClosed;
  }

  async publish(message: OutgoingMessage): Promise<PublishOutcome> {
    if (this.#isClosed) return { type: 'refused', cause: 'the broker is closed' };
    return this.#route(message);
  }

  async #route(message: OutgoingMessage): Promise<PublishOutcome> {
    const exchange = this.#topology.exchanges.find(({ name }) => name === message.exchange);
    if (exchange === undefined) return { type: 'refused', cause: `no exchange "${message.exchange}"` };
    const matches =
      exchange.kind === 'topic' ? topicMatches : (key: string, sent: string): boolean => key === sent;
    const queues = this.#topology.queues
      .filter(({ bindings }) =>
        bindings.some(
          (bound) => bound.exchange === exchange.name && matches(bound.routingKey, message.routingKey),
        ),
      )
      .flatMap(({ queue }) => this.#queues.get(queue) ?? []);
    if (queues.length === 0) return { type: message.mandatory ? 'unroutable' : 'confirmed' };
    // Ask all before giving it to any: a refusal then costs no duplicate.
    const refusal = queues.map((queue) => queue.refusal()).find((cause) => cause !== undefined);
    if (refusal !== undefined) return { type: 'refused', cause: refusal };
    const outcomes = await Promise.all(queues.map((queue) => queue.take(message)));
    return outcomes.find(({ type }) => type !== 'confirmed') ?? { type: 'confirmed' };
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    checkConsumption(this.#topology, options);
    const queue = this.#queues.get(options.queue);
    if (this.#isClosed || queue === undefined) throw new Error('The broker is closed.');
    return queue.consume(options.prefetch, options.onDelivery);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}
