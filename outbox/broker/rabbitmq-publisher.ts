import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { envelopeMediaType } from '../envelope.ts';
import type { Log } from '../log.ts';
import type { OutgoingMessage, PublishOutcome } from './port.ts';
import { describeError, toError } from './rabbitmq-connection.ts';

export interface PublisherLimits {
  /** Messages sent and not yet confirmed, per exchange. */
  readonly windowMax: number;
  /** From `publish` to the confirm. */
  readonly confirmTimeoutMs: number;
}

interface Entry {
  readonly message: OutgoingMessage;
  readonly settle: (outcome: PublishOutcome) => void;
  readonly deadlineMs: number;
  state: 'waiting' | 'sent' | 'settled';
  channel: ConfirmChannel | undefined;
  wasReturned: boolean;
}

/** After this many confirms that never came, the channel is given up, or its memory would grow for ever. */
const lateMax = 10_000;

/**
 * Publishes to one exchange, over a confirm channel of its own: the broker closes the whole channel when an
 * exchange is missing or forbidden, and that must not touch messages to any other exchange.
 *
 * Many messages are in flight at once, up to the window. Nothing is ever sent twice: whatever was in flight when
 * the channel went is `unconfirmed`.
 *
 * Sources: https://www.rabbitmq.com/docs/confirms (a return comes before its ack, confirms come in any order),
 * lib/channel.js of amqplib 2.3.1 (a closing channel calls every open confirm callback; none has a time-out).
 */
export class ExchangePublisher {
  readonly #exchange: string;
  readonly #connection: ChannelModel;
  readonly #limits: PublisherLimits;
  readonly #log: Log;
  /** Every message that is not settled, oldest first. */
  readonly #open = new Map<string, Entry>();
  #waiting: Entry[] = [];
  #sentCount = 0;
  #lateCount = 0;
  #channel: ConfirmChannel | undefined;
  #isOpening = false;
  #isFull = false;
  readonly #whenIdle: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: string, connection: ChannelModel, limits: PublisherLimits, log: Log) {
    this.#exchange = exchange;
    this.#connection = connection;
    this.#limits = limits;
    this.#log = log;
  }

  isIdle(): boolean {
    return this.#open.size === 0;
  }

  /** Resolves when every message is settled, which the time-out bounds. */
  async idle(): Promise<void> {
    if (!this.isIdle()) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    if (this.#open.has(message.id)) {
      return Promise.resolve({ type: 'refused', cause: 'this message is being published already' });
    }
    return new Promise((resolve) => {
      const entry: Entry = {
        message,
        settle: resolve,
        deadlineMs: performance.now() + this.#limits.confirmTimeoutMs,
        state: 'waiting',
        channel: undefined,
        wasReturned: false,
      };
      this.#open.set(message.id, entry);
      this.#waiting.push(entry);
      this.#timer ??= setTimeout(() => this.#expire(), this.#limits.confirmTimeoutMs);
      this.#send();
    });
  }

  /** Ends the channel: what waits to be sent is refused, what was sent and is open is `unconfirmed`. */
  async close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#refuseWaiting('the channel is being closed');
    await channel?.close().catch(() => undefined);
  }

  #send(): void {
    const channel = this.#channel;
    if (channel === undefined) {
      if (!this.#isOpening && this.#waiting.length > 0) void this.#openChannel();
      return;
    }
    while (!this.#isFull && this.#sentCount < this.#limits.windowMax) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      if (entry.state === 'waiting') this.#sendOne(channel, entry);
    }
  }

  #sendOne(channel: ConfirmChannel, entry: Entry): void {
    const { routingKey, body, mandatory, id } = entry.message;
    const options = { persistent: true, mandatory, messageId: id, contentType: envelopeMediaType };
    const onConfirm = (error: unknown): void => this.#confirmed(channel, entry, error);
    try {
      // False means "buffered, and send no more until drained": the message must not be sent again.
      this.#isFull = !channel.publish(this.#exchange, routingKey, Buffer.from(body), options, onConfirm);
      entry.state = 'sent';
      entry.channel = channel;
      this.#sentCount += 1;
    } catch (error) {
      // Not written: the channel was closed a moment ago, or a name is longer than AMQP allows.
      this.#settle(entry, { type: 'refused', cause: describeError(toError(error)) });
    }
  }

  #confirmed(channel: ConfirmChannel, entry: Entry, error: unknown): void {
    // A channel that has closed has settled its messages before.
    if (channel !== this.#channel) return;
    if (entry.state === 'settled') {
      this.#lateCount -= 1;
      return;
    }
    if (error !== null) {
      this.#settle(entry, { type: 'refused', cause: 'the broker answered with a nack (a full queue does)' });
    } else {
      this.#settle(entry, { type: entry.wasReturned ? 'unroutable' : 'confirmed' });
    }
    this.#send();
  }

  #settle(entry: Entry, outcome: PublishOutcome): void {
    if (entry.state === 'sent') this.#sentCount -= 1;
    entry.state = 'settled';
    this.#open.delete(entry.message.id);
    if (this.#open.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
    entry.settle(outcome);
  }

  /** All time-outs are equal, so the oldest message expires first and one timer serves them all. */
  #expire(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const entry of this.#open.values()) {
      if (entry.deadlineMs > nowMs) {
        this.#timer = setTimeout(() => this.#expire(), entry.deadlineMs - nowMs);
        break;
      }
      if (entry.state === 'sent') {
        this.#lateCount += 1;
        this.#settle(entry, {
          type: 'unconfirmed',
          cause: `no confirm within ${this.#limits.confirmTimeoutMs} ms`,
        });
      } else {
        this.#settle(entry, {
          type: 'refused',
          cause: 'not sent: earlier messages were not confirmed in time',
        });
      }
    }
    if (this.#lateCount >= lateMax) void this.close();
    this.#send();
  }

  async #openChannel(): Promise<void> {
    this.#isOpening = true;
    try {
      const channel = await this.#connection.createConfirmChannel();
      let failure: Error | undefined;
      channel.on('error', (error) => {
        failure = error;
        this.#log.warn({ err: error, exchange: this.#exchange }, 'publishing channel closed by the broker');
      });
      channel.on('return', ({ properties }) => {
        const entry = this.#open.get(String(properties.messageId));
        if (entry !== undefined) entry.wasReturned = true;
      });
      channel.on('drain', () => {
        this.#isFull = false;
        this.#send();
      });
      // Before amqplib's own listener, which calls every open confirm callback with one and the same error.
      channel.prependListener('close', () => this.#channelClosed(channel, failure));
      this.#channel = channel;
      this.#isFull = false;
      this.#lateCount = 0;
    } catch (error) {
      this.#refuseWaiting(`no channel: ${describeError(toError(error))}`);
    } finally {
      this.#isOpening = false;
    }
    this.#send();
  }

  #channelClosed(channel: ConfirmChannel, failure: Error | undefined): void {
    if (this.#channel === channel) this.#channel = undefined;
    const cause = failure ? describeError(failure) : 'the channel was closed before the confirm';
    for (const entry of this.#open.values()) {
      if (entry.channel === channel) this.#settle(entry, { type: 'unconfirmed', cause });
    }
    // Not at once: a connection on its way down is still closing its channels. Once it is down, opening another
    // channel fails, and what waits is refused.
    setImmediate(() => this.#send());
  }

  #refuseWaiting(cause: string): void {
    for (const entry of this.#waiting.splice(0)) {
      if (entry.state === 'waiting') this.#settle(entry, { type: 'refused', cause });
    }
  }
}
