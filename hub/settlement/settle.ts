/**
 * The way of one delivery: take the lease and commit the intent, call, record the outcome together with the next
 * intent, call again ... until nothing is left to do now. The whole protocol is `drive`, top to bottom.
 */
import type { Logger } from 'pino';
import { advance, type Attempt, type Input, type Verdict } from '../core/advance.ts';
import { remoteOf } from '../core/admission.ts';
import type { Callback } from '../core/callback.ts';
import type { Answer, Policies } from '../core/deduction.ts';
import type { Order, OrderStatus, Settlement } from '../core/order.ts';
import { referencesOf } from './callback-references.ts';
import { openEntrance, type Entrance, type Pass } from './entrance.ts';
import { groupCommit } from '../group-commit.ts';
import type { Later } from '../later.ts';
import { callRemote, describeAnswer, type Remotes } from './remote-call.ts';
import type { FinishedAttempt, SettlementStore, Writes } from './store-port.ts';

export interface SettleOptions {
  readonly store: SettlementStore;
  readonly remotes: Remotes;
  /** Who may call when. Default: everyone, at once. */
  readonly entrance?: Entrance;
  readonly policiesOf: (channel: string) => Policies;
  readonly wakeAfterMs: number;
  /** Whether a channel tells by itself how an operation ended. Default: none does, and nothing is looked for. */
  readonly takesCallbacks?: (channel: string) => boolean;
  readonly log: Logger;
  /** Milliseconds that never go back; shared by all calls of this process. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Default: by a timer. */
  readonly later?: Later;
  /** Told after the commit that appended messages or ended orders. */
  readonly onCommitted: (committed: Committed) => void;
}

export interface Committed {
  readonly messages: number;
  readonly ended: readonly Order[];
}

export type GiveUpCause = Extract<Input, { readonly type: 'gave_up' }>['cause'];

export interface Settler {
  /** Takes a deduction as far as it goes now. Resolves when its message may be acknowledged. */
  drive(due: Due): Promise<void>;
  /** As `drive`, with a pass that the caller has; the caller ends it. */
  driveWith(pass: Pass, due: Due): Promise<void>;
  /** Turns an order back unless it has settled. @returns what the order is now */
  cancel(orderRowId: string): Promise<OrderStatus>;
  /** Holds a deduction whose message the broker gave up, or whose remote is away. @returns what became of it */
  giveUp(
    orderRowId: string,
    deductionId: string,
    cause: GiveUpCause,
  ): Promise<'held' | 'going_on' | 'unknown'>;
  /** Turns back an order whose deadline is past. @returns what the order is now */
  endOverdue(orderRowId: string): Promise<OrderStatus>;
}

export interface Due {
  readonly channel: string;
  readonly deductionId: string;
  readonly orderRowId: string;
  readonly messageId: string | undefined;
  readonly traceparent: string | undefined;
}

interface Item {
  readonly orderRowId: string;
  readonly input: Input;
  /** Undefined where no call can follow. */
  readonly pass: Pass | undefined;
  /** The channel, where it is one that sends callbacks: they are taken in with this input. */
  readonly listensTo?: string | undefined;
}

interface Progress {
  readonly verdict: Verdict;
  /** Undefined if there is no such order. */
  readonly order: Order | undefined;
  /** Taken before the transaction began, so it is never later than the intent's own time. */
  readonly begunAtMs: number;
}

/** Orders locked by one transaction at most; each is a round of core logic in memory and a few rows. */
const itemsPerCommitMax = 128;
/** Transactions under way at once: one is decided here while the other is written. */
const commitsMax = 2;
/**
 * A second one begins only for so many: whatever is in it, a transaction costs Postgres and this process some 1.4 ms. At
 * 600 orders a second that is 1.05 instead of 1.27 ms of Postgres per order (docs/performance.md).
 */
const besideMin = 32;

