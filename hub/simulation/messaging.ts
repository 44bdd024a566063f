/** A message broker that keeps no promise it does not have to: messages get lost, doubled, late and out of order. */
import type {
  Broker,
  ConsumeOptions,
  Consumer,
  Disposition,
  OutgoingMessage,
  PublishOutcome,
} from '@points-hub/outbox';
import type { HubProcess, World } from './hub-process.ts';
import { isAway } from './database-link.ts';
import type { Rule } from './rules.ts';

interface Message {
  readonly id: string;
  readonly number: number;
  readonly routingKey: string;
  readonly body: string;
  deliveries: number;
}

interface QueueConsumer extends ConsumeOptions {
  readonly process: HubProcess;
  readonly inHand: Set<Message>;
  isPaused: boolean;
}

interface Queue {
  ready: Message[];
  readonly consumers: QueueConsumer[];
  highestNumber: number;
}

export interface MessagingOptions {
  readonly world: World;
  /** The name of the queue of dead letters. */
  readonly deadLetters: string;
  /** Told when a handler threw, which no fault makes it do. */
  readonly report: (rule: Rule, detail: string) => void;
  /** A dead letter leaves its queue for good. */
  readonly onDeadLetterDone: (messageId: string, body: string) => void;
}

export class Messaging {
  readonly #options: MessagingOptions;
  readonly #world: World;
  readonly #queues = new Map<string, Queue>();
  /** Deliveries after which a message is given up. */
  readonly #deliveriesMax: number;
  #published = 0;
  #dying = 0;

  constructor(options: MessagingOptions) {
    this.#options = options;
    this.#world = options.world;
    this.#deliveriesMax = this.#world.dice.pick([2, 3, 20]);
  }

  /** Dead letters of which no case has been made yet. */
  get deadLetters(): number {
    return this.#dying;
  }

  /** The broker as one process reaches it. Its queues are named as their routing keys. */
  connect(process: HubProcess): Broker {
    return {
      settlement: 'stored',
      publish: (message) => Promise.resolve(this.publish(message)),
      consume: (options) => (process.isDead ? never() : Promise.resolve(this.#consume(process, options))),
      isReady: () => true,
      close: () => Promise.resolve(),
    };
  }

  publish({ id, routingKey, body }: OutgoingMessage): PublishOutcome {
    const { faults, dice } = this.#world;
    this.#published += 1;
    if (faults.strikes('queue purged')) this.#purge(routingKey);
    if (faults.strikes('message lost')) return { type: 'confirmed' };
    const copies = faults.strikes('message doubled') ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isLate = faults.strikes('message late');
      const isUnreadable = faults.strikes('message unreadable');
      const message = {
        id,
        number: this.#published,
        routingKey,
        deliveries: 0,
        body: isUnreadable ? body.slice(0, dice.whole(0, body.length - 1)) : body,
      };
      this.#world.time.after(isLate ? dice.whole(200, 60_000) : dice.whole(1, 4), () =>
        this.#arrive(message),
      );
    }
    return faults.strikes('confirm lost') ? { type: 'unconfirmed', cause: 'lost' } : { type: 'confirmed' };
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = { ready: [], consumers: [], highestNumber: 0 };
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #purge(name: string): void {
    const queue = this.#queue(name);
    if (queue.ready.length > 0) this.#world.faults.met('messages purged');
    queue.ready = [];
  }

