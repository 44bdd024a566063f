/**
 * One remote's own books: a channel's, or the portal's. Whole hundredths of points, no code of the hub, and as honest
 * as its policy says: one effect per key where it is idempotent, look-ups that may lag. What the audit reads.
 */
import type { RejectionReason } from '@points-hub/adapters';
import type { BookAnswer, BookRequest, Movement, Nature, Told, Twist } from './book-requests.ts';
import type { Dice } from './dice.ts';
import { Holds } from './holds.ts';
import type { VirtualTime } from './virtual-time.ts';

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
  readonly #holds = new Holds();
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

  /** What is held for an account now, in hundredths. */
  held(account: string): number {
    return this.#holds.held(account);
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
    if (net > 0) this.#move({ ...entry, deed: 'by_hand', originalKey: key, key: `${key}, by hand` }, -net);
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
    if (entry.deed === 'release') return this.#releaseByHand(entry, entry.originalKey);
    const before = entry.verdict?.type === 'done' ? entry.verdict.cents : (this.#byHand.get(key) ?? 0);
    const rest = Math.max(0, Math.min(entry.cents - before, this.net(entry.account)));
    entry.verdict = done(before + rest);
    this.#byHand.set(key, before + rest);
    if (rest > 0) this.#move({ ...entry, deed: 'by_hand', key: `${key}, by hand` }, -rest);
    return before + rest;
  }

  #releaseByHand(entry: Entry, originalKey: string): number {
    const hold = this.#holds.get(originalKey);
    if (hold === undefined) throw new Error(`nothing is held under ${originalKey}`);
    if (hold.state === 'open') this.#endHold({ ...entry, deed: 'by_hand' }, originalKey, 'released');
    // It was confirmed after all, against the channel's word: what was taken goes back.
    const taken = Math.min(hold.cents, this.net(entry.account));
    if (taken > 0) this.#move({ ...entry, deed: 'by_hand', key: `${entry.key}, by hand` }, -taken);
    entry.verdict = done(hold.cents);
    return hold.cents;
  }

  /** The remote's own people confirm the rest of what was confirmed only in part. */
  confirmByHand(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.deed !== 'confirm' || entry.verdict?.type !== 'done')
      throw new Error(`nothing was confirmed by ${key}`);
    const rest = entry.cents - entry.verdict.cents;
    entry.verdict = done(entry.cents);
    if (rest > 0) this.#move({ ...entry, deed: 'by_hand', key: `${key}, by hand` }, rest);
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
    const isRefused = isPending
      ? dice.chance(nature.lateRefusalPercent / 100)
      : request.deed === 'take' && dice.chance(nature.refusalPercent / 100);
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
    entry.verdict = this.#judge(entry);
    this.#tell(entry);
    if (entry.verdict.type !== 'done') return;
    const { deed, key, remoteId, seenFromMs, originalKey = '' } = entry;
    const { cents } = entry.verdict;
    switch (deed) {
      case 'take':
      case 'give_back':
        if (cents !== 0)
          this.#listed.push({ key, remoteId, cents, atMs: this.#options.time.nowMs, seenFromMs });
        return this.#move(entry, deed === 'take' ? cents : -cents);
      case 'hold':
        return this.#hold(entry, cents);
      case 'confirm':
        // What is confirmed only in part gives the rest free.
        this.#endHold(entry, originalKey, 'confirmed');
        return this.#move(entry, cents);
      case 'release':
        if (cents !== 0) this.#endHold(entry, originalKey, 'released');
    }
  }

  #judge(entry: Entry): Verdict {
    const { deed, originalKey = '' } = entry;
    switch (deed) {
      case 'take':
      case 'hold':
        return this.#take(entry);
      case 'give_back':
        return this.#giveBack(entry, originalKey);
      case 'confirm':
      case 'release': {
        const hold = this.#holds.get(originalKey);
        if (hold === undefined) {
          const isBarred = deed === 'release' && this.#options.nature.policy.releaseBarsHold;
          if (isBarred) this.#voided.add(originalKey);
          return isBarred ? done(0) : { type: 'rejected', reason: 'original_not_found' };
        }
        if (hold.state !== 'open') return { type: 'rejected', reason: `hold_${hold.state}` };
        if (entry.twist === 'refused') return { type: 'rejected', reason: 'member_blocked' };
        return done(twisted(hold.cents, entry.twist));
      }
    }
  }

  /** Set aside until it is confirmed or released, or for as long as holds last here. */
  #hold(entry: Entry, cents: number): void {
    const { time, dice, nature, onMoved } = this.#options;
    const { key, account, holder } = entry;
    this.#holds.open({ key, account, holder, cents });
    this.#balances.set(holder, this.#balance(holder) - cents);
    onMoved({ ...entry, moved: cents });
    const [leastMs, mostMs] = nature.holdMs;
    time.after(dice.whole(leastMs, mostMs), () => {
      if (this.#holds.get(key)?.state !== 'open') return;
      const { deed: _, ...expired } = entry;
      this.#endHold({ ...expired, deed: 'expire' }, key, 'expired');
    });
  }

  #endHold(by: Omit<Movement, 'moved'>, key: string, state: 'confirmed' | 'released' | 'expired'): void {
    const hold = this.#holds.get(key);
    if (hold === undefined) throw new Error(`nothing is held under ${key}`);
    this.#holds.end(key, state);
    this.#balances.set(hold.holder, this.#balance(hold.holder) + hold.cents);
    if (state !== 'confirmed') this.#options.onMoved({ ...by, moved: -hold.cents });
  }

  #tell(entry: Entry): void {
    this.#options.onTold({ ...entry, answer: answerOf(entry, false) });
  }

  #move(request: Omit<Movement, 'moved'>, moved: number): void {
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
