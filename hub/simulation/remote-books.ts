/**
 * One remote's own books: a channel's, or the portal's. Whole hundredths of points, no code of the hub, and as honest
 * as its policy says: one effect per key where it is idempotent, look-ups that may lag. What the audit reads.
 */
import type { RejectionReason } from '@points-hub/adapters';
import type { LegPolicy } from '../core/deduction.ts';
import type { Dice } from './dice.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a remote promises, and how it takes its time. */
export interface Nature {
  readonly name: string;
  readonly policy: LegPolicy;
  /** Until a look-up sees what happened, at most; not above `notFoundFinalAfterMs`. */
  readonly lagMaxMs: number;
  /** How often in a hundred it accepts first and decides later. */
  readonly pendingPercent: number;
  /** How often in a hundred it refuses what it had accepted. */
  readonly lateRefusalPercent: number;
}

/** One request as it arrives. */
export interface BookRequest {
  readonly key: string;
  /** The key of what is given back; undefined for taking. */
  readonly originalKey: string | undefined;
  /** Whose deduction it is: channel and order. */
  readonly account: string;
  /** Whose points, or which channel's quota. */
  readonly holder: string;
  readonly cents: number;
}

/** How a request fares besides what the books would do. */
export type Twist = 'none' | 'refused' | 'less' | 'more' | 'nothing';

export type BookAnswer =
  | { readonly type: 'done'; readonly cents: number; readonly replayed: boolean }
  | { readonly type: 'rejected'; readonly reason: RejectionReason }
  | { readonly type: 'pending' }
  | { readonly type: 'key_reused' };

/** An effect, as the audit is told of it. `cents` is signed: above zero was taken. */
export interface Movement extends BookRequest {
  readonly moved: number;
}

interface Entry extends BookRequest {
  readonly twist: Twist;
  readonly metAtMs: number;
  readonly seenFromMs: number;
  verdict: Verdict | undefined;
}
type Verdict = Exclude<BookAnswer, { type: 'pending' | 'key_reused' }>;

export interface RemoteBooksOptions {
  readonly nature: Nature;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly balanceOf: (holder: string) => number;
  readonly onRequest: (request: BookRequest) => void;
  readonly onMoved: (movement: Movement) => void;
}

export class RemoteBooks {
  readonly #options: RemoteBooksOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #voided = new Set<string>();
  readonly #net = new Map<string, number>();
  readonly #balances = new Map<string, number>();
  /** What people have given back under a key, whatever requests came under it afterwards. */
  readonly #byHand = new Map<string, number>();

  constructor(options: RemoteBooksOptions) {
    this.#options = options;
  }

  /** What is taken for an account now, in hundredths. */
  net(account: string): number {
    return this.#net.get(account) ?? 0;
  }

  /** What a holder has left, in hundredths. */
  left(holder: string): number {
    return this.#balance(holder);
  }

  /** What the statement shows under a key, at once and for ever. */
  statement(key: string): 'nothing' | 'undecided' | 'refused' | { readonly cents: number } {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 'nothing';
    if (entry.verdict === undefined) return 'undecided';
    return entry.verdict.type === 'done' ? { cents: entry.verdict.cents } : 'refused';
  }

