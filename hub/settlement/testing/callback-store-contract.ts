/**
 * The part of the contract suite of `SettlementStore` that is about callbacks: kept, matched, taken in once, never lost.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Callback } from '../../core/callback.ts';
import type { CaseStore } from '../../operations/case-store-port.ts';
import type { CaseState, CaseSummary } from '../../store/cases.ts';
import type { KnownReference } from '../callback-references.ts';
import type { ChannelStates } from '../channel-states-port.ts';
import type { NewCallback, Writes } from '../store-port.ts';
import { anyCase } from './any-case.ts';
import { far, nothing, past, points, type SettlementStoreHarness } from './settlement-store-contract.ts';

/** A callback about `reference`; each call is another event. */
let events = 0;
function callbackOf(reference: string, changes: Partial<NewCallback> = {}): NewCallback {
  events += 1;
  return {
    channel: 'airmiles',
    eventId: `msg_${events}`,
    digest: 'a'.repeat(64),
    about: { kind: 'key', reference },
    isSigned: true,
    said: { type: 'done', points, remoteId: 'r-9', replayed: false, evidence: { remoteCode: 'OK' } },
    receivedAt: new Date(),
    ...changes,
  };
}

export interface CallbackStoreHarness extends SettlementStoreHarness {
  readonly cases: CaseStore;
  readonly states: ChannelStates;
}

