import type {
  BalanceOutcome,
  CallContext,
  ChannelAdapter,
  Done,
  Misconfigured,
  Operation,
  Outcome,
  Pending,
  Portal,
  QueryOutcome,
  Rejected,
  ScanOutcome,
  Sought,
  StatementOutcome,
} from '@points-hub/adapters';
import type { Decimal } from 'decimal.js';
import { Points } from '../core/points.ts';
import type { Remotes } from '../settlement/remote-call.ts';
import type { HubProcess, World } from './hub-process.ts';
import type { CallAudit } from './call-audit.ts';
import { overLine, type LineOptions, type Presence } from './line.ts';
import type { BookAnswer, BookRequest, Deed, Nature, Twist } from './book-requests.ts';
import type { RemoteBooks } from './remote-books.ts';

/** A remote: its books, and whether anybody can reach it. */
export interface SimulatedRemote {
  readonly books: RemoteBooks;
  readonly mayDouble: boolean;
  awayUntilMs: number;
  /** How it shows that it is away. */
  awayAs: Exclude<Presence, 'there'>;
  /** Until when a holder has too little, however much there was. */
  readonly shortUntilMs: Map<string, number>;
}

export interface RemoteWorld extends World {
  readonly portal: SimulatedRemote;
  readonly channels: ReadonlyMap<string, SimulatedRemote>;
}

/** Who calls: a process, for its worker or for a person. */
interface Caller {
  readonly process: HubProcess;
  readonly calls: CallAudit;
  readonly for: 'worker' | 'person';
}

/**
 * Every remote as one process reaches it.
 *
 * @param calls watches over what is called at once
 */
export function remotesOf(
  world: RemoteWorld,
  process: HubProcess,
  calls: CallAudit,
  callsFor: Caller['for'] = 'worker',
): Remotes {
  const caller = { process, calls, for: callsFor };
  const channels = new Map(
    [...world.channels].map(([id, remote]) => [id, channelAdapter(world, caller, id, remote)]),
  );
  return { portal: portalOf(world, caller), channel: (id) => channels.get(id) };
}

function channelAdapter(
  world: RemoteWorld,
  caller: Caller,
  channel: string,
  remote: SimulatedRemote,
): ChannelAdapter {
  const lineFor = (holder: string, request?: BookRequest): LineOptions =>
    lineTo(
      world,
      caller.process,
      remote,
      () => caller.calls.begins({ channel, holder, caller: caller.process.name, for: caller.for }),
      request,
    );
  const request = (deed: Deed, operation: Operation, originalKey: string | undefined): BookRequest => ({
    deed,
    key: operation.key,
    originalKey,
    account: accountOf(channel, operation.orderId),
    holder: operation.memberRef,
    cents: centsOf(operation.points),
  });
  const perform = (asked: BookRequest, context: CallContext): Promise<Outcome> =>
    act(world, remote, asked, lineFor(asked.holder, asked), context);
  return {
    channel,
    balance: () => Promise.reject(new Error('settlement asks for no balance')),
    deduct: (operation, context) => perform(request('take', operation, undefined), context),
    refund: (operation, context) => perform(request('give_back', operation, operation.originalKey), context),
    hold: (operation, context) => perform(request('hold', operation, undefined), context),
    confirm: (operation, context) => perform(request('confirm', operation, operation.originalKey), context),
    release: (operation, context) => perform(request('release', operation, operation.originalKey), context),
    findHold: ({ key, memberRef }, context) => find(world, remote, key, lineFor(memberRef), context),
    query: (key, memberRef, context) => find(world, remote, key, lineFor(memberRef), context),
    scan: (sought, context) =>
      overLine<ScanOutcome>(lineFor(sought.memberRef), context, () =>
        readList(world, remote, 'list', sought),
      ),
    statement: (sought, context) =>
      overLine<StatementOutcome>(lineFor(sought.memberRef), context, () =>
        readStatement(world, remote, sought),
      ),
    close: () => Promise.resolve(),
  };
}

