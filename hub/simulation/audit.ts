/**
 * What must hold, checked at every movement in the remotes' own books and at every commit. The first finding ends the
 * run. Nothing here asks the code under test what is right.
 */
import type { Deduction } from '../core/deduction.ts';
import { isClear, type Leg, type LegName } from '../core/leg.ts';
import type { Order, Settlement } from '../core/order.ts';
import type { RefundLine } from '../core/refund.ts';
import type { Commit } from '../settlement/testing/memory-rows.ts';
import type { BookRequest, Movement } from './book-requests.ts';
import { deedInWords, purposes, type Purpose } from './deeds.ts';
import { movesOf } from './leg-moves.ts';
import { accountOf, centsOf, type RemoteWorld } from './remotes.ts';
import { isIn, type Rule, type RuleSet } from './rules.ts';

export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
  readonly atMs: number;
}

/** One deduction as the remotes see it: whose it is, and under which keys they were asked for it. */
interface Account {
  readonly channel: string;
  readonly order: string;
  readonly keys: Record<LegName, Record<Purpose, Set<string>>>;
  /** Refunds that the mall asked for, and corrections. */
  refunds: number;
  /** Something took effect here that could not any more by the remote's word. */
  isBroken: boolean;
  /** Not all that was held here is taken, by the channel's own doing: it ended by itself, or was confirmed in part. */
  fellShort: boolean;
  /** What was held here is taken for good. */
  isConfirmed: boolean;
}

const orderMoves: ReadonlySet<string> = new Set([
  'settling → settled',
  'settling → compensating',
  'settling → cancelled',
  'compensating → cancelled',
]);

export class Audit {
  readonly #world: RemoteWorld;
  readonly #rules: RuleSet;
  readonly #accounts = new Map<string, Account>();
  readonly #amounts = new Map<string, number>();
  readonly #effects = new Set<string>();
  readonly #statuses = new Map<string, Order['status']>();
  /** What each order asked for, by account. */
  readonly #asked = new Map<string, ReadonlyMap<string, number>>();
  readonly #told = new Set<string>();
  #finding: Finding | undefined;
  /** Orders and refund lines that have not ended. */
  #open = 0;
  /** What was met, for the proof that the run was not empty. */
  readonly met = new Map<string, number>();

  constructor(world: RemoteWorld, rules: RuleSet) {
    this.#world = world;
    this.#rules = rules;
  }

  get finding(): Finding | undefined {
    return this.#finding;
  }

  get allHasEnded(): boolean {
    return this.#open === 0;
  }

  get open(): number {
    return this.#open;
  }

