/**
 * The contract suite of cases: how settlement opens and closes them, and what operations write. The store in Postgres
 * and the one in memory pass it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CaseChange, Told } from '../../core/case.ts';
import type { Deduction } from '../../core/deduction.ts';
import { Points } from '../../core/points.ts';
import type { CaseStore, CaseTransaction } from '../../operations/case-store-port.ts';
import type { NewOperation } from '../../store/case-operations.ts';
import type { CaseView } from '../../store/cases.ts';
import type { DeadMessage } from '../../store/message-cases.ts';
import { anyCase } from './any-case.ts';
import type { SettlementStore, Writes } from '../store-port.ts';

export interface CaseStoreHarness {
  readonly cases: CaseStore;
  readonly store: SettlementStore;
  /** Places an order of two deductions, at `airmiles` and `fuelcard`, of 5.25 each. @returns its row id */
  place(orderId: string, deadlineAt: Date): Promise<string>;
  /** Subjects of the messages that were appended since it was asked last. */
  appended(): Promise<string[]>;
  openMessageCase(message: DeadMessage): Promise<boolean>;
  dispose(): Promise<void>;
}

const far = new Date('2100-01-01T00:00:00.000Z');
const past = new Date('2020-01-01T00:00:00.000Z');
const nothing: Writes = {
  orders: [],
  deductions: [],
  attempts: [],
  finished: [],
  messages: [],
  cases: [],
  heard: [],
  references: [],
};
const told: Told = {
  call: { leg: 'points', action: 'deduct' },
  answer: { type: 'acted', outcome: { type: 'unknown', cause: 'timeout', evidence: {} } },
};

interface Subject {
  readonly orderRowId: string;
  readonly deduction: Deduction;
}

