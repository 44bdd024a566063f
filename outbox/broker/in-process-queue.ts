import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Consumer, DeliveryHandler, Disposition, OutgoingMessage, PublishOutcome } from './port.ts';

interface QueueLimits {
  readonly waitingMax: number;
  readonly redeliveryDelayMs: number;
  /** Infinity on a queue without dead-letter route. */
  readonly deliveriesMax: number;
}

/** A message in this queue, and the publish that waits for its end. */
interface Entry {
  readonly message: OutgoingMessage;
  deliveries: number;
  readonly settle: (outcome: PublishOutcome) => void;
}

/** One queue in memory: first in, first out, each consumer with its own prefetch. */
export class InProcessQueue {
  readonly #name: string;
  readonly #limits: QueueLimits;
  readonly #giveUp: ((message: OutgoingMessage) => Promise<PublishOutcome>) | undefined;
  readonly #log: Log;
  readonly #waiting: Entry[] = [];
  readonly #consumers: InProcessConsumer[] = [];
  readonly #closing = new AbortController();

  constructor(
    name: string,
    limits: QueueLimits,
    giveUp: ((message: OutgoingMessage) => Promise<PublishOutcome>) | undefined,
    log: Log,
  ) {
    this.#name = name;
    this.#limits = limits;
    this.#giveUp = giveUp;
    this.#log = log;
  }

  /** Why this queue takes nothing now, or undefined if it does. */
  refusal(): string | undefined {
    if (this.#consumers.length === 0) return `queue "${this.#name}" has no consumer`;
    if (this.#waiting.length >= this.#limits.waitingMax) return `queue "${this.#name}" is full`;
    return undefined;
  }

  /** Resolves when the message has come to its end here. */
  take(message: OutgoingMessage): Promise<PublishOutcome> {
    return new Promise((settle) => {
      this.#waiting.push({ message, deliveries: 0, settle });
      this.#deliver();
    });
  }

  consume(prefetch: number, onDelivery: DeliveryHandler): Consumer {
    const consumer = new InProcessConsumer(prefetch, onDelivery, {
      canTake: () => this.#deliver(),
      hasStopped: () => this.#forget(consumer),
    });
    this.#consumers.push(consumer);
    this.#deliver();
    return consumer;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
  }

  #forget(consumer: InProcessConsumer): void {
    const place = this.#consumers.indexOf(consumer);
    if (place !== -1) this.#consumers.splice(place, 1);
    if (this.#consumers.length > 0) return;
    for (const entry of this.#waiting.splice(0)) this.#refuse(entry);
  }

  #refuse(entry: Entry): void {
    entry.settle({ type: 'refused', cause: `queue "${this.#name}" has no consumer any more` });
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      const consumer = this.#consumers.find((candidate) => candidate.hasRoom());
      const entry = consumer && this.#waiting.shift();
      if (consumer === undefined || entry === undefined) return;
      // The next message goes to the next consumer.
      this.#consumers.push(...this.#consumers.splice(this.#consumers.indexOf(consumer), 1));
      void consumer.hand(() => this.#settleOne(consumer, entry));
    }
  }

  /** Delivers once, and finds out what becomes of the message. Never throws. */
  async #settleOne(consumer: InProcessConsumer, entry: Entry): Promise<void> {
    entry.deliveries += 1;
    const disposition = await this.#callHandler(consumer.onDelivery, entry);
    if (disposition === 'done') return entry.settle({ type: 'confirmed' });
    if (this.#giveUp === undefined) {
      await delay(this.#limits.redeliveryDelayMs, undefined, { signal: this.#closing.signal }).catch(
        () => undefined,
      );
      return this.#putBack(entry);
    }
    if (disposition === 'crashed' && entry.deliveries < this.#limits.deliveriesMax)
      return this.#putBack(entry);
    // Not awaited: the dead-letter queue's handler must not hold a place of this queue's consumer.
    void this.#giveUp(entry.message).then(entry.settle);
  }

  #putBack(entry: Entry): void {
    if (this.#consumers.length === 0 || this.#closing.signal.aborted) return this.#refuse(entry);
    this.#waiting.unshift(entry);
  }

  async #callHandler(
    onDelivery: DeliveryHandler,
    { message, deliveries }: Entry,
  ): Promise<Disposition | 'crashed'> {
    try {
      return await onDelivery({
        messageId: message.id,
        routingKey: message.routingKey,
        body: Buffer.from(message.body),
        redelivered: deliveries > 1,
      });
    } catch (error) {
      this.#log.error({ err: error, queue: this.#name, messageId: message.id, deliveries }, 'handler failed');
      return 'crashed';
    }
  }
}

class InProcessConsumer implements Consumer {
  readonly onDelivery: DeliveryHandler;
  readonly #prefetch: number;
  readonly #queue: { readonly canTake: () => void; readonly hasStopped: () => void };
  readonly #inHand = new Set<Promise<void>>();
  #state: 'running' | 'paused' | 'stopped' = 'running';

  constructor(
    prefetch: number,
    onDelivery: DeliveryHandler,
    queue: { readonly canTake: () => void; readonly hasStopped: () => void },
  ) {
    this.#prefetch = prefetch;
    this.onDelivery = onDelivery;
    this.#queue = queue;
  }

  hasRoom(): boolean {
    return this.#state === 'running' && this.#inHand.size < this.#prefetch;
  }

  async hand(settleOne: () => Promise<void>): Promise<void> {
    const inHand = settleOne();
    this.#inHand.add(inHand);
    await inHand;
    this.#inHand.delete(inHand);
    this.#queue.canTake();
  }

  async pause(): Promise<void> {
    if (this.#state === 'running') this.#state = 'paused';
    await Promise.all(this.#inHand);
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#queue.canTake();
  }

  async stop(): Promise<void> {
    if (this.#state !== 'stopped') {
      this.#state = 'stopped';
      this.#queue.hasStopped();
    }
    await Promise.all(this.#inHand);
  }
}