export function describeKeptCallbacks(
  name: string,
  makeHarness: (options: { readonly wakeAfterMs: number }) => Promise<CallbackStoreHarness>,
): void {
  describe(`${name}, as any store of callbacks`, () => {
    let harness: CallbackStoreHarness;
    let orders = 0;
    beforeAll(async () => {
      harness = await makeHarness({ wakeAfterMs: 600_000 });
    });
    afterAll(() => harness.dispose());

    async function place(): Promise<string> {
      orders += 1;
      const id = await harness.place(`told-${orders}`, far);
      await harness.appended();
      return id;
    }

    function firstOf(orderRowId: string): Promise<string> {
      return harness.store.transact([orderRowId], (settlements) => ({
        writes: nothing,
        result: settlements.get(orderRowId)?.deductions[0]?.id ?? '',
      }));
    }

    function change(orderRowId: string, writes: Partial<Writes>): Promise<void> {
      return harness.store.transact([orderRowId], () => ({
        writes: { ...nothing, ...writes },
        result: undefined,
      }));
    }

    async function refer(
      orderRowId: string,
      reference: string,
      direction: KnownReference['direction'] = 'deduct',
      kind: KnownReference['about']['kind'] = 'key',
    ): Promise<void> {
      const deductionId = await firstOf(orderRowId);
      const about = { kind, reference };
      await change(orderRowId, {
        references: [{ channel: 'airmiles', about, deductionId, orderRowId, direction }],
      });
    }

    /** What settlement would take in with this order now. */
    function unapplied(orderRowId: string): Promise<readonly Callback[]> {
      return harness.store.transact(
        [orderRowId],
        (_settlements, _now, callbacks) => ({ writes: nothing, result: callbacks.get(orderRowId) ?? [] }),
        [orderRowId],
      );
    }

    test('a callback about a known operation is kept once, wakes its deduction, and is read as it was kept', async () => {
      const id = await place();
      await refer(id, `key of ${id}`);
      const done = callbackOf(`key of ${id}`);
      const refusal = callbackOf(`key of ${id}`, {
        said: { type: 'rejected', reason: 'limit_exceeded', evidence: {} },
      });
      const accepted = callbackOf(`key of ${id}`, {
        said: { type: 'pending', remoteId: 'r-9', pollAfterMs: 5_000, evidence: {} },
      });
      expect(await harness.store.keepCallback(done)).toBe('kept');
      expect(await harness.store.keepCallback(done)).toBe('repeated');
      expect(await harness.store.keepCallback({ ...done, digest: 'b'.repeat(64) })).toBe('conflicting');
      expect(await harness.store.keepCallback(refusal)).toBe('kept');
      expect(await harness.store.keepCallback(accepted)).toBe('kept');
      const deductionId = await firstOf(id);
      expect(await harness.appended()).toEqual([deductionId, deductionId, deductionId]);
      expect(await unapplied(id)).toEqual(
        [done, refusal, accepted].map(({ said, receivedAt }) => ({
          id: expect.any(String),
          deductionId,
          direction: 'deduct',
          said,
          receivedAt,
        })),
      );
    });

    test('of one event that comes in many times at once one is kept', async () => {
      const id = await place();
      await refer(id, `key of ${id}`);
      const callback = callbackOf(`key of ${id}`);
      const kept = await Promise.all(Array.from({ length: 8 }, () => harness.store.keepCallback(callback)));
      expect(kept.toSorted()).toEqual(['kept', ...Array.from({ length: 7 }, () => 'repeated')]);
      expect(await unapplied(id)).toHaveLength(1);
      await harness.appended();
    });

    test('a callback that was taken in is not read again, and is deleted only when it is old', async () => {
      const id = await place();
      await refer(id, `key of ${id}`);
      await harness.store.keepCallback(callbackOf(`key of ${id}`));
      const [callback] = await unapplied(id);
      await change(id, { heard: [{ id: callback?.id ?? '', effect: 'moved' }] });
      expect(await unapplied(id)).toEqual([]);
      expect(await harness.store.forgetCallbacks(10, 3_600_000)).toBe(0);
      expect(await harness.store.forgetCallbacks(10, -1_000)).toBe(1);
      await harness.appended();
    });

    test('a callback that came too early is matched, and wakes its deduction, once its operation has a name', async () => {
      const id = await place();
      const byKey = callbackOf(`key of ${id}`);
      const byRemoteId = callbackOf('', { about: { kind: 'remote_id', reference: `remote id of ${id}` } });
      expect(await harness.store.keepCallback(byKey)).toBe('kept');
      expect(await harness.store.keepCallback(byRemoteId)).toBe('kept');
      expect([await harness.appended(), await unapplied(id)]).toEqual([[], []]);
      await refer(id, `key of ${id}`);
      await refer(id, `remote id of ${id}`, 'give_back', 'remote_id');
      const deductionId = await firstOf(id);
      expect(await harness.appended()).toEqual([deductionId, deductionId]);
      expect((await unapplied(id)).map(({ direction }) => direction)).toEqual(['deduct', 'give_back']);
    });

    test('a name of another channel, and one that stands for two operations, matches nothing', async () => {
      const id = await place();
      await refer(id, `key of ${id}`);
      await harness.store.keepCallback(callbackOf(`key of ${id}`, { channel: 'fuelcard' }));
      await refer(id, `twice ${id}`, 'deduct', 'remote_id');
      await refer(id, `twice ${id}`, 'give_back', 'remote_id');
      await harness.store.keepCallback(
        callbackOf('', { about: { kind: 'remote_id', reference: `twice ${id}` } }),
      );
      expect([await harness.appended(), await unapplied(id)]).toEqual([[], []]);
    });

    test('an unsigned hint is kept where its operation is known, and else dropped', async () => {
      const id = await place();
      const hint = { isSigned: false, said: { type: 'hint', evidence: {} } } as const;
      expect(await harness.store.keepCallback(callbackOf(`key of ${id}`, hint))).toBe('dropped');
      await refer(id, `key of ${id}`);
      expect(await harness.store.keepCallback(callbackOf(`key of ${id}`, hint))).toBe('kept');
      expect((await unapplied(id)).map(({ said }) => said)).toEqual([hint.said]);
      await harness.appended();
    });

    test('what stays unknown becomes a case, once, which closes when its operation has a name after all', async () => {
      const other = await makeHarness({ wakeAfterMs: 0 });
      const casesOf = async (state: CaseState): Promise<readonly CaseSummary[]> =>
        (await other.cases.list({ ...anyCase, state }, undefined, 10)).cases;
      try {
        const { store } = other;
        const id = await other.place('reported', far);
        const callback = callbackOf('nobody knows it', { receivedAt: past });
        await store.keepCallback(callback);
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 1, woken: 0, reported: 1 });
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 0, woken: 0, reported: 0 });
        const [opened, ...more] = await casesOf('open');
        expect(more).toEqual([]);
        expect(opened).toMatchObject({
          cause: 'unmatched_callback',
          suggestion: 'ask_engineering',
          channel: 'airmiles',
          leg: null,
          operation: 'callback',
          error: 'unmatched_callback key done',
          fingerprint: 'v1 airmiles callback unmatched_callback key done',
          points: points.toFixed(),
          orderId: null,
        });
        const evidence = (await other.cases.read(opened?.id ?? ''))?.evidence;
        expect(evidence).toMatchObject({ eventId: callback.eventId, key: 'nobody knows it', said: 'done' });
        await store.transact([id], (settlements) => ({
          writes: {
            ...nothing,
            references: [
              {
                channel: 'airmiles',
                about: callback.about,
                deductionId: settlements.get(id)?.deductions[0]?.id ?? '',
                orderRowId: id,
                direction: 'deduct',
              },
            ],
          },
          result: undefined,
        }));
        expect(await casesOf('open')).toEqual([]);
        expect(await casesOf('recovered')).toMatchObject([{ id: opened?.id }]);
      } finally {
        await other.dispose();
      }
    });

    test('what was told of a deduction at rest waits for its channel while that is left alone, and for nobody else', async () => {
      const other = await makeHarness({ wakeAfterMs: 0 });
      const leaveAlone = (state: 'open' | 'closed'): Promise<unknown> =>
        other.states.change('channel:airmiles', () =>
          state === 'open'
            ? { state, since: past, openings: 1, until: past, cause: 'timeout' }
            : { state, since: past, openings: 0, window: undefined },
        );
      try {
        const { store, states } = other;
        const id = await other.place('at rest', far);
        const first = await store.transact([id], (settlements) => {
          const [resting] = settlements.get(id)?.deductions ?? [];
          if (resting === undefined) throw new Error('the order has no deduction');
          const about = { kind: 'key', reference: 'known' } as const;
          const { id: deductionId, channel } = resting;
          const writes = {
            ...nothing,
            deductions: [{ ...resting, wakeBy: undefined }],
            references: [{ channel, about, deductionId, orderRowId: id, direction: 'deduct' } as const],
          };
          return { writes, result: deductionId };
        });
        await leaveAlone('open');
        expect(await states.waitingFor('channel:airmiles', true, 3)).toEqual([]);
        await store.keepCallback(callbackOf('known'));
        await store.keepCallback(callbackOf('known'));
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 0, woken: 0, reported: 0 });
        const waiting = { deductionId: first, orderRowId: id, channel: 'airmiles' };
        expect(await states.waitingFor('channel:airmiles', true, 3)).toEqual([waiting]);
        expect(await states.waitingFor('portal', true, 3)).toEqual([]);
        await leaveAlone('closed');
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 2, woken: 2, reported: 0 });
        const heard = await store.transact(
          [id],
          (_settlements, _now, callbacks) => ({ writes: nothing, result: callbacks.get(id) ?? [] }),
          [id],
        );
        await store.transact([id], () => ({
          writes: { ...nothing, heard: heard.map((one) => ({ id: one.id, effect: 'nothing_new' })) },
          result: undefined,
        }));
        expect(await states.waitingFor('channel:airmiles', true, 3)).toEqual([]);
      } finally {
        await other.dispose();
      }
    });

    test('a sweeper wakes for what lost its message, and reports once what stays unknown', async () => {
      const other = await makeHarness({ wakeAfterMs: 0 });
      try {
        const { store } = other;
        const id = await other.place('swept', far);
        await other.appended();
        await store.transact([id], (settlements) => ({
          writes: {
            ...nothing,
            references: [
              {
                channel: 'airmiles',
                about: { kind: 'key', reference: 'known' },
                deductionId: settlements.get(id)?.deductions[0]?.id ?? '',
                orderRowId: id,
                direction: 'deduct',
              },
            ],
          },
          result: undefined,
        }));
        await store.keepCallback(callbackOf('known'));
        await store.keepCallback(callbackOf('unknown', { receivedAt: past }));
        expect(await other.appended()).toHaveLength(1);
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 2, woken: 1, reported: 1 });
        expect(await other.appended()).toHaveLength(1);
        expect(await store.sweepCallbacks(10, 3_600_000)).toEqual({ looked: 1, woken: 1, reported: 0 });
        expect(await store.forgetCallbacks(10, -1_000)).toBe(0);
      } finally {
        await other.dispose();
      }
    });
  });
}
