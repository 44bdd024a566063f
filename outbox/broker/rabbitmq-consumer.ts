import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Log } from '../log.ts';
import type { Consumer, ConsumeOptions, Disposition } from './port.ts';

export interface QueueConsumerOptions extends ConsumeOptions {
  /** False for a queue without dead-letter route: the broker would drop what is rejected there. */
  readonly canGiveUp: boolean;
  readonly redeliveryDelayMs: number;
  /** Declares the topology again, for the case that somebody deleted the queue. */
  readonly declare: (connection: ChannelModel) => Promise<void>;
  readonly onStopped: (consumer: QueueConsumer) => void;
  readonly log: Log;
}

interface Subscription {
  readonly channel: Channel;
  readonly consumerTag: string;
}

const retryDelayMinMs = 100;
const retryDelayMaxMs = 5_000;

/**
 * Consumes one queue over a channel of its own. `#wanted` says what should be, `#subscription` what is, and
 * `#reconcile` brings the second to the first whenever something happened to either: the connection came or
 * went, the broker closed the channel or cancelled the consumer (its queue was deleted), or somebody called
 * `pause`, `resume` or `stop`.
 *
 * A delivery is settled on the very channel that delivered it, for its tag means nothing on another one; if that
 * channel has gone, the broker delivers the message again.
 */
export class QueueConsumer implements Consumer {
  readonly #options: QueueConsumerOptions;
  readonly #inHand = new Map<Promise<void>, Channel>();
  #wanted: 'running' | 'paused' | 'stopped' = 'running';
  #connection: ChannelModel | undefined;
  #subscription: Subscription | undefined;
  #turn: Promise<void> = Promise.resolve();
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
  }

  /** Resolves when it consumes, or has failed to; then it tries again by itself. */
  connectionUp(connection: ChannelModel): Promise<void> {
    if (this.#connection !== connection) this.#subscription = undefined;
    this.#connection = connection;
    return this.#reconcile();
  }

  connectionDown(): void {
    this.#connection = undefined;
    this.#subscription = undefined;
  }

  async pause(): Promise<void> {
    if (this.#wanted === 'running') this.#wanted = 'paused';
    await this.#reconcile();
    await Promise.all(this.#inHand.keys());
  }

  async resume(): Promise<void> {
    if (this.#wanted === 'paused') this.#wanted = 'running';
    await this.#reconcile();
  }

  async stop(): Promise<void> {
    this.#wanted = 'stopped';
    clearTimeout(this.#retry);
    await this.#reconcile();
    await Promise.all(this.#inHand.keys());
    this.#options.onStopped(this);
  }

  /** One step after the other, never two at once. Never rejects. */
  #reconcile(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const [connection, subscription] = [this.#connection, this.#subscription];
      if (this.#wanted === 'running') {
        if (connection !== undefined && subscription === undefined) await this.#subscribe(connection);
      } else if (subscription !== undefined) {
        this.#subscription = undefined;
        await this.#unsubscribe(subscription);
      }
    });
    return this.#turn;
  }

  async #subscribe(connection: ChannelModel): Promise<void> {
    const { queue, prefetch, log } = this.#options;
    try {
      if (this.#failures > 0) await this.#options.declare(connection);
      const channel = await connection.createChannel();
      let isOpen = true;
      channel.on('error', (error) =>
        log.warn({ err: error, queue }, 'consuming channel closed by the broker'),
      );
      // Without it, a frame for a consumer that was just cancelled would end the whole connection.
      channel.on('handler-error', (error) => log.warn({ err: error, queue }, 'unexpected frame'));
      channel.on('close', () => {
        isOpen = false;
        this.#lost(channel);
      });
      await channel.prefetch(prefetch);
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message !== null) this.#take(channel, message);
        else void this.#cancelled(channel);
      });
      if (!isOpen) throw new Error('the channel was closed at once');
      this.#subscription = { channel, consumerTag };
      this.#failures = 0;
    } catch (error) {
      log.warn({ err: error, queue }, 'not consuming');
      this.#retryLater();
    }
  }

  async #unsubscribe({ channel, consumerTag }: Subscription): Promise<void> {
    // Fails only if the channel has gone, and then there is nothing left to cancel.
    await channel.cancel(consumerTag).catch(() => undefined);
    void this.#closeWhenIdle(channel);
  }

  async #closeWhenIdle(channel: Channel): Promise<void> {
    await Promise.all([...this.#inHand].filter(([, of]) => of === channel).map(([delivery]) => delivery));
    await channel.close().catch(() => undefined);
  }

  /** The queue was deleted, or its leader moved: https://www.rabbitmq.com/docs/consumer-cancel */
  async #cancelled(channel: Channel): Promise<void> {
    if (this.#subscription?.channel === channel) this.#subscription = undefined;
    this.#options.log.warn({ queue: this.#options.queue }, 'consumer cancelled by the broker');
    this.#retryLater();
    await this.#closeWhenIdle(channel);
  }

  #lost(channel: Channel): void {
    if (this.#subscription?.channel !== channel) return;
    this.#subscription = undefined;
    this.#retryLater();
  }

  #retryLater(): void {
    const delayMs = Math.min(retryDelayMaxMs, retryDelayMinMs * 2 ** this.#failures);
    this.#failures += 1;
    clearTimeout(this.#retry);
    if (this.#wanted === 'stopped') return;
    this.#retry = setTimeout(() => void this.#reconcile(), delayMs);
  }

  #take(channel: Channel, message: ConsumeMessage): void {
    const inHand: Promise<void> = this.#settle(channel, message).finally(() => this.#inHand.delete(inHand));
    this.#inHand.set(inHand, channel);
  }

  async #settle(channel: Channel, message: ConsumeMessage): Promise<void> {
    const disposition = await this.#callHandler(message);
    if (disposition !== 'done' && !this.#options.canGiveUp) await delay(this.#options.redeliveryDelayMs);
    try {
      if (disposition === 'done') channel.ack(message);
      // Reject, not nack: since RabbitMQ 4.3 only a reject counts towards the delivery limit
      // (https://www.rabbitmq.com/docs/quorum-queues, "Poison Message Handling").
      else channel.reject(message, disposition === 'crashed' || !this.#options.canGiveUp);
    } catch {
      // The channel has gone and with it the delivery: the broker delivers the message again.
    }
  }

  async #callHandler(message: ConsumeMessage): Promise<Disposition | 'crashed'> {
    const { messageId } = message.properties as { readonly messageId?: unknown };
    try {
      return await this.#options.onDelivery({
        messageId: typeof messageId === 'string' ? messageId : undefined,
        routingKey: message.fields.routingKey,
        body: message.content,
        redelivered: message.fields.redelivered,
      });
    } catch (error) {
      this.#options.log.error({ err: error, queue: this.#options.queue, messageId }, 'handler failed');
      return 'crashed';
    }
  }
}