  report(rule: Rule, detail: string): void {
    if (isIn(this.#rules, rule)) this.#finding ??= { rule, detail, atMs: this.#world.time.elapsedMs };
  }

  placed({ order, deductions }: Settlement): void {
    this.#open += 1;
    const asked = deductions.map(
      (one) => [accountOf(one.channel, order.orderId), centsOf(one.asked)] as const,
    );
    this.#asked.set(order.orderId, new Map(asked));
    this.#statuses.set(order.orderId, order.status);
  }

  refundPlaced(orderId: string, lines: readonly RefundLine[]): void {
    this.#open += lines.length;
    for (const { original } of lines) this.#account(accountOf(original.channel, orderId)).refunds += 1;
  }

  /** What is in effect beside a closed leg is to be given back. */
  correctionPlaced({ channel }: Deduction, { orderId }: Order): void {
    this.#count('correction placed');
    this.#open += 1;
    this.#account(accountOf(channel, orderId)).refunds += 1;
  }

  /** A request arrived at a remote, whatever becomes of it. */
  requested(leg: LegName, { deed, key, account: name, cents }: BookRequest): void {
    const account = this.#account(name);
    const { taking, [purposes[deed]]: keys } = account.keys[leg];
    keys.add(key);
    if (keys.size > (purposes[deed] === 'returning' ? Math.max(1, account.refunds) : 1)) {
      this.report('one key per operation', `${leg} of ${name}: ${[...keys].join(', ')}`);
    }
    const known = this.#amounts.get(key) ?? cents;
    this.#amounts.set(key, cents);
    if (known !== cents) this.report('a key keeps its amount', `${key}: ${known}, then ${cents}`);
    const wasTaken = [...taking].some((one) => this.#effects.has(one));
    if (leg === 'points' && deed === 'give_back' && !wasTaken) {
      this.report('no refund without deduction', `${name} is to get back ${cents}`);
    }
  }

  /** Something took effect at a remote. */
  moved(leg: LegName, { deed, key, account: name, moved, isLate = false }: Movement): void {
    const { portal, channels } = this.#world;
    const account = this.#account(name);
    const { channel, order, keys } = account;
    if (isLate && moved > 0) {
      this.#count('late effect');
      account.isBroken = true;
    }
    if (isLate && moved < 0) this.#count('late giving back');
    const books = channels.get(channel)?.books;
    const net = books?.net(name) ?? 0;
    // Held points are as good as taken: nobody else can spend them.
    const points = net + (books?.held(name) ?? 0);
    const quota = portal.books.net(name);
    const words = `${leg} of ${name}: ${moved} moved, now points ${points}, quota ${quota}`;
    this.#count(`${leg} ${deedInWords(deed, moved)}`);
    if (deed === 'expire') {
      account.fellShort = true;
      return;
    }
    if (deed === 'confirm') {
      this.#confirmed(name, order, key, isLate);
      account.isConfirmed ||= !isLate;
      account.fellShort ||= moved < (this.#asked.get(order)?.get(name) ?? 0);
    }
    const takes = deed === 'take' || deed === 'hold';
    const isAgain =
      this.#effects.has(key) || (takes && [...keys[leg].taking].some((one) => this.#effects.has(one)));
    if (moved !== 0) this.#effects.add(key);
    if (isAgain && moved !== 0) this.report('an effect happens once', words);
    const status = this.#statuses.get(order);
    if (moved > 0 && !isLate && (status === 'settled' || status === 'cancelled')) {
      this.report('nothing happens after the end', `${words}; the order is ${status}`);
    }
    if (net < 0 || points < 0 || quota < 0) this.report('nothing is given back twice', words);
    if (quota > 0 && quota > points && moved !== 0 && deed !== 'confirm' && !account.fellShort) {
      // Another amount of points than asked turns the order before its quota is touched.
      this.report(moved > 0 ? 'points before quota' : 'quota back before points', words);
    }
  }

  /** A hold is taken for good: nothing of its order may be missing then, but what expired by itself. */
  #confirmed(name: string, order: string, key: string, isLate: boolean): void {
    if (this.#statuses.get(order) !== 'settling' || isLate) return;
    const { portal, channels } = this.#world;
    for (const [account, cents] of this.#asked.get(order) ?? []) {
      const { channel, fellShort, isBroken } = this.#account(account);
      const books = channels.get(channel)?.books;
      const points = account === name ? cents : (books?.net(account) ?? 0) + (books?.held(account) ?? 0);
      const quota = portal.books.net(account);
      if ((points >= cents && quota >= cents) || fellShort || isBroken) continue;
      const words = `${key} of ${name}, and ${account} has points ${points}, quota ${quota} of ${cents}`;
      this.report('confirmed only when all is there', words);
    }
  }

  committed({ before, after, writes, isOperation }: Commit): void {
    for (const { deductionId, token, key, call } of writes.attempts) {
      this.#count(`call ${call.leg} ${call.action}`);
      this.#note(`deduction ${deductionId} attempt ${token}: ${call.leg} ${call.action} ${key}`);
    }
    for (const { deductionId, token, outcome, cause, isStale } of writes.finished) {
      if (isStale) this.#count('stale outcome');
      const words = `${isStale ? 'stale ' : ''}${outcome}${cause === undefined ? '' : `, ${cause}`}`;
      this.#note(`deduction ${deductionId} attempt ${token}: ${words}`);
    }
    for (const { effect } of writes.heard) this.#count(`callback: ${effect}`);
    for (const message of writes.messages) {
      if (message.type === 'order_ended') this.#tell(`${message.order.orderId} ${message.order.status}`);
      if (message.type === 'order_refunded') {
        this.#count('refund ended');
        this.#tell(`${message.order.orderId} refund ${message.refund.refundId}`);
      }
    }
    after.forEach((settlement, index) => this.#compare(before[index] as Settlement, settlement, isOperation));
  }

  /** The books of an ended order: what was asked less what was given back, or nothing. */
  compareBooks({ order, deductions }: Settlement): void {
    for (const { channel, asked, refund } of deductions) {
      if (refund !== undefined) continue;
      const lines = deductions.filter((line) => line.refund !== undefined && line.channel === channel);
      const account = accountOf(channel, order.orderId);
      const books = { points: this.#world.channels.get(channel)?.books, quota: this.#world.portal.books };
      for (const leg of ['points', 'quota'] as const) {
        const net = books[leg]?.net(account) ?? 0;
        const most =
          order.status === 'settled'
            ? centsOf(asked) - sum(lines.filter((line) => line[leg].state === 'undone'))
            : 0;
        const least = most - sum(lines.filter((line) => line[leg].state !== 'undone'));
        const held = leg === 'points' ? (books[leg]?.held(account) ?? 0) : 0;
        if (held !== 0) {
          this.report('no hold is left', `${held} of ${account}, which is ${order.status}`);
        }
        if (net <= most && net >= least) continue;
        const words = `${leg} of ${account}, which is ${order.status} and asked ${centsOf(asked)}: ${net}, not ${most}`;
        this.report('the books say what the status says', words);
      }
    }
  }

  /** Whether the end of an order, or of a refund, was told. */
  wasTold(what: string): boolean {
    return this.#told.has(what);
  }

  #tell(what: string): void {
    if (this.#told.has(what)) this.report('an end is told once', `${what} is told again`);
    this.#told.add(what);
  }

  #compare(before: Settlement, after: Settlement, isOperation: boolean): void {
    const { order } = after;
    const hasEnded = isEnded(before.order);
    for (const deduction of after.deductions) {
      const earlier = before.deductions.find(({ id }) => id === deduction.id) ?? deduction;
      const mayMove = !hasEnded || deduction.refund !== undefined;
      for (const leg of ['points', 'quota'] as const) {
        if (deduction[leg] !== earlier[leg])
          this.#compareLeg(leg, earlier[leg], deduction, { mayMove, isOperation });
      }
      if (deduction.refund !== undefined && isGivenBack(deduction) && !isGivenBack(earlier)) this.#open -= 1;
    }
    const move = `${before.order.status} → ${order.status}`;
    if (before.order.status === order.status) {
      if (hasEnded && order !== before.order) this.report('an ended order is not rewritten', order.orderId);
      return;
    }
    this.#count(`order ${move}`);
    this.#note(`order ${order.orderId} ${move}`);
    this.#statuses.set(order.orderId, order.status);
    this.#compareTurn(after);
    if (!orderMoves.has(move)) this.report('an order moves along its arrows', `${order.orderId}: ${move}`);
    if (!isEnded(order)) return;
    this.#open -= 1;
    // Where a remote has broken its word, the books agree once that is put right.
    const isBroken = after.deductions.some(
      ({ channel }) => this.#account(accountOf(channel, order.orderId)).isBroken,
    );
    if (!isBroken) this.compareBooks(after);
  }

  /** What is confirmed comes back only where something cannot be, and a person says so. */
  #compareTurn({ order, deductions }: Settlement): void {
    const isWish = order.reason?.code === 'cancelled_by_mall' || order.reason?.code === 'deadline_passed';
    if (order.status !== 'compensating' || !isWish) return;
    for (const { channel } of deductions) {
      const account = accountOf(channel, order.orderId);
      if (!this.#account(account).isConfirmed) continue;
      this.report('what is confirmed goes forward', `${account} is confirmed, and ${order.reason?.code}`);
    }
  }

  #compareLeg(
    leg: LegName,
    before: Leg,
    { id, holds, [leg]: after }: Deduction,
    { mayMove, isOperation }: { readonly mayMove: boolean; readonly isOperation: boolean },
  ): void {
    const moves = movesOf(before, after, { isOperation, isHold: leg === 'points' && holds });
    const words = `${leg} of deduction ${id}: ${before.state} → ${after.state}`;
    if (moves === undefined) {
      this.report('a leg moves along its arrows', words);
      return;
    }
    if (moves.length === 0) return;
    for (const move of moves) this.#count(isOperation ? `${move}, by a person` : move);
    this.#note(words);
    if (!mayMove) this.report('an ended order is not rewritten', words);
  }

  #account(name: string): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      const [channel = '', order = ''] = name.split(' ');
      const keys = (): Account['keys']['points'] => ({
        taking: new Set(),
        confirming: new Set(),
        returning: new Set(),
      });
      account = {
        channel,
        order,
        keys: { points: keys(), quota: keys() },
        refunds: 0,
        isBroken: false,
        fellShort: false,
        isConfirmed: false,
      };
      this.#accounts.set(name, account);
    }
    return account;
  }

  #count(what: string): void {
    this.met.set(what, (this.met.get(what) ?? 0) + 1);
  }

  #note(line: string): void {
    this.#world.trace.note(this.#world.time.elapsedMs, line);
  }
}

export function isEnded({ status }: Order): boolean {
  return status === 'settled' || status === 'cancelled';
}

export function isGivenBack({ points, quota }: Deduction): boolean {
  return isClear(points) && isClear(quota);
}

function sum(lines: readonly Deduction[]): number {
  return lines.reduce((total, { asked }) => total + centsOf(asked), 0);
}