function portalOf(world: RemoteWorld, { process, calls, for: callsFor }: Caller): Portal {
  const remote = world.portal;
  const begin = (): (() => void) | undefined =>
    callsFor === 'worker' ? calls.beginsAtPortal({ caller: process.name }) : undefined;
  const lineFor = (request?: BookRequest): LineOptions => lineTo(world, process, remote, begin, request);
  return {
    deduct: ({ key, channel, orderId, points }, context) => {
      const account = accountOf(channel, orderId);
      const cents = centsOf(points);
      const request = { deed: 'take', key, originalKey: undefined, account, holder: channel, cents } as const;
      return act(world, remote, request, lineFor(request), context);
    },
    giveBack: ({ key, originalKey, channel, orderId, points }, context) => {
      const account = accountOf(channel, orderId);
      const cents = centsOf(points);
      const request = { deed: 'give_back', key, originalKey, account, holder: channel, cents } as const;
      return act(world, remote, request, lineFor(request), context);
    },
    find: (key, context) => find(world, remote, key, lineFor(), context),
    remaining: (channel, context) =>
      overLine<BalanceOutcome>(lineFor(), context, () => {
        world.faults.met('probed by asking the portal');
        return { type: 'balance', points: new Points(remote.books.left(channel)), asOf: world.time.now() };
      }),
    close: () => Promise.resolve(),
  };
}

/** Whose deduction an operation belongs to; there is one per channel in an order. */
export function accountOf(channel: string, orderId: string): string {
  return `${channel} ${orderId}`;
}

async function act(
  world: RemoteWorld,
  remote: SimulatedRemote,
  request: BookRequest,
  line: LineOptions,
  context: CallContext,
): Promise<Outcome> {
  return overLine<Outcome>(line, context, (late) => {
    const answer = remote.books.receive(
      { ...request, isLate: late !== undefined },
      twistOf(world, remote, request),
    );
    note(world, `${request.key} ${request.cents} arrives: ${wordsOf(answer)}`);
    const outcome = outcomeOf(answer, world);
    const isTold = outcome.type !== 'done' || remote.books.nature.policy.echo === 'points';
    return isTold ? outcome : { type: 'unknown', cause: 'missing_echo', evidence: {} };
  });
}

/** What the statement says, which goes on growing for a while. */
function readStatement(world: RemoteWorld, remote: SimulatedRemote, sought: Sought): StatementOutcome {
  const read = readList(world, remote, 'statement', sought);
  const readyAt = new Date(sought.until.getTime() + remote.books.nature.statementClosesAfterMs);
  if (read.type !== 'not_found' || world.time.now() >= readyAt) return read;
  world.faults.met('a statement is open');
  return { type: 'open', readyAt, evidence: {} };
}

/** Lists show what is done, and nothing else. */
function readList(
  world: RemoteWorld,
  remote: SimulatedRemote,
  list: 'list' | 'statement',
  { key, from, besides }: Sought,
): ScanOutcome {
  const { faults, dice } = world;
  const evidence = {};
  const [found, ...more] = remote.books.listed(key, from.getTime(), besides);
  note(world, `${key} looked for in a ${list}: ${found?.cents ?? 'not found'}`);
  if (more.length > 0) return { type: 'unknown', cause: 'several_effects', evidence };
  if (found !== undefined) {
    faults.met(`found in a ${list}`);
    const { cents, remoteId } = found;
    const points = new Points(cents).dividedBy(100);
    return { type: 'found', outcome: { type: 'done', points, remoteId, replayed: false, evidence } };
  }
  const isWhole = dice.chance(remote.books.nature.listsWholePercent / 100);
  faults.met(isWhole ? `not found in a ${list}` : `a ${list} is incomplete`);
  return { type: isWhole ? 'not_found' : 'incomplete', evidence };
}

async function find(
  world: RemoteWorld,
  remote: SimulatedRemote,
  key: string,
  line: LineOptions,
  context: CallContext,
): Promise<QueryOutcome> {
  return overLine<QueryOutcome>(line, context, () => {
    const answer = remote.books.find(key);
    note(world, `${key} looked up: ${answer === undefined ? 'not found' : wordsOf(answer)}`);
    if (answer === undefined) {
      if (remote.books.knows(key)) world.faults.met('look-up lagged');
      return { type: 'not_found', evidence: {} };
    }
    const outcome = outcomeOf(answer, world);
    return outcome.type === 'misconfigured' ? outcome : { type: 'found', outcome };
  });
}