export function settler(options: SettleOptions): Settler {
  const { remotes, policiesOf, log, monotonicMs, entrance = openEntrance } = options;
  const { takesCallbacks = noneDoes, later } = options;
  const commits = groupCommit<Item, Progress>({
    itemsMax: itemsPerCommitMax,
    commitsMax,
    besideMin,
    keyOf: ({ orderRowId }) => orderRowId,
    commit: (items) => commitItems(items, options),
    ...(later === undefined ? {} : { later }),
  });
  const record = (item: Item): Promise<Progress> => commits.submit(item);

  async function drive(due: Due): Promise<void> {
    const pass = await entrance.enter(due.deductionId, due.channel);
    try {
      await driveWith(pass, due);
    } finally {
      await pass.leave();
    }
  }

  async function driveWith(
    pass: Pass,
    { channel, deductionId, orderRowId, messageId, traceparent }: Due,
  ): Promise<void> {
    const listensTo = takesCallbacks(channel) ? channel : undefined;
    let input: Input = { type: 'delivery', deductionId };
    for (;;) {
      await pass.refresh();
      const { verdict, order, begunAtMs } = await record({
        orderRowId,
        input,
        pass,
        listensTo,
      });
      const orderId = order?.orderId ?? '';
      if (verdict.type !== 'call') {
        logEnd(verdict, { order: orderId, deduction: deductionId, message: messageId });
        return;
      }
      const { attempt } = verdict;
      const { [attempt.call.leg]: policy, sendWindowMs } = policiesOf(attempt.channel);
      const remote = remoteOf(attempt, attempt.call);
      pass.begins(remote);
      const answer = await callRemote(remotes, attempt, orderId, {
        deadlineMs: policy.callDeadlineMs,
        maySend: () => monotonicMs() - begunAtMs < sendWindowMs,
        ...(traceparent === undefined ? {} : { traceparent }),
      });
      const isProbe = pass.ended(remote, answer, begunAtMs);
      logAnswer(attempt, answer, orderId, messageId);
      input = outcomeOf(attempt, answer, isProbe);
    }
  }

  function logEnd(
    { type }: Exclude<Verdict, { type: 'call' }>,
    subject: Readonly<Record<string, unknown>>,
  ): void {
    switch (type) {
      case 'release':
      case 'stale':
      case 'refused':
      case 'accepted':
        log.debug({ ...subject, verdict: type }, 'let go');
        break;
      case 'stuck':
        log.error(subject, 'this deduction cannot move by itself: a person is needed');
        break;
      case 'unknown':
        log.warn(subject, 'a message names a deduction that does not exist');
        break;
    }
  }

  function logAnswer(
    { deductionId, channel, call, token }: Attempt,
    answer: Answer,
    orderId: string,
    messageId: string | undefined,
  ): void {
    const { outcome, cause } = describeAnswer(answer);
    const fields = {
      order: orderId,
      deduction: deductionId,
      message: messageId,
      channel,
      leg: call.leg,
      action: call.action,
      attempt: token,
      outcome,
      cause,
    };
    const isTrouble = outcome === 'unknown' || outcome === 'not_sent' || outcome === 'misconfigured';
    log[isTrouble ? 'warn' : 'info'](fields, 'called');
  }

  async function turnBack(orderRowId: string, input: Input): Promise<OrderStatus> {
    const { order } = await record({ orderRowId, input, pass: undefined });
    if (order === undefined) throw new Error(`there is no order row ${orderRowId}`);
    return order.status;
  }

  async function giveUp(
    orderRowId: string,
    deductionId: string,
    cause: GiveUpCause,
  ): Promise<'held' | 'going_on' | 'unknown'> {
    const { verdict } = await record({
      orderRowId,
      input: { type: 'gave_up', deductionId, cause },
      pass: undefined,
    });
    if (verdict.type === 'stuck') return 'held';
    return verdict.type === 'unknown' ? 'unknown' : 'going_on';
  }

  return {
    drive,
    driveWith,
    giveUp,
    cancel: (orderRowId) => turnBack(orderRowId, { type: 'cancel' }),
    endOverdue: (orderRowId) => turnBack(orderRowId, { type: 'deadline' }),
  };
}

function noneDoes(): boolean {
  return false;
}

function outcomeOf(
  { deductionId, token, call, intendedAt }: Attempt,
  answer: Answer,
  isProbe: boolean,
): Input {
  return { type: 'outcome', deductionId, token, call, answer, intendedAt, isProbe };
}

