/**
 * The contract suites of what all processes agree on about remotes: their states, the lines of calls, members' lanes, shares.
 * The stores in Postgres and the ones in memory pass them.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Breaker, Remote } from '../../core/breaker.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { ChannelStates } from '../channel-states-port.ts';
import type { SettlementStore } from '../store-port.ts';
import type { CallLines, CallShares, MemberLanes, ShareWish } from '../turns-port.ts';

export interface RemotesHarness {
  readonly states: ChannelStates;
  readonly lines: CallLines;
  readonly lanes: MemberLanes;
  readonly shares: CallShares;
  readonly store: SettlementStore;
  /** Places an order of two deductions, at `airmiles` and `fuelcard`. @returns its row id */
  place(orderId: string, deadlineAt: Date): Promise<string>;
  pause(remote: Remote): Promise<void>;
  resume(remote: Remote): Promise<void>;
  dispose(): Promise<void>;
}

const at = new Date('2026-01-01T00:00:00.000Z');
const far = new Date('2100-01-01T00:00:00.000Z');
const past = new Date('2020-01-01T00:00:00.000Z');
const open: Breaker = { state: 'open', since: at, openings: 2, until: far, cause: 'timeout' };
const halfOpen: Breaker = { ...open, state: 'half_open', prober: 'somebody' };
const closed: Breaker = { state: 'closed', since: at, openings: 2, window: undefined };
const nothing = {
  orders: [],
  attempts: [],
  finished: [],
  messages: [],
  cases: [],
  heard: [],
  references: [],
};

