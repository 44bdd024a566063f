/**
 * The contract suite of `SettlementStore`. The store in Postgres and the one in memory pass it, so what the simulation
 * proves on the second holds on the first.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Message } from '../../core/advance.ts';
import type { Deduction } from '../../core/deduction.ts';
import { askedWords, type Leg } from '../../core/leg.ts';
import type { Settlement } from '../../core/order.ts';
import { Points } from '../../core/points.ts';
import type { SettlementStore, Writes } from '../store-port.ts';

export interface SettlementStoreHarness {
  readonly store: SettlementStore;
  /** Places an order of two deductions, at `airmiles` and `fuelcard`, of 5.25 each. @returns its row id */
  place(orderId: string, deadlineAt: Date): Promise<string>;
  /** Subjects of the messages that were appended since it was asked last: deductions' row ids, or order ids. */
  appended(): Promise<string[]>;
  dispose(): Promise<void>;
}

const at = new Date('2026-01-01T00:00:00.000Z');
export const far = new Date('2100-01-01T00:00:00.000Z');
export const past = new Date('2020-01-01T00:00:00.000Z');
export const nothing: Writes = {
  orders: [],
  deductions: [],
  attempts: [],
  finished: [],
  messages: [],
  cases: [],
  heard: [],
  references: [],
};
export const points = new Points('5.25');
const sending = { firstSentAt: at, quietAt: at };
const taken = { points, remoteId: 'r-1' };

/** Pairs of legs that a row can have, each leg state at least once. */
const pairs: readonly (readonly [goal: Deduction['goal'], points: Leg, quota: Leg])[] = [
  ['settle', { state: 'idle' }, { state: 'idle' }],
  ['settle', { state: 'sent', ...sending, unproven: true }, { state: 'idle' }],
  ['settle', { state: 'pending', ...sending, remoteId: 'r-2' }, { state: 'idle' }],
  ['settle', { state: 'in_doubt', ...sending, asked: 'not_found' }, { state: 'idle' }],
  ...askedWords.map(
    (asked) => ['settle', { state: 'in_doubt', ...sending, asked }, { state: 'idle' }] as const,
  ),
  ['settle', { state: 'held', ...taken }, { state: 'idle' }],
  ['settle', { state: 'confirm_sent', ...sending, taken, unproven: false }, { state: 'applied', ...taken }],
  ['settle', { state: 'confirm_pending', ...sending, taken }, { state: 'applied', ...taken }],
  [
    'undo',
    { state: 'confirm_in_doubt', ...sending, taken, asked: 'not_found' },
    { state: 'applied', ...taken },
  ],
  ['settle', { state: 'confirm_refused', taken, reason: 'hold_expired' }, { state: 'applied', ...taken }],
  ['settle', { state: 'applied', ...taken }, { state: 'refused', reason: 'insufficient_quota' }],
  ['undo', { state: 'refused', reason: 'member_blocked' }, { state: 'void' }],
  [
    'undo',
    { state: 'undo_sent', ...sending, taken, unproven: false },
    { state: 'undone', points: new Points(0) },
  ],
  ['undo', { state: 'undo_pending', ...sending, taken }, { state: 'undone', points }],
  ['undo', { state: 'undo_in_doubt', ...sending, taken, asked: 'no_answer' }, { state: 'void' }],
  [
    'undo',
    { state: 'applied', ...taken },
    { state: 'undo_in_doubt', ...sending, taken: undefined, asked: 'not_yet' },
  ],
  ['undo', { state: 'undo_refused', taken, reason: 'another_amount' }, { state: 'void' }],
];

