/**
 * The broker as a port: what the relay and the consumers need from a message broker, and nothing more.
 *
 * Two implementations live beside this file and pass one conformance suite: `rabbitmq.ts` for production and
 * `in-process.ts`, the embedded default for one process on one machine. They differ in one promise, which
 * `Broker.settlement` names, because the relay must claim its rows differently for each.
 */

/** A message as it leaves the outbox. `id` is the outbox id and becomes the broker's message id. */
export interface OutgoingMessage {
  readonly id: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** A mandatory message that no queue takes is reported `unroutable`; any other one is then simply confirmed. */
  readonly mandatory: boolean;
  /** The CloudEvents 1.0 envelope in structured mode, as JSON text. */
  readonly body: string;
}

/**
 * What became of one publish. Only `confirmed` allows the outbox row to be deleted.
 * `unroutable` and `refused` are proven: no queue has the message, or not every queue that should.
 * `unconfirmed` is a doubt, not a failure: the broker may have the message, so it is sent again later and
 * consumers must bear the duplicate.
 */
export type PublishOutcome =
  | { readonly type: 'confirmed' }
  | { readonly type: 'unroutable' }
  | { readonly type: 'refused'; readonly cause: string }
  | { readonly type: 'unconfirmed'; readonly cause: string };

/** One arrival of a message. The same message may arrive more than once. */
export interface Delivery {
  /** The outbox id, or undefined when a stranger published without one. */
  readonly messageId: string | undefined;
  /** The key that led it into this queue: for a dead letter, that of `DeadLetterRoute`. */
  readonly routingKey: string;
  readonly body: Buffer;
  readonly redelivered: boolean;
}

/**
 * What the consumer decided: `done` acknowledges; `set_aside` sends the message to the dead-letter queue.
 * A handler that throws counts as a crash: the message is redelivered, at once, until the queue's limit of
 * deliveries and is then dead-lettered. On a queue without a dead-letter route nothing is ever given up: there
 * both a crash and `set_aside` redeliver without limit, after a pause.
 */
export type Disposition = 'done' | 'set_aside';

export type DeliveryHandler = (delivery: Delivery) => Promise<Disposition>;

export interface ConsumeOptions {
  /** A queue of the topology; any other one throws, being an error of the program. */
  readonly queue: string;
  /** How many deliveries may be with the handler at once; 1 to 2000 (the cap of quorum queues). */
  readonly prefetch: number;
  readonly onDelivery: DeliveryHandler;
}

/** The broker never ends a handler: a handler bounds its own time, or `pause`, `stop` and `close` wait for it. */
export interface Consumer {
  /** Stops new deliveries and resolves when those in hand have been settled. Idempotent. */
  pause(): Promise<void>;
  /** Takes deliveries again, if not stopped. Idempotent. */
  resume(): Promise<void>;
  /** Like `pause`, for good. Idempotent. */
  stop(): Promise<void>;
}

/** Where a queue's given-up messages go: those set aside, and those that crashed their handler too often. */
export interface DeadLetterRoute {
  readonly exchange: string;
  readonly routingKey: string;
  /** Deliveries, the first included, after which a message is given up; a guard against crash loops, 1 or more. */
  readonly deliveriesMax: number;
}

export interface QueueDeclaration {
  readonly queue: string;
  /** Routing keys (for a topic exchange: patterns) that lead into this queue. */
  readonly bindings: readonly { readonly exchange: string; readonly routingKey: string }[];
  /** Absent for a dead-letter queue itself: what is there stays there until it is `done`. */
  readonly deadLetter?: DeadLetterRoute;
}

export interface Topology {
  readonly exchanges: readonly { readonly name: string; readonly kind: 'direct' | 'topic' }[];
  readonly queues: readonly QueueDeclaration[];
}

export interface Broker {
  /**
   * When a publish completes. `stored`: once the broker has the message safely (RabbitMQ), so one transaction
   * can claim, publish and delete. `consumed`: only once a handler has finished with it (in-process), which may
   * take long, so the relay holds its rows by a claim instead of by an open transaction.
   */
  readonly settlement: 'stored' | 'consumed';
  /** Never throws and never sends again by itself: trouble is an outcome. */
  publish(message: OutgoingMessage): Promise<PublishOutcome>;
  /** Keeps consuming, whatever happens to connection or queue, until stopped. */
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** False while the connection is down, while the broker blocks publishers, and after `close`. */
  isReady(): boolean;
  /** Stops every consumer, waits for deliveries in hand and for open confirms, closes the connection. Idempotent. */
  close(): Promise<void>;
}
