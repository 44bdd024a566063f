import type { Breaker, Remote } from '../../core/breaker.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { ChannelStates, WaitingDeduction } from '../channel-states-port.ts';
import type { Passage, RemoteRow } from './memory-rows.ts';
import { isHeldNow, type MemoryTables } from './memory-tables.ts';
import { inTransaction, look, statement } from './memory-transaction.ts';

/** What a person may do about a remote by hand; as `pauseChannel` and `resumeChannel`. */
export interface Pauses {
  pause(remote: Remote): Promise<void>;
  resume(remote: Remote): Promise<void>;
}

const waitingMax = 200;
/** After all that wait for a call. */
const toldRank = 8;

/** As `store/channel-states.ts`. */
export function memoryChannelStates(tables: MemoryTables, pass: Passage): ChannelStates & Pauses {
  const { remotes, locks, options } = tables;

  function rowOf(remote: Remote): RemoteRow {
    const row = remotes.get(remote) ?? {
      breaker: { state: 'closed', since: options.now(), openings: 0, window: undefined },
      isPaused: false,
      rateMax: undefined,
    };
    remotes.set(remote, row);
    return row;
  }

  return {
    read: () => look(pass, () => ({ states: new Map(remotes), now: options.now() })),
    change: (remote, think) =>
      inTransaction(locks, pass, async (take) => {
        await take(remote);
        const { breaker: before } = rowOf(remote);
        const breaker = think(before, options.now());
        const commit = (): void => {
          remotes.set(remote, { ...rowOf(remote), breaker });
        };
        return { result: breaker, commit };
      }),
    waitingFor: (remote, lookUpsFirst, limit) =>
      look(pass, () => waitingFor(tables, remote, lookUpsFirst, limit)),
    pause: (remote) =>
      statement(pass, () => {
        remotes.set(remote, { ...rowOf(remote), isPaused: true });
      }),
    resume: (remote) =>
      statement(pass, () => {
        const row = rowOf(remote);
        remotes.set(remote, { ...row, breaker: endedPause(row.breaker, options.now()), isPaused: false });
      }),
  };
}

/** An open breaker's pause ends now at the latest. */
function endedPause(breaker: Breaker, now: Date): Breaker {
  return breaker.state === 'open' && breaker.until > now ? { ...breaker, until: now } : breaker;
}

function waitingFor(
  tables: MemoryTables,
  remote: Remote,
  lookUpsFirst: boolean,
  limit: number,
): WaitingDeduction[] {
  const { options, watched } = tables;
  const now = options.now();
  const waiting = [...watched]
    .flatMap((id) => tables.find(id) ?? [])
    .filter(({ deduction }) => isOf(deduction, remote) && mayCall(deduction, now))
    .toSorted((one, other) => wakeByMs(one.deduction) - wakeByMs(other.deduction))
    .slice(0, waitingMax)
    .map(({ order, deduction }) => ({
      order,
      deduction,
      rank: rankOf(deduction, remote, lookUpsFirst) + options.random(),
    }));
  const chosen = new Set(waiting.map(({ deduction }) => deduction.id));
  const told = remote === 'portal' ? [] : tables.callbacks.overdue(remote.slice('channel:'.length));
  const toldOf = [...new Set(told)]
    .filter((id) => !chosen.has(id))
    .flatMap((id) => tables.find(id) ?? [])
    .filter(({ deduction: { lease } }) => lease === undefined || lease.until <= now)
    .map(({ order, deduction }) => ({ order, deduction, rank: toldRank }));
  return [...waiting, ...toldOf]
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, limit)
    .map(({ order, deduction }) => ({
      deductionId: deduction.id,
      orderRowId: order.id,
      channel: deduction.channel,
    }));
}

function mayCall({ lease, notBefore }: Deduction, now: Date): boolean {
  return (lease === undefined || lease.until <= now) && (notBefore === undefined || notBefore <= now);
}

/** Its next call goes there, or it is one of that channel's, whose queue nobody reads meanwhile. */
function isOf(deduction: Deduction, remote: Remote): boolean {
  return nextRemote(deduction) === remote || `channel:${deduction.channel}` === remote;
}

/** Those held for a person come last, before them those that call somebody else first, then those without a look-up. */
function rankOf(deduction: Deduction, remote: Remote, lookUpsFirst: boolean): number {
  const { state } = remote === 'portal' ? deduction.quota : deduction.points;
  const isLookUp = state !== 'idle' && state !== 'held' && state !== 'applied';
  const isHeld = deduction.attention?.type === 'held';
  const callsAnother = nextRemote(deduction) !== remote;
  return (isHeld ? 4 : 0) + (callsAnother ? 2 : 0) + (lookUpsFirst && !isLookUp ? 1 : 0);
}

function wakeByMs({ wakeBy }: Deduction): number {
  return wakeBy?.getTime() ?? 0;
}

/** As `hub.next_remote`: whom the next call of an unfinished deduction goes to. */
function nextRemote({ goal, channel, points, quota }: Deduction): Remote {
  if (goal === 'settle') {
    const isQuotasTurn = points.state === 'applied' || (points.state === 'held' && quota.state !== 'applied');
    return isQuotasTurn ? 'portal' : `channel:${channel}`;
  }
  return ['refused', 'void', 'undone'].includes(quota.state) ? `channel:${channel}` : 'portal';
}

/** Whether a message would only wait in a queue that nobody reads. */
export function isLeftAlone(remotes: ReadonlyMap<Remote, RemoteRow>, deduction: Deduction): boolean {
  const holds = (remote: Remote): boolean => isHeldNow(remotes.get(remote));
  if (holds(`channel:${deduction.channel}`) || holds(nextRemote(deduction))) return true;
  return deduction.points.state === 'idle' && holds('portal');
}

/** As `awayTooLong` of `store/overdue.ts`. */
export function awayTooLong(
  tables: MemoryTables,
  limit: number,
  awayMaxMs: number,
): readonly { readonly deductionId: string; readonly orderRowId: string }[] {
  const { options, watched, remotes } = tables;
  const now = options.now();
  return [...watched]
    .flatMap((id) => tables.find(id) ?? [])
    .filter(({ deduction }) => {
      const { attention, lease, lateCheck, wakeBy } = deduction;
      const remote = nextRemote(deduction);
      const breaker = remotes.get(remote)?.breaker;
      if (breaker === undefined || breaker.state === 'closed') return false;
      const { state } = remote === 'portal' ? deduction.quota : deduction.points;
      return (
        breaker.since.getTime() <= now.getTime() - awayMaxMs &&
        (attention === undefined || attention.type === 'retried') &&
        (lease === undefined || lease.until <= now) &&
        (lateCheck === undefined || lateCheck.at.getTime() !== wakeBy?.getTime()) &&
        !['idle', 'refused', 'void', 'undone'].includes(state)
      );
    })
    .slice(0, limit)
    .map(({ order, deduction }) => ({ deductionId: deduction.id, orderRowId: order.id }));
}