function lineTo(
  world: RemoteWorld,
  process: HubProcess,
  remote: SimulatedRemote,
  begin: () => (() => void) | undefined,
  request?: BookRequest,
): LineOptions {
  const { faults, dice, time } = world;
  const presence = (): Presence => {
    if (time.nowMs < remote.awayUntilMs) return remote.awayAs;
    // Rarely asked often enough to strike: a remote that goes away is away for a while.
    if (!dice.chance(0.05)) return 'there';
    const fault = dice.chance(0.6) ? 'remote away' : 'remote mute';
    if (!faults.strikes(fault)) return 'there';
    remote.awayUntilMs = time.nowMs + dice.whole(1_000, 45_000);
    remote.awayAs = fault === 'remote away' ? 'refusing' : 'mute';
    return remote.awayAs;
  };
  /** Whoever is sent the same again meanwhile refuses it; the late one is granted. */
  const onLate = (arrivesAtMs: number): void => {
    if (request?.originalKey !== undefined || request === undefined) return;
    if (faults.strikes('short until the late one comes'))
      remote.shortUntilMs.set(request.holder, arrivesAtMs);
  };
  const onBegin = (): (() => void) => begin() ?? (() => undefined);
  const { mayDouble } = remote;
  const breaksWord = request !== undefined && mayBreakWord(remote.books.nature, request);
  return { world, process, presence, mayDouble, breaksWord, onLate, onBegin };
}

function mayBreakWord({ breaksWord }: Nature, { deed }: BookRequest): boolean {
  switch (breaksWord) {
    case 'never':
      return false;
    case 'always':
      return true;
    case 'giving back':
      return deed === 'give_back';
  }
}

function twistOf(
  { faults, portal, time }: RemoteWorld,
  remote: SimulatedRemote,
  request: BookRequest,
): Twist {
  const { deed, holder } = request;
  switch (deed) {
    case 'give_back':
      if (faults.strikes('giving back refused')) return 'refused';
      // Giving back under doubt says how much was taken, so the portal's contract leaves it no choice.
      return remote !== portal && faults.strikes('other amount given back') ? 'less' : 'none';
    case 'confirm':
      if (faults.strikes('confirming refused')) return 'refused';
      return faults.strikes('other amount confirmed') ? 'less' : 'none';
    case 'release':
      return faults.strikes('giving back refused') ? 'refused' : 'none';
    case 'take':
    case 'hold':
      break;
  }
  if (time.nowMs < (remote.shortUntilMs.get(holder) ?? 0)) return 'refused';
  if (faults.strikes('refused')) return 'refused';
  if (faults.strikes('less taken')) return 'less';
  if (faults.strikes('nothing taken')) return 'nothing';
  // More than asked is never the portal's doing: giving back under doubt could not name the amount.
  return remote !== portal && faults.strikes('more taken') ? 'more' : 'none';
}

function outcomeOf(answer: BookAnswer, { dice }: World): Done | Rejected | Pending | Misconfigured {
  const evidence = {};
  switch (answer.type) {
    case 'done': {
      const { cents, replayed, remoteId } = answer;
      return { type: 'done', points: new Points(cents).dividedBy(100), remoteId, replayed, evidence };
    }
    case 'rejected':
      return { type: 'rejected', reason: answer.reason, evidence };
    case 'pending':
      return { type: 'pending', remoteId: answer.remoteId, pollAfterMs: dice.whole(0, 5_000), evidence };
    case 'key_reused':
      return { type: 'misconfigured', code: 'key_reused', evidence };
  }
}

function wordsOf(answer: BookAnswer): string {
  switch (answer.type) {
    case 'done':
      return `done ${answer.cents}${answer.replayed ? ', as before' : ''}`;
    case 'rejected':
      return `rejected: ${answer.reason}`;
    case 'pending':
    case 'key_reused':
      return answer.type;
  }
}

export function centsOf(points: Decimal): number {
  return Math.round(points.toNumber() * 100);
}

function note({ trace, time }: World, line: string): void {
  trace.note(time.elapsedMs, line);
}