  #arrive(message: Message): void {
    const queue = this.#queue(message.routingKey);
    if (message.number < queue.highestNumber) this.#world.faults.met('message out of order');
    queue.highestNumber = Math.max(queue.highestNumber, message.number);
    queue.ready.push(message);
    this.#deliver(queue);
  }

  #consume(process: HubProcess, options: ConsumeOptions): Consumer {
    const queue = this.#queue(options.queue);
    const consumer: QueueConsumer = { ...options, process, inHand: new Set(), isPaused: false };
    queue.consumers.push(consumer);
    const stop = (): Promise<void> => {
      const place = queue.consumers.indexOf(consumer);
      if (place !== -1) queue.consumers.splice(place, 1);
      return Promise.resolve();
    };
    process.whenDead(() => {
      void stop();
      for (const message of consumer.inHand) this.#putBack(queue, message);
      consumer.inHand.clear();
    });
    this.#deliver(queue);
    return {
      pause: () => {
        consumer.isPaused = true;
        return Promise.resolve();
      },
      resume: () => {
        consumer.isPaused = false;
        this.#deliver(queue);
        return Promise.resolve();
      },
      stop,
    };
  }

  #deliver(queue: Queue): void {
    while (queue.ready.length > 0) {
      const place = queue.consumers.findIndex(
        ({ inHand, prefetch, isPaused }) => !isPaused && inHand.size < prefetch,
      );
      const consumer = queue.consumers[place];
      const message = consumer && queue.ready.shift();
      if (consumer === undefined || message === undefined) return;
      // The next message goes to the next consumer.
      queue.consumers.push(...queue.consumers.splice(place, 1));
      consumer.inHand.add(message);
      consumer.process.whenAwake(() => this.#hand(queue, consumer, message));
    }
  }

  #hand(queue: Queue, consumer: QueueConsumer, message: Message): void {
    message.deliveries += 1;
    const { id: messageId, routingKey, body, deliveries } = message;
    const redelivered = deliveries > 1;
    this.#note(`message ${messageId} to ${consumer.process.name}${redelivered ? ' again' : ''}`);
    consumer.onDelivery({ messageId, routingKey, body: Buffer.from(body), redelivered }).then(
      (disposition) => {
        consumer.process.whenAwake(() => this.#settle(queue, consumer, message, disposition));
      },
      (error: unknown) => {
        // Dead letters wait in their queue for a database that is away; nobody else's handler may throw.
        if (!(this.#isOfDeadLetters(queue) && isAway(error)))
          this.#options.report('nothing throws', `handling a delivery: ${String(error)}`);
        if (!consumer.inHand.delete(message)) return;
        this.#putBack(queue, message);
        this.#deliver(queue);
      },
    );
  }

  #settle(queue: Queue, consumer: QueueConsumer, message: Message, disposition: Disposition): void {
    if (!consumer.process.survives('before ack') || !consumer.inHand.delete(message)) return;
    if (disposition === 'set_aside') {
      this.#world.faults.met('message set aside');
      this.#bury(message);
    }
    if (this.#world.faults.strikes('ack lost')) this.#putBack(queue, message);
    else if (this.#isOfDeadLetters(queue)) {
      this.#dying -= 1;
      this.#world.faults.met('dead letter made a case');
      this.#options.onDeadLetterDone(message.id, message.body);
    }
    this.#deliver(queue);
  }

  #isOfDeadLetters(queue: Queue): boolean {
    return queue === this.#queue(this.#options.deadLetters);
  }

  /** At least once: a broker that moves a message may do so twice. */
  #bury(message: Message): void {
    const copies = this.#world.faults.strikes('message doubled') ? 2 : 1;
    const { deadLetters } = this.#options;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#dying += 1;
      this.#world.time.after(this.#world.dice.whole(1, 50), () =>
        this.#arrive({ ...message, routingKey: deadLetters, deliveries: 0 }),
      );
    }
  }

  #putBack(queue: Queue, message: Message): void {
    if (message.deliveries >= this.#deliveriesMax && !this.#isOfDeadLetters(queue)) {
      this.#world.faults.met('message given up');
      this.#bury(message);
      return;
    }
    this.#world.faults.met('message delivered again');
    this.#world.time.after(this.#world.dice.whole(1, 500), () => {
      queue.ready.unshift(message);
      this.#deliver(queue);
    });
  }

  #note(line: string): void {
    this.#world.trace.note(this.#world.time.elapsedMs, line);
  }
}

/** What became of a process that died is heard by nobody. */
function never<Result>(): Promise<Result> {
  return new Promise(() => undefined);
}
