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
  /** Which requests may take effect when "not found" was already to be final. */
  readonly breaksWord: 'never' | 'always' | 'giving back';
  /** How often in a hundred all of a list or a statement can be read. */
  readonly listsWholePercent: number;
  /** From the end of a window until its statement is closed. */
  readonly statementClosesAfterMs: number;
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
  /** It comes so late that it could not come any more by the remote's word. */
  readonly isLate?: boolean;
}

/** How a request fares besides what the books would do. */
export type Twist = 'none' | 'refused' | 'less' | 'more' | 'nothing';

export type BookAnswer =
  | { readonly type: 'done'; readonly cents: number; readonly replayed: boolean; readonly remoteId: string }
  | { readonly type: 'rejected'; readonly reason: RejectionReason }
  | { readonly type: 'pending'; readonly remoteId: string }
  | { readonly type: 'key_reused' };

/** An effect, as the audit is told of it. `cents` is signed: above zero was taken. */
export interface Movement extends BookRequest {
  readonly moved: number;
}

/** What was accepted, and later what became of it. */
export interface Told extends BookRequest {
  readonly remoteId: string;
  readonly answer: Exclude<BookAnswer, { type: 'key_reused' }>;
}

interface Entry extends BookRequest {
  readonly remoteId: string;
  readonly twist: Twist;
  readonly metAtMs: number;
  readonly seenFromMs: number;
  verdict: Verdict | undefined;
}
type Verdict =
  | { readonly type: 'done'; readonly cents: number }
  | { readonly type: 'rejected'; readonly reason: RejectionReason };

/** What a list shows of one effect. */
interface Listed {
  readonly key: string;
  readonly remoteId: string;
  readonly cents: number;
  readonly atMs: number;
  readonly seenFromMs: number;
}

export interface RemoteBooksOptions {
  readonly nature: Nature;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly balanceOf: (holder: string) => number;
  readonly onRequest: (request: BookRequest) => void;
  readonly onMoved: (movement: Movement) => void;
  /** Told of each request that was accepted or decided. */
  readonly onTold: (told: Told) => void;
}

export class RemoteBooks {
  readonly #options: RemoteBooksOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listed: Listed[] = [];
  readonly #voided = new Set<string>();
  #remoteIds = 0;
  readonly #net = new Map<string, number>();
  readonly #balances = new Map<string, number>();
  /** What people have given back under a key, whatever requests came under it afterwards. */
  readonly #byHand = new Map<string, number>();

  constructor(options: RemoteBooksOptions) {
    this.#options = options;
  }

  get nature(): Nature {
    return this.#options.nature;
  }

  /** What is taken for an account now, in hundredths. */
  net(account: string): number {
    return this.#net.get(account) ?? 0;
  }

  /** What a holder has left, in hundredths. */
  left(holder: string): number {
    return this.#balance(holder);
  }

  /** What the books have under a key, at once and for ever. */
  truth(
    key: string,
  ): 'nothing' | 'undecided' | 'refused' | { readonly cents: number; readonly remoteId: string } {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 'nothing';
    if (entry.verdict === undefined) return 'undecided';
    return entry.verdict.type === 'done'
      ? { cents: entry.verdict.cents, remoteId: entry.remoteId }
      : 'refused';
  }

  /** What lists show by now of effects under a key since `fromMs`; without those under a remote id that is known. */
  listed(key: string, fromMs: number, besides: string | undefined): readonly Listed[] {
    const { nowMs } = this.#options.time;
    return this.#listed.filter(
      (one) => one.key === key && one.atMs >= fromMs && one.seenFromMs <= nowMs && one.remoteId !== besides,
    );
  }

  /** The remote's own people give back what was taken under a key, where no request can. @returns how much */
  giveBackByHand(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`nothing was taken under ${key}`);
    const net = this.net(entry.account);
    if (net > 0) this.#move({ ...entry, originalKey: key, key: `${key}, by hand` }, -net);
    this.#byHand.set(key, (this.#byHand.get(key) ?? 0) + net);
    return this.#byHand.get(key) ?? 0;
  }

  /** What people have given back of what was taken under a key. */
  givenBackByHand(key: string): number {
    return this.#byHand.get(key) ?? 0;
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
    this.#remoteIds += 1;
    const entry: Entry = {
      ...request,
      remoteId: `T${this.#remoteIds}`,
      twist: isRefused ? 'refused' : twist,
      metAtMs: time.nowMs,
      seenFromMs,
      verdict: undefined,
    };
    this.#entries.set(request.key, entry);
    if (isPending) {
      time.after(dice.whole(200, 40_000), () => this.#decide(entry));
      this.#tell(entry);
    } else this.#decide(entry);
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
    this.#tell(entry);
    if (entry.verdict.type !== 'done') return;
    const { key, remoteId, seenFromMs } = entry;
    const { cents } = entry.verdict;
    if (cents !== 0) this.#listed.push({ key, remoteId, cents, atMs: this.#options.time.nowMs, seenFromMs });
    this.#move(entry, entry.originalKey === undefined ? cents : -cents);
  }

  #tell(entry: Entry): void {
    this.#options.onTold({ ...entry, answer: answerOf(entry, false) });
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
  return { type: 'done', cents };
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

function answerOf({ verdict, remoteId }: Entry, replayed: boolean): Told['answer'] {
  if (verdict === undefined) return { type: 'pending', remoteId };
  return verdict.type === 'done' ? { ...verdict, replayed, remoteId } : verdict;
}
