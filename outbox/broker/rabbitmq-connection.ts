import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ChannelModel, type RecoveringChannelModel } from 'amqplib';
import type { Log } from '../log.ts';
import { within } from '../within.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Shown in RabbitMQ's management page. */
  readonly name: string;
  /** Makes again what dies with a connection: topology, channels, consumers. Repeated until it succeeds. */
  readonly onUp: (connection: ChannelModel) => Promise<void>;
  readonly onDown: () => void;
  readonly log: Log;
}

const setupRetryDelayMs = 500;
const reconnectDelayMaxMs = 2_000;
const handshakeTimeoutMs = 10_000;
const closeTimeoutMs = 5_000;
/** A dead peer is noticed after two to three of these. */
const heartbeatSeconds = 10;

/**
 * One connection that comes back by itself, over amqplib's `recovery` (since 1.1; source: lib/recovery.js of 2.3.1).
 * What that recovery leaves open is done here:
 *
 * - While `setup` runs amqplib listens neither for `error`, which would end the process, nor for `close`, after
 *   which it would take a dead connection for a live one. So listeners come first, and `setup` fails if it died.
 * - After a failed `setup` amqplib waits without bound for the close handshake. So `setup` is repeated here while
 *   the connection lives, and fails only with it.
 */
export class RabbitMqConnection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  #recovering: RecoveringChannelModel | undefined;
  #isUp = false;
  #isBlocked = false;
  #lastError: Error | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** False while disconnected, not yet set up, or blocked by a resource alarm of the broker. */
  isReady(): boolean {
    return this.#isUp && !this.#isBlocked;
  }

  /**
   * Resolves once connected and set up; afterwards the connection is kept up until `close`.
   *
   * @throws Error after `timeoutMs`, with the last trouble met
   */
  async open(timeoutMs: number): Promise<void> {
    const url = new URL(this.#options.url);
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(heartbeatSeconds));
    const recovering = await connect(url.href, {
      timeout: handshakeTimeoutMs,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: this.#options.name },
      recovery: {
        waitForConnect: false,
        maxDelay: reconnectDelayMaxMs,
        setup: (connection: ChannelModel) => this.#setUp(connection),
      },
    });
    this.#recovering = recovering;
    // The listener of `setup` below has it already; but without one here the event would end the process.
    recovering.on('error', () => undefined);
    recovering.on('connect-failed', (error) => this.#note(error, 'not connected'));
    if (await within(timeoutMs, recovering.waitForConnect())) return;
    const cause = this.#lastError;
    throw new Error(`not connected within ${timeoutMs} ms: ${cause ? describeError(cause) : 'no answer'}`, {
      cause,
    });
  }

  /** Idempotent. Waits at most 5 s for the broker's good-bye. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#isUp = false;
    await within(closeTimeoutMs, this.#recovering?.close() ?? Promise.resolve());
  }

  async #setUp(connection: ChannelModel): Promise<void> {
    let death: Error | undefined;
    connection.on('error', (error) => this.#note(error, 'connection error'));
    connection.on('close', (error?: Error) => {
      death = error ?? new Error('connection closed');
      this.#isUp = false;
      this.#isBlocked = false;
      this.#options.onDown();
      this.#note(death, 'connection lost');
    });
    connection.on('blocked', (reason) => {
      this.#isBlocked = true;
      this.#options.log.warn({ connection: this.#options.name, reason }, 'the broker blocks publishers');
    });
    connection.on('unblocked', () => {
      this.#isBlocked = false;
      this.#options.log.info({ connection: this.#options.name }, 'the broker takes messages again');
    });
    const cameUp = async (): Promise<boolean> => {
      try {
        await this.#options.onUp(connection);
        return true;
      } catch (error) {
        this.#note(toError(error), 'set-up failed');
        return false;
      }
    };
    while (!(await cameUp())) {
      if (death !== undefined) throw death;
      await delay(setupRetryDelayMs, undefined, { signal: this.#closing.signal });
    }
    if (death !== undefined) throw death;
    this.#isUp = true;
    this.#options.log.info({ connection: this.#options.name }, 'connected to RabbitMQ');
  }

  #note(error: Error, what: string): void {
    if (this.#closing.signal.aborted) return;
    this.#lastError = error;
    this.#options.log.warn({ err: error, connection: this.#options.name }, what);
  }
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** An AggregateError of refused addresses has no message of its own. */
export function describeError(error: Error & { readonly code?: unknown }): string {
  return error.message || (typeof error.code === 'string' ? error.code : error.name);
}