export function describeSettlementStore(
  name: string,
  makeHarness: (options: { readonly wakeAfterMs: number }) => Promise<SettlementStoreHarness>,
): void {
  describe(`${name}, as any settlement store`, () => {
    let harness: SettlementStoreHarness;
    let orders = 0;
    beforeAll(async () => {
      harness = await makeHarness({ wakeAfterMs: 600_000 });
    });
    afterAll(() => harness.dispose());

    async function place(deadlineAt = far): Promise<string> {
      orders += 1;
      const id = await harness.place(`order-${orders}`, deadlineAt);
      await harness.appended();
      return id;
    }

    function read(orderRowId: string): Promise<Settlement> {
      return harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: of(settlements, orderRowId),
      }));
    }

    /** One transaction that changes the first deduction of an order. */
    function change(orderRowId: string, changes: (before: Deduction) => Partial<Writes>): Promise<void> {
      return harness.store.transact([orderRowId], (settlements) => {
        const [first] = of(settlements, orderRowId).deductions;
        return { writes: { ...nothing, ...changes(first as Deduction) }, result: undefined };
      });
    }

    async function makeOverdue(orderRowId: string): Promise<string[]> {
      const { deductions } = await read(orderRowId);
      await harness.store.transact([orderRowId], () => ({
        writes: { ...nothing, deductions: deductions.map((one) => ({ ...one, wakeBy: past })) },
        result: undefined,
      }));
      return deductions.map(({ id }) => id);
    }

    test('an order is read as it was placed, and one that does not exist is missing', async () => {
      const id = await place();
      const both = await harness.store.transact([id, '999999999', id], (settlements) => ({
        writes: nothing,
        result: [...settlements.keys()],
      }));
      expect(both).toEqual([id]);
      const { order, deductions } = await read(id);
      expect(order).toMatchObject({ id, status: 'settling', reason: undefined, deadlineAt: far });
      expect(deductions.map(({ channel, asked }) => [channel, asked.toFixed()])).toEqual([
        ['airmiles', '5.25'],
        ['fuelcard', '5.25'],
      ]);
      expect(deductions[0]).toMatchObject({
        goal: 'settle',
        points: { state: 'idle' },
        quota: { state: 'idle' },
        failures: 0,
        attempts: 0,
        lease: undefined,
        notBefore: undefined,
        refund: undefined,
      });
      expect(deductions[0]?.wakeBy).toBeInstanceOf(Date);
    });

    test.each(pairs)('a deduction is read as it was written (goal %s, %j, %j)', async (goal, one, other) => {
      const id = await place();
      const { deductions } = await read(id);
      const written: Deduction = {
        ...(deductions[0] as Deduction),
        holds: /^(held|confirm)/.test(one.state),
        goal,
        points: one,
        quota: other,
        failures: 3,
        attempts: 7,
        notBefore: at,
        wakeBy: far,
        lease: {
          token: 7,
          until: at,
        },
        lateCheck: { at: far, from: past, until: at },
      };
      await change(id, () => ({ deductions: [written] }));
      const after = await read(id);
      expect(after.deductions[0]).toEqual(written);
      expect(after.deductions[1]).toEqual(deductions[1]);
    });

    test('an order is read with the status and the reason that were written', async () => {
      const id = await place();
      const { order } = await read(id);
      const reason = { code: 'insufficient_points', channel: 'airmiles', leg: 'points' } as const;
      const compensating = { ...order, status: 'compensating', reason } as const;
      await change(id, () => ({ orders: [compensating] }));
      expect((await read(id)).order).toEqual(compensating);
      const cancelled = { ...order, status: 'cancelled', reason: { code: 'deadline_passed' } } as const;
      await change(id, () => ({ orders: [cancelled] }));
      expect((await read(id)).order).toEqual(cancelled);
    });

    test('a transaction that fails writes nothing and leaves the order free', async () => {
      const id = await place();
      const before = await read(id);
      const impossible = change(id, (first) => ({
        orders: [{ ...before.order, status: 'settled' }],
        deductions: [{ ...first, quota: { state: 'applied', ...taken } }],
        messages: [dueOf(id, first)],
      }));
      await expect(impossible).rejects.toThrow(/points_before_quota/);
      await expect(change(id, fail)).rejects.toThrow('a defect');
      expect(await read(id)).toEqual(before);
      expect(await harness.appended()).toEqual([]);
    });

    test('two attempts under one number cannot be', async () => {
      const id = await place();
      const first = ({ id: deductionId, channel, memberRef }: Deduction): Partial<Writes> => ({
        attempts: [
          {
            deductionId,
            token: 1,
            key: 'K',
            channel,
            memberRef,
            points,
            intendedAt: at,
            sendBy: at,
            call: {
              leg: 'points',
              action: 'deduct',
            },
            originalKey: undefined,
            originalRemoteId: undefined,
            isHold: false,
            search: undefined,
          },
        ],
      });
      await change(id, first);
      await expect(change(id, first)).rejects.toThrow(/attempt/);
    });

    test('transactions of one order go one after the other, and none is lost', async () => {
      const id = await place();
      const count = 24;
      const failuresOnce = (): Promise<void> =>
        change(id, (first) => ({ deductions: [{ ...first, failures: first.failures + 1 }] }));
      await Promise.all(Array.from({ length: count }, failuresOnce));
      expect((await read(id)).deductions[0]?.failures).toBe(count);
    });

    test('the time that a transaction is told is not before the end of the one it waited for', async () => {
      const id = await place();
      const times = await Promise.all(
        Array.from({ length: 8 }, () =>
          harness.store.transact([id], (settlements, now) => ({
            writes: {
              ...nothing,
              deductions: of(settlements, id).deductions.map((one) => ({ ...one, notBefore: now })),
            },
            result: { now, before: of(settlements, id).deductions[0]?.notBefore },
          })),
        ),
      );
      // Times are told in whole milliseconds, in which several transactions may have their turn.
      expect(times.filter(({ now, before }) => before !== undefined && before > now)).toEqual([]);
      expect(times.filter(({ before }) => before === undefined)).toHaveLength(1);
    });

    test('transactions of the same orders in different sequence do not lock each other out', async () => {
      const ids = [await place(), await place(), await place()];
      const touch = (sequence: readonly string[]): Promise<void> =>
        harness.store.transact(sequence, (settlements) => {
          const deductions = [...settlements.values()].flatMap(({ deductions: all }) =>
            all.map((one) => ({ ...one, failures: one.failures + 1 })),
          );
          return { writes: { ...nothing, deductions }, result: undefined };
        });
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => touch(index % 2 === 0 ? ids : ids.toReversed())),
      );
      for (const id of ids)
        expect((await read(id)).deductions.map(({ failures }) => failures)).toEqual([12, 12]);
    });

    test('messages are appended with the commit', async () => {
      const id = await place();
      const { order } = await read(id);
      await change(id, (first) => ({ messages: [dueOf(id, first), { type: 'order_ended', order }] }));
      const [first] = (await read(id)).deductions;
      expect((await harness.appended()).toSorted()).toEqual([first?.id ?? '', order.orderId].toSorted());
    });

    test('an overdue deduction is woken once by several sweepers, and its time moves on', async () => {
      const id = await place();
      const ids = await makeOverdue(id);
      const woken = await Promise.all([harness.store.wakeOverdue(10), harness.store.wakeOverdue(10)]);
      expect(woken[0] + woken[1]).toBe(2);
      expect((await harness.appended()).toSorted()).toEqual(ids.toSorted());
      const [first] = (await read(id)).deductions;
      expect(first?.wakeBy?.getTime()).toBeGreaterThan(past.getTime());
      expect(await harness.store.wakeOverdue(10)).toBe(0);
    });

    test('a sweeper wakes no more than it was asked to', async () => {
      await makeOverdue(await place());
      expect([await harness.store.wakeOverdue(1), await harness.store.wakeOverdue(1)]).toEqual([1, 1]);
      expect(await harness.store.wakeOverdue(1)).toBe(0);
    });

    test('an order that is past its deadline is overdue while it is settling', async () => {
      const id = await place(past);
      await place();
      expect(await harness.store.overdueOrders(10)).toEqual([id]);
      const { order } = await read(id);
      await change(id, () => ({ orders: [{ ...order, status: 'settled' }] }));
      expect(await harness.store.overdueOrders(10)).toEqual([]);
    });

    test('an order of which something may be confirmed is past no deadline', async () => {
      const id = await place(past);
      const leave = (leg: Leg): Promise<void> =>
        change(id, (first) => ({
          deductions: [{ ...first, holds: true, points: leg, quota: { state: 'applied', ...taken } }],
        }));
      await leave({ state: 'held', ...taken });
      expect(await harness.store.overdueOrders(10)).toEqual([id]);
      await leave({ state: 'confirm_in_doubt', ...sending, taken, asked: 'not_yet' });
      expect(await harness.store.overdueOrders(10)).toEqual([]);
      await leave({ state: 'applied', ...taken });
      expect(await harness.store.overdueOrders(10)).toEqual([]);
      const { order } = await read(id);
      await change(id, () => ({ orders: [{ ...order, status: 'settled' }] }));
    });
  });
}

function of(settlements: ReadonlyMap<string, Settlement>, orderRowId: string): Settlement {
  const settlement = settlements.get(orderRowId);
  if (settlement === undefined) throw new Error(`there is no order row ${orderRowId}`);
  return settlement;
}

function dueOf(orderRowId: string, { id, channel }: Deduction): Message {
  return {
    type: 'deduction_due',
    deductionId: id,
    orderRowId,
    channel,
    availableAt: undefined,
    traceparent: undefined,
  };
}

function fail(): never {
  throw new Error('a defect');
}
