/**
 * Manual compensation: one person asks, another one approves, and both the check of what is left and the effect happen
 * under the order's lock. From there on the order goes on by itself, and `verification.ts` asks the remote.
 */
import type { SqlConnection } from '@points-hub/outbox';
import { planCompensation, type CompensationPlan } from '../../core/compensation.ts';
import type { Settlement } from '../../core/order.ts';
import { Points, writePoints } from '../../core/points.ts';
import type { GivesBack } from '../../core/refund.ts';
import { HubError } from '../../errors.ts';
import { changeCase, lockCase, type LockedCase } from '../../store/case-operations.ts';
import { caseTransaction } from '../../store/case-store.ts';
import { readCase } from '../../store/cases.ts';
import {
  decideCompensation,
  findByRequestKey,
  findDeduction,
  findLine,
  insertCompensation,
  isWithinThreshold,
  listCompensations,
  lockCompensation,
  readCompensation,
  type Compensation,
  type CompensationState,
  type NewCompensation,
} from '../../store/compensations.ts';
import { lockSettlements } from '../../store/settlements.ts';
import type { WriteDown } from '../audit.ts';
import { demand, demandFresh, type Caller } from '../caller.ts';
import type { SqlSubjectOptions } from '../sql-subject.ts';
import { letIn, onSubject } from '../subject.ts';
import { busy, refused } from '../wish.ts';
import { digestOf, effectOf, type Effect } from './digest.ts';
import { takeEffect, type Ground } from './effect.ts';
import { legOf, met, newOf, sameRequest, type CompensationWish } from './request.ts';

export interface CompensationsOptions extends SqlSubjectOptions {
  readonly givesBack: (channel: string) => GivesBack;
  readonly writeDown: WriteDown;
  readonly onCommitted: () => void;
}

export interface CompensationView extends Compensation {
  /** As things stand; undefined once it is decided. */
  readonly effect: Effect | undefined;
  /** What an approval has to name; undefined once it is decided. */
  readonly digest: string | undefined;
}

/** Each is refused with HUB_FORBIDDEN to whoever may not. */
export interface Compensations {
  /**
   * About the leg of a case. Within its channel's threshold it takes effect at once.
   *
   * @throws HubError as any operation on a case does; HUB_COMPENSATION_OPEN, HUB_COMPENSATION_EXCEEDS,
   *   HUB_OPERATION_REFUSED
   */
  request(caller: Caller, caseId: string, version: number, wish: CompensationWish): Promise<CompensationView>;
  /** A refund of an order without a case. The same key again is the same request. @throws HubError HUB_ORDER_UNKNOWN,
   *   HUB_COMPENSATION_CONFLICT, and as `request` */
  requestRefund(
    caller: Caller,
    of: { readonly mallId: string; readonly orderId: string; readonly channel: string },
    key: string,
    wish: CompensationWish,
  ): Promise<CompensationView>;
  /**
   * Guards in this order: it is there, not decided, not expired; another person's; read as it stands now.
   *
   * @throws HubError HUB_PROOF_STALE, HUB_COMPENSATION_UNKNOWN, HUB_COMPENSATION_DECIDED, HUB_COMPENSATION_EXPIRED,
   *   HUB_COMPENSATION_OWN, HUB_COMPENSATION_CHANGED, HUB_COMPENSATION_EXCEEDS, HUB_CASE_BUSY, HUB_CASE_CLOSED
   */
  approve(caller: Caller, id: string, digest: string, note: string | undefined): Promise<CompensationView>;
  /** @throws HubError HUB_COMPENSATION_UNKNOWN, HUB_COMPENSATION_DECIDED, HUB_COMPENSATION_OWN */
  reject(caller: Caller, id: string, reason: string): Promise<CompensationView>;
  /** By whoever asked for it. @throws HubError HUB_COMPENSATION_UNKNOWN, HUB_COMPENSATION_DECIDED, HUB_COMPENSATION_OWN */
  withdraw(caller: Caller, id: string, reason: string | undefined): Promise<CompensationView>;
  list(
    caller: Caller,
    state: CompensationState | undefined,
    before: string | undefined,
    limit: number,
  ): Promise<readonly Compensation[]>;
  /** @throws HubError HUB_COMPENSATION_UNKNOWN */
  read(caller: Caller, id: string): Promise<CompensationView>;
}

