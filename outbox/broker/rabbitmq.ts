import type { ChannelModel } from 'amqplib';
import { silentLog, type Log } from '../log.ts';
import type { Broker, Consumer, ConsumeOptions, OutgoingMessage, PublishOutcome, Topology } from './port.ts';
import { describeError, RabbitMqConnection, toError } from './rabbitmq-connection.ts';
import { QueueConsumer } from './rabbitmq-consumer.ts';
import { ExchangePublisher } from './rabbitmq-publisher.ts';
import { declareTopology } from './rabbitmq-topology.ts';
import { checkConsumption, checkTopology } from './topology.ts';

export interface RabbitMqOptions {
  /** `amqp://user:password@host:port/vhost` or `amqps://`; a `heartbeat` of its own may be set in the query. */
  readonly url: string;
  readonly topology: Topology;
  /** How long to wait for the first connection. Default 15,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Messages in flight per exchange. Default 1,000. */
  readonly windowMax?: number;
  /** From `publish` to the confirm; below the 5 s that a relay holds its transaction open. Default 4,000 ms. */
  readonly confirmTimeoutMs?: number;
  /** Pause before a message of a queue without dead-letter route is delivered again. Default 1,000 ms. */
  readonly redeliveryDelayMs?: number;
  /** Shown in RabbitMQ's management page. */
  readonly name?: string;
  readonly log?: Log;
}

/**
 * Connects to RabbitMQ (3.10 to 4.x), declares the topology and returns the broker, which from then on comes back
 * by itself from every loss of its connections. Publishing and consuming have a connection each: a broker that
 * blocks publishers must not hold up acknowledgements (https://www.rabbitmq.com/docs/alarms).
 *
 * @throws TypeError if the URL is not one of AMQP or the topology contradicts itself
 * @throws Error if RabbitMQ cannot be reached, refuses us, or holds a queue declared otherwise, until the time is
 *   up; the message names host and port and never the password
 */
export async function connectRabbitMq(options: RabbitMqOptions): Promise<Broker> {
  checkTopology(options.topology);
  const address = addressOf(options.url);
  const broker = new RabbitMqBroker(options, address);
  try {
    await broker.open(options.connectTimeoutMs ?? 15_000);
    return broker;
  } catch (error) {
    await broker.close();
    throw new Error(`RabbitMQ at ${address}: ${describeError(toError(error))}`, { cause: error });
  }
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['amqp:', 'amqps:'].includes(url.protocol) || url.hostname === '') {
    // The text is not repeated: it may hold a password.
    throw new TypeError('The URL of RabbitMQ must look like amqp://user:password@host:5672/vhost.');
  }
  return `${url.hostname}:${url.port || (url.protocol === 'amqps:' ? '5671' : '5672')}`;
}

/** Exchanges named by messages, not by the topology, could be without number; idle ones make room. */
const publishersMax = 64;

function refused(cause: string): Promise<PublishOutcome> {
  return Promise.resolve({ type: 'refused', cause });
}

class RabbitMqBroker implements Broker {
  readonly settlement = 'stored';
  readonly #options: RabbitMqOptions;
  readonly #address: string;
  readonly #log: Log;
  readonly #publishing: RabbitMqConnection;
  readonly #consuming: RabbitMqConnection;
  readonly #publishers = new Map<string, ExchangePublisher>();
  readonly #consumers = new Set<QueueConsumer>();
  #publishingModel: ChannelModel | undefined;
  #consumingModel: ChannelModel | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RabbitMqOptions, address: string) {
    this.#options = options;
    this.#address = address;
    this.#log = options.log ?? silentLog;
    const name = options.name ?? 'outbox';
    this.#publishing = new RabbitMqConnection({
      url: options.url,
      name: `${name} publishing`,
      log: this.#log,
      onUp: async (connection) => {
        await this.#declare(connection);
        this.#publishingModel = connection;
      },
      onDown: () => {
        this.#publishingModel = undefined;
        this.#publishers.clear();
      },
    });
    this.#consuming = new RabbitMqConnection({
      url: options.url,
      name: `${name} consuming`,
      log: this.#log,
      onUp: async (connection) => {
        await this.#declare(connection);
        this.#consumingModel = connection;
        await Promise.all([...this.#consumers].map((consumer) => consumer.connectionUp(connection)));
      },
      onDown: () => {
        this.#consumingModel = undefined;
        for (const consumer of this.#consumers) consumer.connectionDown();
      },
    });
  }

  async open(timeoutMs: number): Promise<void> {
    await Promise.all([this.#publishing.open(timeoutMs), this.#consuming.open(timeoutMs)]);
  }

  isReady(): boolean {
    return this.#closing === undefined && this.#publishing.isReady();
  }

  publish(message: OutgoingMessage): Promise<PublishOutcome> {
    if (this.#closing !== undefined) return refused('the broker is closed');
    const connection = this.#publishingModel;
    if (connection === undefined || !this.#publishing.isReady()) {
      return refused(`RabbitMQ at ${this.#address} takes no messages now`);
    }
    const publisher = this.#publisherTo(message.exchange, connection);
    return publisher?.publish(message) ?? refused(`more than ${publishersMax} exchanges at once`);
  }

  #publisherTo(exchange: string, connection: ChannelModel): ExchangePublisher | undefined {
    const known = this.#publishers.get(exchange);
    if (known !== undefined) return known;
    if (this.#publishers.size >= publishersMax) {
      const idle = [...this.#publishers].find(([, publisher]) => publisher.isIdle());
      if (idle === undefined) return undefined;
      this.#publishers.delete(idle[0]);
      void idle[1].close();
    }
    const { windowMax = 1_000, confirmTimeoutMs = 4_000 } = this.#options;
    const publisher = new ExchangePublisher(exchange, connection, { windowMax, confirmTimeoutMs }, this.#log);
    this.#publishers.set(exchange, publisher);
    return publisher;
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const { deadLetter } = checkConsumption(this.#options.topology, options);
    if (this.#closing !== undefined) throw new Error('The broker is closed.');
    const consumer = new QueueConsumer({
      ...options,
      canGiveUp: deadLetter !== undefined,
      redeliveryDelayMs: this.#options.redeliveryDelayMs ?? 1_000,
      declare: (connection) => this.#declare(connection),
      onStopped: (stopped) => this.#consumers.delete(stopped),
      log: this.#log,
    });
    this.#consumers.add(consumer);
    if (this.#consumingModel !== undefined) await consumer.connectionUp(this.#consumingModel);
    return consumer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.idle()));
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  #declare(connection: ChannelModel): Promise<void> {
    return declareTopology(connection, this.#options.topology, this.#log);
  }
}