export function describeRemotes(name: string, makeHarness: () => Promise<RemotesHarness>): void {
  describe(`${name}, as any store of what is known of remotes`, () => {
    let harness: RemotesHarness;
    let orders = 0;
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness.dispose());

    /** An order that nothing else of this suite waits for. @returns its first deduction, at `airmiles` */
    async function place(changes: Partial<Deduction> = {}): Promise<Deduction> {
      orders += 1;
      const orderRowId = await harness.place(`order-${orders}`, far);
      return harness.store.transact([orderRowId], (settlements) => {
        const [first, second] = settlements.get(orderRowId)?.deductions ?? [];
        if (first === undefined || second === undefined) throw new Error('an order has two deductions');
        const changed = { ...first, wakeBy: past, ...changes };
        const deductions = [changed, { ...second, wakeBy: undefined }];
        return { writes: { ...nothing, deductions }, result: changed };
      });
    }

    async function waitFor(remote: Remote): Promise<string[]> {
      const waiting = await harness.states.waitingFor(remote, false, 100);
      return waiting.map(({ deductionId }) => deductionId);
    }

    test('a remote that never had trouble is closed, and unknown to a look', async () => {
      expect((await harness.states.read()).states.has('channel:quiet')).toBe(false);
      let seen: Breaker | undefined;
      await harness.states.change('channel:quiet', (before) => {
        seen = before;
        return before;
      });
      expect(seen).toMatchObject({ state: 'closed', openings: 0 });
    });

    test.each([open, halfOpen, closed])('a breaker is read as it was written ($state)', async (breaker) => {
      expect(await harness.states.change('channel:written', () => breaker)).toEqual(breaker);
      const { states, now } = await harness.states.read();
      expect(states.get('channel:written')).toEqual({ breaker, isPaused: false });
      expect(now).toBeInstanceOf(Date);
    });

    test('changes of one remote go one after the other, and none is lost', async () => {
      await Promise.all(
        Array.from({ length: 16 }, () =>
          harness.states.change('channel:busy', (before) => ({ ...before, openings: before.openings + 1 })),
        ),
      );
      const { states } = await harness.states.read();
      expect(states.get('channel:busy')?.breaker.openings).toBe(16);
    });

    test('a pause leaves the breaker as it is, and its end has an open one probed at once', async () => {
      await harness.states.change('channel:held', () => open);
      await harness.pause('channel:held');
      await harness.pause('channel:held');
      const paused = (await harness.states.read()).states.get('channel:held');
      expect(paused).toEqual({ breaker: open, isPaused: true });
      await harness.resume('channel:held');
      const { states, now } = await harness.states.read();
      const resumed = states.get('channel:held');
      expect(resumed?.isPaused).toBe(false);
      expect(resumed?.breaker.state === 'open' && resumed.breaker.until <= now).toBe(true);
    });

    test('a deduction waits for the remote of its next call, while nobody calls for it', async () => {
      const idle = await place();
      const leased = await place({ attempts: 1, lease: { token: 1, until: far } });
      const later = await place({ notBefore: far });
      const found = await waitFor('channel:airmiles');
      expect(found).toContain(idle.id);
      expect(found).not.toContain(leased.id);
      expect(found).not.toContain(later.id);
      expect(await waitFor('portal')).not.toContain(idle.id);
    });

    test('one whose quota comes first waits for both, and comes after those whose channel is next', async () => {
      const taken = { state: 'applied', points: (await place()).asked, remoteId: undefined } as const;
      const undone = await place({ goal: 'undo', points: taken, quota: taken });
      const found = await waitFor('channel:airmiles');
      expect(found.at(-1)).toBe(undone.id);
      expect(await waitFor('portal')).toContain(undone.id);
    });

    test('no sweeper wakes for a remote that is left alone', async () => {
      await harness.pause('channel:airmiles');
      const { id } = await place();
      await harness.store.wakeOverdue(100);
      expect(await waitFor('channel:airmiles')).toContain(id);
      expect(await harness.store.wakeOverdue(100)).toBe(0);
      await harness.resume('channel:airmiles');
      expect(await harness.store.wakeOverdue(100)).toBeGreaterThan(0);
    });

    test('what may be in effect is given up once its remote has been away for too long, and nothing else is', async () => {
      const inDoubt = { state: 'in_doubt', firstSentAt: at, quietAt: at, asked: 'not_yet' } as const;
      const taken = { state: 'applied', points: (await place()).asked, remoteId: undefined } as const;
      const attention = { type: 'held', leg: 'points', cause: 'doubt' } as const;
      const doubtful = await place({ points: inDoubt });
      const retried = await place({ points: inDoubt, attention: { ...attention, type: 'retried' } });
      const toGiveBack = await place({ goal: 'undo', points: taken, quota: { state: 'void' } });
      const atPortal = await place({ points: taken, quota: inDoubt });
      await place({ points: inDoubt, attention });
      await place({ points: inDoubt, attempts: 1, lease: { token: 1, until: far } });
      await place({
        goal: 'undo',
        points: { state: 'refused', reason: 'member_blocked' },
        quota: { state: 'void' },
        lateCheck: { at: past, from: past, until: past },
      });
      const hour = 3_600_000;
      const givenUp = async (remote: Remote, breaker: Breaker, awayMaxMs = hour): Promise<string[]> => {
        await harness.states.change(remote, () => breaker);
        const found = await harness.store.awayTooLong(100, awayMaxMs);
        await harness.states.change(remote, () => closed);
        return found.map(({ deductionId }) => deductionId).toSorted();
      };
      const atChannel = [doubtful, retried, toGiveBack].map(({ id }) => id).toSorted();
      expect(await givenUp('channel:airmiles', open)).toEqual(atChannel);
      expect(await givenUp('channel:airmiles', halfOpen)).toEqual(atChannel);
      expect(await givenUp('channel:airmiles', closed)).toEqual([]);
      expect(await givenUp('channel:airmiles', { ...open, since: new Date() })).toEqual([]);
      expect(await givenUp('channel:airmiles', open, 100 * 365 * 24 * hour)).toEqual([]);
      expect(await givenUp('portal', open)).toContain(atPortal.id);
      expect(await givenUp('portal', open)).not.toContain(doubtful.id);
      await harness.states.change('channel:airmiles', () => open);
      expect(await harness.store.awayTooLong(2, hour)).toHaveLength(2);
      await harness.states.change('channel:airmiles', () => closed);
    });

    test('turns of one line follow each other, whoever claims them', async () => {
      const claimed = await Promise.all(
        Array.from({ length: 4 }, () => harness.lines.claim('channel:slow', 2, 60_000)),
      );
      const sorted = claimed.toSorted((one, other) => one - other);
      expect(sorted[0]).toBeLessThan(60_000);
      sorted.slice(1).forEach((inMs, index) => {
        expect(Math.round((inMs - (sorted[index] ?? 0)) / 60_000)).toBe(2);
      });
    });

    test('a lane has one holder, who may keep it; leaving frees it, and somebody else cannot leave it', async () => {
      const { id, memberRef, channel } = await place();
      const tries = await Promise.all(
        ['a', 'b', 'c'].map((holder) => harness.lanes.take(id, holder, 60_000)),
      );
      const [lane, ...more] = tries.filter((one) => one !== undefined);
      if (lane === undefined) throw new Error('nobody has it');
      expect(more).toEqual([]);
      expect(lane).toMatchObject({ memberRef, channel });
      expect(await harness.lanes.take(id, lane.holder, 60_000)).toMatchObject({ holder: lane.holder });
      await harness.lanes.leave({ ...lane, holder: 'somebody else' });
      expect(await harness.lanes.take(id, 'd', 60_000)).toBeUndefined();
      await harness.lanes.leave(lane);
      expect(await harness.lanes.take(id, 'd', 0)).toMatchObject({ holder: 'd' });
      expect(await harness.lanes.take(id, 'e', 60_000)).toMatchObject({ holder: 'e' });
    });

    function wishFor(channel: string, limit: number, using = 0, holdMs = 60_000): ShareWish[] {
      return [{ channel, limit, using, holdMs, oneEach: false }];
    }

    async function granted(holder: string, wishes: readonly ShareWish[]): Promise<number> {
      const [share] = await harness.shares.renew(holder, wishes);
      return share?.granted ?? NaN;
    }

    test('who comes to a channel whose places are all in use gets none until they are given up', async () => {
      const wishes = wishFor('crowded', 8);
      expect(await harness.shares.renew('a', wishes)).toEqual([
        { channel: 'crowded', granted: 8, target: 8 },
      ]);
      expect(await harness.shares.renew('b', wishes)).toEqual([
        { channel: 'crowded', granted: 0, target: 4 },
      ]);
      expect(await granted('a', wishFor('crowded', 8, 6))).toBe(6);
      expect(await granted('b', wishes)).toBe(2);
      expect(await granted('a', wishes)).toBe(4);
      expect(await granted('b', wishes)).toBe(4);
    });

    test('of a limit that does not divide nothing is lost and nothing is given twice', async () => {
      const wishes = wishFor('odd', 5);
      const holders = ['a', 'b', 'c'];
      for (let round = 0; round < 3; round += 1) for (const one of holders) await granted(one, wishes);
      const shares: number[] = [];
      for (const one of holders) shares.push(await granted(one, wishes));
      expect(shares.toSorted((one, other) => one - other)).toEqual([1, 2, 2]);
    });

    test('many who come at once are never granted more than there is', async () => {
      const wishes = wishFor('rush', 3);
      const shares = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((holder) => granted(holder, wishes)));
      expect(shares.reduce((sum, one) => sum + one, 0)).toBe(3);
    });

    test('where each is to have one, nobody goes without, however many there are', async () => {
      const wishes = wishFor('portal', 2).map((wish) => ({ ...wish, oneEach: true }));
      const holders = ['a', 'b', 'c', 'd'];
      const renewAll = async (): Promise<number[]> => {
        const shares: number[] = [];
        for (const one of holders) shares.push(await granted(one, wishes));
        return shares;
      };
      expect((await renewAll())[0]).toBe(2);
      await renewAll();
      expect(await renewAll()).toEqual([1, 1, 1, 1]);
      await harness.shares.leave('a');
      await harness.shares.leave('b');
      await harness.shares.leave('c');
      expect(await granted('d', wishes)).toBe(2);
    });

    test('a share is free when its holder leaves, and when its time is past', async () => {
      expect(await granted('a', wishFor('left', 2))).toBe(2);
      await harness.shares.leave('a');
      expect(await granted('b', wishFor('left', 2))).toBe(2);
      expect(await granted('b', wishFor('left', 2, 2, 0))).toBe(2);
      expect(await granted('c', wishFor('left', 2))).toBe(2);
    });

    test('there is no lane for a deduction that does not exist', async () => {
      expect(await harness.lanes.take('999999999', 'a', 60_000)).toBeUndefined();
    });
  });
}