export function describeCaseStore(name: string, makeHarness: () => Promise<CaseStoreHarness>): void {
  describe(`${name}, as any store of cases`, () => {
    let harness: CaseStoreHarness;
    let orders = 0;
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness.dispose());

    async function place(): Promise<Subject> {
      orders += 1;
      const orderRowId = await harness.place(`order-${orders}`, far);
      await harness.appended();
      const deduction = await harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: settlements.get(orderRowId)?.deductions[0],
      }));
      if (deduction === undefined) throw new Error('an order has deductions');
      return { orderRowId, deduction };
    }

    function write({ orderRowId }: Subject, writes: Partial<Writes>): Promise<void> {
      return harness.store.transact([orderRowId], () => ({
        writes: { ...nothing, ...writes },
        result: undefined,
      }));
    }

    function heldBy(deduction: Deduction, isAgain = false): CaseChange {
      return { type: 'held', deduction, leg: 'points', cause: 'attempts_used_up', isAgain, told };
    }

    async function listed(state: CaseView['state'] = 'open'): Promise<readonly string[]> {
      const { cases } = await harness.cases.list({ ...anyCase, state }, undefined, 1_000);
      return cases.map(({ id }) => id);
    }

    /** The id of the case that `work` opens. */
    async function opening(work: () => Promise<unknown>): Promise<string> {
      const before = new Set(await listed());
      await work();
      const [opened, ...more] = (await listed()).filter((id) => !before.has(id));
      if (opened === undefined || more.length > 0) throw new Error('one case was to be opened');
      return opened;
    }

    async function openLegCase(): Promise<Subject & { readonly id: string }> {
      const subject = await place();
      const id = await opening(() => write(subject, { cases: [heldBy(subject.deduction)] }));
      return { ...subject, id };
    }

    async function read(id: string): Promise<CaseView> {
      const view = await harness.cases.read(id);
      if (view === undefined) throw new Error(`there is no case ${id}`);
      return view;
    }

    function newOperation(caseId: string, more: Partial<NewOperation> = {}): NewOperation {
      const rest = { reason: undefined, details: {}, outcome: undefined, expiresAt: undefined };
      return { caseId, kind: 'retry', operator: 'ada', ...rest, ...more };
    }

    function onCase<Result>(id: string, work: (one: CaseTransaction) => Promise<Result>): Promise<Result> {
      return harness.cases.transaction(async (transaction) => {
        const subject = await harness.cases.readSubject(id);
        await transaction.lockSettlements([subject?.orderRowId ?? []].flat());
        await transaction.lockCase(id);
        return work(transaction);
      });
    }

    test('a leg that waits has one case, with its facts; trouble that comes again raises its count', async () => {
      const { id, deduction, ...subject } = await openLegCase();
      const opened = await read(id);
      expect(opened).toMatchObject({
        version: 1,
        count: 1,
        state: 'open',
        cause: 'attempts_used_up',
        suggestion: 'retry',
        channel: 'airmiles',
        leg: 'points',
        operation: 'points.deduct',
        error: 'attempts_used_up unknown timeout',
        fingerprint: 'v1 airmiles points.deduct attempts_used_up unknown timeout',
        points: '5.25',
        orderId: `order-${orders}`,
        mallId: 'shop',
        orderStatus: 'settling',
        refundId: null,
        claimedBy: null,
        isBusy: false,
        closedAt: null,
      });
      await write({ ...subject, deduction }, { cases: [heldBy(deduction)] });
      expect(await read(id)).toMatchObject({ version: 2, count: 2, state: 'open' });
    });

    test('a case recovers with its subject, and the same leg may have another one later', async () => {
      const { id, deduction, ...subject } = await openLegCase();
      const moved: CaseChange = { type: 'recovered', deductionId: deduction.id, leg: 'points' };
      await write({ ...subject, deduction }, { cases: [moved] });
      const closed = await read(id);
      expect(closed).toMatchObject({ state: 'recovered', version: 2 });
      expect(closed.closedAt).toBeInstanceOf(Date);
      const again = await opening(() => write({ ...subject, deduction }, { cases: [heldBy(deduction)] }));
      expect(again).not.toBe(id);
    });

    test('a retry is under way until its subject moves on or is held again', async () => {
      const { id, deduction, ...subject } = await openLegCase();
      await onCase(id, (one) => one.insertOperation(newOperation(id)));
      expect((await read(id)).isBusy).toBe(true);
      await write({ ...subject, deduction }, { cases: [heldBy(deduction, true)] });
      const after = await read(id);
      expect(after.isBusy).toBe(false);
      expect(after.operations).toMatchObject([{ kind: 'retry', outcome: 'held again: attempts_used_up' }]);
    });

    test('a set-up has one case for all who wait, which closes with the last of them', async () => {
      const code = 'authentication' as const;
      const waits = { attention: { type: 'misconfigured', leg: 'points', code } } as const;
      const subjects = [await place(), await place()];
      const waiting = (one: Subject): CaseChange => {
        return { type: 'misconfigured', deduction: one.deduction, leg: 'points', code, told };
      };
      const id = await opening(async () => {
        for (const one of subjects)
          await write(one, { deductions: [{ ...one.deduction, ...waits }], cases: [waiting(one)] });
      });
      expect(await read(id)).toMatchObject({ cause: 'misconfigured', count: 2, orderId: null });
      const setUp = { channel: 'airmiles', leg: 'points', code } as const;
      const ids = (await harness.cases.listWaiting(setUp, '0', 10)).map((one) => one.id);
      expect(ids).toEqual(subjects.map(({ deduction }) => deduction.id));
      expect(await harness.cases.listWaiting(setUp, ids[0] ?? '', 10)).toHaveLength(1);
      const states: string[] = [];
      for (const one of subjects) {
        const { deduction } = one;
        const change: CaseChange = { type: 'configured', deductionId: deduction.id, ...setUp };
        await write(one, { deductions: [deduction], cases: [change] });
        states.push((await read(id)).state);
      }
      expect(states).toEqual(['open', 'recovered']);
    });

    test('a dead message has one case for ever, even when that is closed', async () => {
      const message: DeadMessage = {
        key: 'm-1:digest',
        cause: 'unreadable_message',
        error: 'unreadable_message: no JSON',
        fingerprint: 'v1 messages read unreadable_message: no JSON',
        evidence: {},
      };
      const id = await opening(() => harness.openMessageCase(message));
      expect(await harness.openMessageCase(message)).toBe(false);
      await onCase(id, (one) => one.changeCase(id, 'resolved'));
      expect(await harness.openMessageCase(message)).toBe(false);
      expect(await read(id)).toMatchObject({ state: 'resolved', channel: null, leg: null, points: null });
    });

    test('a case can have one operation under way, whoever comes at the same time', async () => {
      const { id } = await openLegCase();
      const tries = await Promise.allSettled(
        ['ada', 'bob', 'cyd'].map((operator) =>
          onCase(id, (one) => one.insertOperation(newOperation(id, { operator }))),
        ),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await read(id)).operations).toHaveLength(1);
    });

    test('an operation whose time is past keeps nobody out', async () => {
      const { id } = await openLegCase();
      await onCase(id, (one) => one.insertOperation(newOperation(id, { kind: 'query', expiresAt: past })));
      const locked = await onCase(id, (one) => one.lockCase(id));
      expect(locked).toMatchObject({ isBusy: false, state: 'open', cause: 'attempts_used_up' });
      expect((await read(id)).operations).toMatchObject([{ kind: 'query', outcome: 'abandoned' }]);
    });

    test('an operation ends once', async () => {
      const { id } = await openLegCase();
      const operationId = await onCase(id, (one) =>
        one.insertOperation(newOperation(id, { details: { one: 1 } })),
      );
      await onCase(id, (one) => one.finishOperation(operationId, 'found_done', { other: 2 }));
      await onCase(id, (one) => one.finishOperation(operationId, 'too late', {}));
      expect((await read(id)).operations).toMatchObject([
        { outcome: 'found_done', details: { one: 1, other: 2 } },
      ]);
    });

    test('each change of a case is its next version, and a claim keeps its name', async () => {
      const { id } = await openLegCase();
      expect(await onCase(id, (one) => one.changeCase(id, 'open', 'ada'))).toBe(2);
      expect(await onCase(id, (one) => one.changeCase(id, 'ignored'))).toBe(3);
      expect(await read(id)).toMatchObject({
        version: 3,
        state: 'ignored',
        claimedBy: 'ada',
        closedAt: null,
      });
      expect(await listed('ignored')).toContain(id);
      expect(await listed()).not.toContain(id);
    });

    test('a transaction that fails leaves no trace of its operation, its case or its order', async () => {
      const { id, deduction, orderRowId } = await openLegCase();
      const before = await read(id);
      const failing = onCase(id, async (one) => {
        await one.writeSettlements({ ...nothing, deductions: [{ ...deduction, failures: 9 }] });
        await one.insertOperation(newOperation(id));
        await one.changeCase(id, 'resolved');
        throw new Error('a defect');
      });
      await expect(failing).rejects.toThrow('a defect');
      expect(await read(id)).toEqual(before);
      const now = await harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: settlements.get(orderRowId)?.deductions[0],
      }));
      expect(now?.failures).toBe(0);
    });

    test('what is held beside a closed leg becomes a line that releases it', async () => {
      const { id, deduction, orderRowId } = await openLegCase();
      await onCase(id, (one) =>
        one.insertCorrection({
          deductionId: deduction.id,
          leg: 'points',
          points: '2.5',
          remoteId: 'h-9',
          isHeld: true,
          refundId: 'correction of a hold',
          keyBase: 'C'.repeat(26),
        }),
      );
      const lines = await harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: settlements.get(orderRowId)?.deductions.filter(({ refund }) => refund !== undefined) ?? [],
      }));
      expect(lines).toMatchObject([
        { holds: true, goal: 'undo', points: { state: 'held', remoteId: 'h-9' }, quota: { state: 'void' } },
      ]);
      await harness.appended();
    });

    test('what is in effect beside a closed leg becomes a refund line with a message', async () => {
      const { id, deduction, orderRowId } = await openLegCase();
      await harness.appended();
      await onCase(id, (one) =>
        one.insertCorrection({
          deductionId: deduction.id,
          leg: 'points',
          points: '2.5',
          remoteId: 'r-9',
          isHeld: false,
          refundId: 'correction',
          keyBase: 'B'.repeat(26),
        }),
      );
      const lines = await harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: settlements.get(orderRowId)?.deductions.filter(({ refund }) => refund !== undefined) ?? [],
      }));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        goal: 'undo',
        channel: 'airmiles',
        refund: { refundId: 'correction', originalKeyBase: deduction.keyBase },
        points: { state: 'applied', points: new Points('2.5'), remoteId: 'r-9' },
        quota: { state: 'void' },
      });
      expect(await harness.appended()).toEqual([lines[0]?.id]);
    });

    test('lists are by page, newest first, and by channel, cause and fingerprint; groups count them', async () => {
      const ids = [(await openLegCase()).id, (await openLegCase()).id];
      const about = { state: 'open', channel: 'airmiles', cause: 'attempts_used_up' } as const;
      const filter = { ...anyCase, ...about };
      const { fingerprint } = await read(ids[0] ?? '');
      const first = await harness.cases.list({ ...filter, fingerprint }, undefined, 1);
      expect(first.cases.map(({ id }) => id)).toEqual([ids[1]]);
      const second = await harness.cases.list({ ...filter, fingerprint }, first.last, 1);
      expect(second.cases.map(({ id }) => id)).toEqual([ids[0]]);
      const none = await harness.cases.list({ ...filter, fingerprint: 'none' }, undefined, 1);
      expect(none).toEqual({ cases: [], last: undefined });
      const waiting = await listed();
      const group = (await harness.cases.groups('open', 10)).find((one) => one.fingerprint === fingerprint);
      expect(group).toMatchObject({ cause: 'attempts_used_up', suggestion: 'retry', channels: ['airmiles'] });
      expect(group?.cases).toBeLessThanOrEqual(waiting.length);
      expect(group?.points).toBe(new Points('5.25').times(group?.cases ?? 0).toFixed());
    });

    test('a case that does not exist is missing everywhere', async () => {
      expect(await harness.cases.read('999999999')).toBeUndefined();
      expect(await harness.cases.readSubject('999999999')).toBeUndefined();
      expect(await harness.cases.transaction((one) => one.lockCase('999999999'))).toBeUndefined();
    });
  });
}