  /**
   * The remote's own people bring a giving back to its end that was refused, or that gave back another amount: from
   * then on it is done under its key. @returns what was given back under the key by now
   */
  completeByHand(key: string): number {
    const entry = this.#entries.get(key);
    if (entry?.originalKey === undefined) throw new Error(`nothing was to be given back under ${key}`);
    const before = entry.verdict?.type === 'done' ? entry.verdict.cents : (this.#byHand.get(key) ?? 0);
    const rest = Math.max(0, Math.min(entry.cents - before, this.net(entry.account)));
    entry.verdict = done(before + rest);
    this.#byHand.set(key, before + rest);
    if (rest > 0) this.#move({ ...entry, key: `${key}, by hand` }, -rest);
    return before + rest;
  }

  knows(key: string): boolean {
    return this.#known(key) !== undefined;
  }

  /** A request arrives. */
  receive(request: BookRequest, twist: Twist): BookAnswer {
    const { nature, dice, time, onRequest } = this.#options;
    onRequest(request);
    const known = this.#known(request.key);
    if (known !== undefined && nature.policy.idempotency === 'key-replays') {
      if (known.cents !== request.cents || known.account !== request.account) return { type: 'key_reused' };
      const isForgotten = known.verdict?.type === 'rejected' && !nature.policy.remembersRejections;
      if (!isForgotten) return answerOf(known, true);
    }
    const isPending = dice.chance(nature.pendingPercent / 100);
    const seenFromMs = time.nowMs + (dice.chance(0.5) ? Math.floor(dice.roll() * nature.lagMaxMs) : 0);
    const isRefused = isPending && dice.chance(nature.lateRefusalPercent / 100);
    const entry: Entry = {
      ...request,
      twist: isRefused ? 'refused' : twist,
      metAtMs: time.nowMs,
      seenFromMs,
      verdict: undefined,
    };
    this.#entries.set(request.key, entry);
    if (isPending) time.after(dice.whole(200, 40_000), () => this.#decide(entry));
    else this.#decide(entry);
    return answerOf(entry, false);
  }

  /** Undefined where the books show nothing under this key, or not yet. */
  find(key: string): BookAnswer | undefined {
    const entry = this.#known(key);
    return entry === undefined || entry.seenFromMs > this.#options.time.nowMs
      ? undefined
      : answerOf(entry, true);
  }

  /** What is remembered by key; without idempotency the books are read, which forget nothing. */
  #known(key: string): Entry | undefined {
    const { policy } = this.#options.nature;
    const entry = this.#entries.get(key);
    if (entry === undefined || policy.idempotency === 'none') return entry;
    return this.#options.time.nowMs - entry.metAtMs < policy.idempotencyRetentionMs ? entry : undefined;
  }

  #decide(entry: Entry): void {
    entry.verdict =
      entry.originalKey === undefined ? this.#take(entry) : this.#giveBack(entry, entry.originalKey);
    if (entry.verdict.type !== 'done') return;
    this.#move(entry, entry.originalKey === undefined ? entry.verdict.cents : -entry.verdict.cents);
  }

  #move(request: BookRequest, moved: number): void {
    this.#net.set(request.account, this.net(request.account) + moved);
    this.#balances.set(request.holder, this.#balance(request.holder) - moved);
    this.#options.onMoved({ ...request, moved });
  }

  #take({ key, holder, cents, twist }: Entry): Verdict {
    if (this.#voided.has(key)) return { type: 'rejected', reason: 'key_voided' };
    if (twist === 'refused') return { type: 'rejected', reason: this.#options.dice.pick(refusals) };
    if (this.#balance(holder) < cents) return { type: 'rejected', reason: 'insufficient_points' };
    return done(twisted(cents, twist));
  }

  #giveBack({ account, cents, twist }: Entry, originalKey: string): Verdict {
    const original = this.#entries.get(originalKey);
    if (original?.verdict?.type !== 'done') {
      if (!this.#options.nature.policy.fencesUnknownKeys)
        return { type: 'rejected', reason: 'original_not_found' };
      this.#voided.add(originalKey);
      return done(0);
    }
    if (twist === 'refused') return { type: 'rejected', reason: 'member_blocked' };
    const net = this.net(account);
    if (net === 0) return { type: 'rejected', reason: 'already_returned' };
    // Under doubt all that was asked is given back, and the portal says how much of it had been taken.
    if (cents > net && !this.#options.nature.policy.fencesUnknownKeys) {
      return { type: 'rejected', reason: 'exceeds_original' };
    }
    return done(twisted(Math.min(cents, net), twist));
  }

  #balance(holder: string): number {
    return this.#balances.get(holder) ?? this.#options.balanceOf(holder);
  }
}

const refusals = ['insufficient_points', 'member_blocked', 'limit_exceeded', 'other'] as const;

function done(cents: number): Verdict {
  return { type: 'done', cents, replayed: false };
}

function twisted(cents: number, twist: Twist): number {
  switch (twist) {
    case 'none':
    case 'refused':
      return cents;
    case 'less':
      return Math.floor(cents / 2);
    case 'more':
      return cents + 1;
    case 'nothing':
      return 0;
  }
}

function answerOf({ verdict }: Entry, replayed: boolean): BookAnswer {
  if (verdict === undefined) return { type: 'pending' };
  return verdict.type === 'done' ? { ...verdict, replayed } : verdict;
}