export function openCompensations(options: CompensationsOptions): Compensations {
  const { database, names, givesBack, writeDown, onCommitted } = options;

  async function planOf(
    connection: SqlConnection,
    settlement: Settlement,
    asked: Pick<Compensation, 'deductionId' | 'leg' | 'kind' | 'points' | 'remoteId' | 'caseId'>,
  ): Promise<CompensationPlan> {
    const { deductionId, leg, kind, points, remoteId, caseId } = asked;
    const about = caseId === null ? undefined : await readCase(connection, caseId);
    if (
      about?.cause === 'misconfigured' ||
      about?.cause === 'unreadable_message' ||
      about?.cause === 'unmatched_callback'
    ) {
      throw refused('the case is not about a leg');
    }
    const ask = { deductionId, leg, kind, remoteId: remoteId ?? undefined };
    return planCompensation(
      settlement,
      { ...ask, points: points === null ? undefined : new Points(points) },
      about && { cause: about.cause, points: new Points(about.points ?? 0) },
      givesBack,
    );
  }

  /** Stores a request that can be met as things stand, and lets it take effect if it is within the threshold. */
  async function place(
    connection: SqlConnection,
    caller: Caller,
    ground: Omit<Ground, 'compensation'>,
    wanted: NewCompensation,
  ): Promise<string> {
    const { settlement } = ground;
    const { caseId = null, points = null, remoteId = null, channel, reason } = wanted;
    const plan = met(await planOf(connection, settlement, { ...wanted, caseId, points, remoteId }));
    const id = await insertCompensation(connection, wanted);
    if (id === undefined) {
      throw new HubError('HUB_COMPENSATION_OPEN', 'another request about this leg waits for a decision');
    }
    if (caseId !== null) await changeCase(connection, caseId, ground.locked?.state ?? 'open');
    const entry = { action: 'compensation.request', subject: `compensation:${id}`, reason };
    if (await isWithinThreshold(connection, channel, writePoints(plan.points))) {
      await settle(connection, caller, await known(connection, id), ground, plan, 'within the threshold');
      await writeDown(connection, caller, { ...entry, details: { isWithinThreshold: true } });
    } else await writeDown(connection, caller, { ...entry, outcome: 'begun' });
    return id;
  }

  async function settle(
    connection: SqlConnection,
    caller: Caller,
    compensation: Compensation,
    ground: Omit<Ground, 'compensation'>,
    plan: Extract<CompensationPlan, { type: 'give_back' | 'state' }>,
    text: string | undefined,
  ): Promise<void> {
    const by = caller.name;
    const refundId = await takeEffect({ ...ground, compensation }, plan, by);
    const lineId = refundId && (await findLine(connection, compensation.orderRowId, refundId));
    await decideCompensation(connection, compensation.id, { state: 'approved', by, text, lineId });
  }

  /** Locks order, case and request, in this order. */
  async function deciding(
    id: string,
    work: (
      connection: SqlConnection,
      compensation: Compensation & { isExpired: boolean },
      ground: Omit<Ground, 'compensation'>,
    ) => Promise<void>,
  ): Promise<void> {
    const { orderRowId, caseId } = await known(database, id);
    await database.transaction(async (connection) => {
      const { settlements, now } = await lockSettlements(connection, [orderRowId]);
      const locked = caseId === null ? undefined : await lockCase(connection, caseId);
      const compensation = await lockCompensation(connection, id);
      const settlement = settlements.get(orderRowId);
      if (compensation === undefined || settlement === undefined) throw unknown(id);
      if (compensation.state !== 'requested') {
        const { state, decidedBy } = compensation;
        const code = state === 'expired' ? 'HUB_COMPENSATION_EXPIRED' : 'HUB_COMPENSATION_DECIDED';
        throw new HubError(code, `it is ${state}${decidedBy === null ? '' : ` by ${decidedBy}`}`);
      }
      const transaction = caseTransaction(connection, names);
      await work(connection, compensation, {
        transaction,
        settlement,
        locked,
        let: (inputs) => letIn(transaction, settlements, now, orderRowId, inputs, options),
      });
    });
  }

  async function view(id: string): Promise<CompensationView> {
    const compensation = await known(database, id);
    if (compensation.state !== 'requested') return { ...compensation, effect: undefined, digest: undefined };
    return database.transaction(async (connection) => {
      const { settlements } = await lockSettlements(connection, [compensation.orderRowId]);
      const settlement = settlements.get(compensation.orderRowId);
      if (settlement === undefined) throw unknown(id);
      const effect = effectOf(settlement, compensation, await planOf(connection, settlement, compensation));
      return { ...compensation, effect, digest: digestOf(compensation, effect) };
    });
  }

  return {
    request: async (caller, caseId, version, wish) => {
      demand(caller, 'compensation.request');
      const id = await onSubject(options, { caseId, version }, ['open', 'ignored'], (subject) => {
        const { locked, settlement, transaction } = subject;
        const { deductionId, orderRowId, channel } = locked;
        if (deductionId === null || orderRowId === null || channel === null || locked.leg === null) {
          throw refused('the case is not about a leg');
        }
        if (settlement === undefined) throw new Error(`order row ${orderRowId} vanished`);
        const leg = legOf(wish.kind, locked.leg);
        const subjectOf = { caseId, orderRowId, deductionId, channel, leg };
        return place(
          transaction.connection,
          caller,
          { ...subject, settlement },
          newOf(wish, subjectOf, caller, undefined),
        );
      });
      onCommitted();
      return view(id);
    },
    requestRefund: async (caller, { mallId, orderId, channel }, key, wish) => {
      demand(caller, 'compensation.request');
      if (wish.kind !== 'refund_points' && wish.kind !== 'return_quota') {
        throw refused('the truth of a leg is stated about a case');
      }
      const leg = legOf(wish.kind, 'points');
      const found = await findDeduction(database, mallId, orderId, channel);
      if (found === undefined) {
        throw new HubError('HUB_ORDER_UNKNOWN', 'this mall has no such order with this channel');
      }
      const { orderRowId, deductionId } = found;
      const wanted = newOf(wish, { caseId: undefined, orderRowId, deductionId, channel, leg }, caller, key);
      const id = await database.transaction(async (connection) => {
        const { settlements, now } = await lockSettlements(connection, [orderRowId]);
        const settlement = settlements.get(orderRowId);
        if (settlement === undefined) throw new Error(`order row ${orderRowId} vanished`);
        const before = await findByRequestKey(connection, caller.name, key);
        if (before !== undefined) return sameRequest(before, wanted);
        const transaction = caseTransaction(connection, names);
        const ground = {
          transaction,
          settlement,
          locked: undefined,
          let: (inputs: Parameters<typeof letIn>[4]) =>
            letIn(transaction, settlements, now, orderRowId, inputs, options),
        };
        return place(connection, caller, ground, wanted);
      });
      onCommitted();
      return view(id);
    },
    approve: async (caller, id, digest, note) => {
      demand(caller, 'compensation.approve');
      demandFresh(caller);
      await deciding(id, async (connection, compensation, ground) => {
        if (compensation.isExpired) throw new HubError('HUB_COMPENSATION_EXPIRED', 'nobody decided in time');
        if (compensation.requestedBy === caller.name) {
          throw new HubError('HUB_COMPENSATION_OWN', 'another person has to approve it');
        }
        demandActionable(ground.locked);
        const plan = await planOf(connection, ground.settlement, compensation);
        const now = digestOf(compensation, effectOf(ground.settlement, compensation, plan));
        if (now !== digest) {
          throw new HubError('HUB_COMPENSATION_CHANGED', 'the digest is not that of what it would do now');
        }
        await settle(connection, caller, compensation, ground, met(plan), note);
        const entry = { action: 'compensation.approve', subject: `compensation:${id}`, reason: note };
        await writeDown(connection, caller, { ...entry, details: { digest } });
      });
      onCommitted();
      return view(id);
    },
    reject: async (caller, id, reason) => {
      demand(caller, 'compensation.approve');
      await deciding(id, async (connection, { requestedBy }) => {
        if (requestedBy === caller.name) {
          throw new HubError('HUB_COMPENSATION_OWN', 'withdraw it: rejecting is for another person');
        }
        const decision = { state: 'rejected', by: caller.name, text: reason, lineId: undefined } as const;
        await decideCompensation(connection, id, decision);
        await writeDown(connection, caller, {
          action: 'compensation.reject',
          subject: `compensation:${id}`,
          reason,
        });
      });
      return view(id);
    },
    withdraw: async (caller, id, reason) => {
      demand(caller, 'compensation.request');
      await deciding(id, async (connection, { requestedBy }) => {
        if (requestedBy !== caller.name) {
          throw new HubError('HUB_COMPENSATION_OWN', `only ${requestedBy}, who asked for it, withdraws it`);
        }
        const decision = { state: 'withdrawn', by: caller.name, text: reason, lineId: undefined } as const;
        await decideCompensation(connection, id, decision);
        await writeDown(connection, caller, {
          action: 'compensation.withdraw',
          subject: `compensation:${id}`,
          reason,
        });
      });
      return view(id);
    },
    list: async (caller, state, before, limit) => {
      demand(caller, 'cases.read');
      return listCompensations(database, state, before, limit);
    },
    read: async (caller, id) => {
      demand(caller, 'cases.read');
      return view(id);
    },
  };
}

/** @throws HubError HUB_COMPENSATION_UNKNOWN */
async function known(connection: SqlConnection, id: string): Promise<Compensation> {
  const found = await readCompensation(connection, id);
  if (found === undefined) throw unknown(id);
  return found;
}

function unknown(id: string): HubError {
  return new HubError('HUB_COMPENSATION_UNKNOWN', `there is no compensation ${id}`);
}

/** @throws HubError HUB_CASE_BUSY, HUB_CASE_CLOSED */
function demandActionable(locked: LockedCase | undefined): void {
  if (locked === undefined) return;
  if (locked.isBusy) throw busy('an operation on the case is under way; wait for its outcome');
  if (locked.state !== 'open' && locked.state !== 'ignored') {
    throw new HubError('HUB_CASE_CLOSED', `the case is ${locked.state}`);
  }
}
