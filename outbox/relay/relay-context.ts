import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Broker, OutgoingMessage, PublishOutcome } from '../broker/port.ts';
import type { Log } from '../log.ts';
import { backoffMs, type BackoffLimits } from './backoff.ts';
import type { Publication } from './publication.ts';
import { Signal } from './signal.ts';

export type OutcomeCounts = Readonly<Record<PublishOutcome['type'], number>>;

export interface ContextOptions {
  readonly knex: Knex;
  readonly broker: Broker;
  readonly source: string;
  readonly batchMax: number;
  readonly pollMaxMs: number;
  readonly random: () => number;
  readonly onPublished: (message: OutgoingMessage, outcome: PublishOutcome) => void;
  readonly log: Log;
}

const pollMinMs = 3;
/** So many looks that find nothing follow each other at that pace, for about a second; then they become rarer. */
const quickLooks = 256;
const many = 10;
const restMs = 10;
const readyPollMs = 50;
const troubleBackoff: BackoffLimits = { delayMinMs: 100, delayMaxMs: 5_000 };

/** What both kinds of relay share: their ports, their pace, their counts and their end. */
export class RelayContext {
  readonly knex: Knex;
  readonly broker: Broker;
  readonly source: string;
  readonly batchMax: number;
  readonly random: () => number;
  readonly log: Log;
  readonly signal = new Signal();
  readonly #options: ContextOptions;
  readonly #stopping = new AbortController();
  readonly #counts: Record<PublishOutcome['type'], number> = {
    confirmed: 0,
    unroutable: 0,
    refused: 0,
    unconfirmed: 0,
  };

  constructor(options: ContextOptions) {
    this.#options = options;
    this.knex = options.knex;
    this.broker = options.broker;
    this.source = options.source;
    this.batchMax = options.batchMax;
    this.random = options.random;
    this.log = options.log;
  }

  isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  stop(): void {
    this.#stopping.abort();
    this.signal.end();
  }

  counts(): OutcomeCounts {
    return { ...this.#counts };
  }

  /** Called when the rows' new state is committed, so that nothing is reported that may yet be undone. */
  count(publications: readonly Publication[]): void {
    for (const { message, outcome } of publications) {
      this.#counts[outcome.type] += 1;
      this.#options.onPublished(message, outcome);
    }
    const troubled = publications.filter(({ outcome }) => outcome.type !== 'confirmed');
    const first = troubled[0];
    if (first === undefined) return;
    const { id, exchange, routingKey } = first.message;
    this.log.warn(
      { count: troubled.length, first: { id, exchange, routingKey, outcome: first.outcome } },
      'messages not published, to be tried again',
    );
  }

  /** The rhythm of one loop. `polls` tells whether it looks for work by itself or only when signalled. */
  pace(loop: number, polls: boolean): Pace {
    return new Pace(this, this.#stopping.signal, { loop, polls, pollMaxMs: this.#options.pollMaxMs });
  }
}

/** At once while there is work, slower and slower when there has been none for a while. */
export class Pace {
  readonly #context: RelayContext;
  readonly #stopping: AbortSignal;
  readonly #options: { readonly loop: number; readonly polls: boolean; readonly pollMaxMs: number };
  #idleMs = pollMinMs;
  #idleLooks = 0;
  #failures = 0;

  constructor(
    context: RelayContext,
    stopping: AbortSignal,
    options: { readonly loop: number; readonly polls: boolean; readonly pollMaxMs: number },
  ) {
    this.#context = context;
    this.#stopping = stopping;
    this.#options = options;
  }

  /** Nothing was there. */
  async idle(): Promise<void> {
    this.#failures = 0;
    await this.#context.signal.wait(this.#options.loop, this.#options.polls ? this.#idleMs : Infinity);
    this.#idleLooks += 1;
    if (this.#idleLooks > quickLooks) this.#idleMs = Math.min(this.#options.pollMaxMs, this.#idleMs * 2);
  }

  /**
   * All that was there is done. A short rest, so that a steady trickle is taken in handfuls, not one by one; a longer
   * one after many, which would only come as many more, smaller transactions.
   */
  async caughtUp(count: number): Promise<void> {
    this.#failures = 0;
    this.#idleMs = pollMinMs;
    this.#idleLooks = 0;
    await this.#sleep(count < many ? pollMinMs : restMs);
  }

  async notReady(): Promise<void> {
    await this.#sleep(readyPollMs);
  }

  /** The database is away, or does not know the outbox: the process lives on and tries again. */
  async failed(error: unknown): Promise<void> {
    const delayMs = Math.round(backoffMs(this.#failures, troubleBackoff, this.#context.random()));
    this.#failures += 1;
    this.#context.log.warn({ err: error, failures: this.#failures, delayMs }, 'relay: trying again');
    await this.#sleep(delayMs);
  }

  async #sleep(delayMs: number): Promise<void> {
    await delay(delayMs, undefined, { signal: this.#stopping }).catch(() => undefined);
  }
}