/** One transaction for a group of inputs; those of the same order are applied one after the other. */
async function commitItems(items: readonly Item[], options: SettleOptions): Promise<readonly Progress[]> {
  const { store, monotonicMs, onCommitted } = options;
  const begunAtMs = monotonicMs();
  const orderRowIds = items.map(({ orderRowId }) => orderRowId);
  const listening = items.flatMap(({ orderRowId, listensTo }) => (listensTo === undefined ? [] : orderRowId));
  const { results, ended, messages } = await store.transact(
    orderRowIds,
    (settlements, now, callbacks) => {
      const thought = think(items, settlements, now, options, callbacks);
      return { writes: thought.writes, result: { ...thought, messages: thought.writes.messages.length } };
    },
    listening,
  );
  if (messages > 0 || ended.length > 0) onCommitted({ messages, ended });
  return results.map((result) => ({ ...result, begunAtMs }));
}

interface Thought {
  readonly writes: Writes;
  readonly results: readonly Omit<Progress, 'begunAtMs'>[];
  readonly ended: readonly Order[];
}

/** What `items` make of their orders, and everything to be written for it. */
export function think(
  items: readonly Item[],
  settlements: ReadonlyMap<string, Settlement>,
  now: Date,
  { policiesOf, random, wakeAfterMs }: Pick<SettleOptions, 'policiesOf' | 'random' | 'wakeAfterMs'>,
  callbacks: ReadonlyMap<string, readonly Callback[]> = new Map(),
): Thought {
  const results = items.map((): Omit<Progress, 'begunAtMs'> => ({
    verdict: { type: 'unknown' },
    order: undefined,
  }));
  const writes = {
    orders: [] as Order[],
    deductions: [] as Writes['deductions'][number][],
    attempts: [] as Attempt[],
    finished: [] as FinishedAttempt[],
    messages: [] as Writes['messages'][number][],
    cases: [] as Writes['cases'][number][],
    heard: [] as Writes['heard'][number][],
    references: [] as Writes['references'][number][],
  };
  const ended: Order[] = [];
  for (const [orderRowId, indexes] of indexesByOrder(items)) {
    const before = settlements.get(orderRowId);
    if (before === undefined) continue;
    const inputs = indexes.map((index) => (items[index] as Item).input);
    const passes = new Map(
      indexes.map((index) => [(items[index] as Item).input, (items[index] as Item).pass]),
    );
    const { settlement, verdicts, messages, cases, heard } = advance(before, inputs, {
      now,
      policiesOf,
      random,
      wakeAfterMs,
      callbacks: callbacks.get(orderRowId) ?? [],
      admit: (input, deduction, call) =>
        passes.get(input)?.admit(deduction, call, { now, random: random() }) ?? { type: 'go' },
    });
    const { order } = settlement;
    if (order !== before.order) writes.orders.push(order);
    if (order.status !== before.order.status && (order.status === 'settled' || order.status === 'cancelled'))
      ended.push(order);
    writes.deductions.push(
      ...settlement.deductions.filter((deduction, index) => deduction !== before.deductions[index]),
    );
    writes.messages.push(...messages);
    writes.cases.push(...cases);
    writes.heard.push(...heard);
    verdicts.forEach((verdict, position) => {
      const input = inputs[position] as Input;
      const { listensTo } = items[indexes[position] as number] as Item;
      if (verdict.type === 'call') writes.attempts.push(verdict.attempt);
      if (listensTo !== undefined)
        writes.references.push(...referencesOf(listensTo, orderRowId, input, verdict));
      if (input.type === 'outcome' || input.type === 'looked_up')
        writes.finished.push(finishedBy(input, verdict));
      results[indexes[position] as number] = { verdict, order };
    });
  }
  return { writes, results, ended };
}

function indexesByOrder(items: readonly Item[]): Map<string, number[]> {
  const byOrder = new Map<string, number[]>();
  items.forEach(({ orderRowId }, index) => {
    const indexes = byOrder.get(orderRowId);
    if (indexes === undefined) byOrder.set(orderRowId, [index]);
    else indexes.push(index);
  });
  return byOrder;
}

function finishedBy(
  { deductionId, token, answer }: Extract<Input, { type: 'outcome' | 'looked_up' }>,
  verdict: Verdict,
): FinishedAttempt {
  return { deductionId, token, ...describeAnswer(answer), isStale: verdict.type === 'stale' };
}
