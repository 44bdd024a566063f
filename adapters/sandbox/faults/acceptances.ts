import type { Books } from '../books.ts';
import type { OperationRequest } from '../entries.ts';
import type { Journal } from '../journal.ts';
import type { Terms } from '../keyed-operations.ts';
import type { Timers } from '../timers.ts';
import type { CallFaults } from './call-faults.ts';
import type { Callbacks } from './callbacks.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Fault } from './fault-rules.ts';

/** A request that was answered with 202 and has no effect yet. */
export interface Acceptance {
  readonly id: string;
  readonly request: OperationRequest;
  readonly atMs: number;
  readonly pollAfterMs: number;
}

/**
 * What one channel has promised to do. It is kept in memory only: a sandbox that ends forgets it, without any effect,
 * and one that starts again answers look-ups of it with `TRANSACTION_UNKNOWN`.
 */
export class Acceptances {
  readonly #books: Books;
  readonly #journal: Journal;
  readonly #timers: Timers;
  readonly #callbacks: Callbacks;
  readonly #byKey = new Map<string, Acceptance>();

  constructor(books: Books, journal: Journal, timers: Timers, callbacks: Callbacks) {
    this.#books = books;
    this.#journal = journal;
    this.#timers = timers;
    this.#callbacks = callbacks;
  }

  get(key: string): Acceptance | undefined {
    return this.#byKey.size === 0 ? undefined : this.#byKey.get(key);
  }

  /** `told` settles when the 202 may be sent. What the books say is decided when the effect is due, not now. */
  accept(
    request: OperationRequest,
    async: Fault<'async'>,
    terms: Terms | undefined,
    { callback, met }: CallFaults,
    target: FaultPlan['callback'],
  ): { readonly acceptance: Acceptance; readonly told: Promise<void> | undefined } {
    const channel = this.#books.channels.get(request.channel);
    if (channel === undefined) throw new Error(`no channel ${request.channel}`);
    const id = `p-${channel.operations.takeNumber()}`;
    const acceptance = { id, request, atMs: this.#books.nowMs(), pollAfterMs: async.pollAfterMs };
    met('async');

    const complete = (): Promise<void> => {
      this.#byKey.delete(request.key);
      const refusal = async.ends === 'refused' ? { refusal: 'LIMIT_EXCEEDED' } : {};
      const due = { ...terms, ...refusal, id };
      let verdict = this.#books.perform(this.#journal, request, due);
      // What its original turned out to be only after the acceptance; a promise ends in the books either way.
      if (verdict.type === 'refused')
        verdict = this.#books.perform(this.#journal, request, { ...due, refusal: 'ORIGINAL_NOT_FOUND' });
      if (verdict.type !== 'new') throw new Error(`${request.key} was accepted and is now ${verdict.type}`);
      if (terms?.movingUnits !== undefined && verdict.entry.code === undefined) met('wrong-amount');
      return this.#callbacks.announce(target, { entry: verdict.entry, fault: callback, met });
    };
    if (callback?.kind === 'callback-early' && target !== undefined) return { acceptance, told: complete() };
    this.#byKey.set(request.key, acceptance);
    this.#timers.after(async.afterMs, () => void complete());
    return { acceptance, told: undefined };
  }
}
