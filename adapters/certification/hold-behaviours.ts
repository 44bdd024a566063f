/** Points that are set aside first: C34, C35, C37. */
import { Decimal } from 'decimal.js';

import type { HoldInquiry, Outcome, QueryOutcome } from '../contract.ts';
import { hold, needsRefunds, say, type Behaviour, type Subject } from './behaviour.ts';
import { context, PATIENT_MS, type Bench } from './bench.ts';

function needsHolds({ description }: Subject): string | undefined {
  return description.capabilities.hold === undefined ? 'the channel holds nothing' : undefined;
}

/** One hold, and what may be done with it; each call under a key of its own. */
function holdOf(bench: Bench) {
  const { channel, points } = bench;
  const key = bench.newKey();
  const about = { orderId: 'order-1', memberRef: bench.played.shape.member };
  let originalRemoteId: string | undefined;
  const following = (own: string) => ({ ...about, key: own, originalKey: key, originalRemoteId, points });
  const within = () => context(PATIENT_MS);
  return {
    key,
    make: async (): Promise<Outcome> => {
      const outcome = bench.seen(await channel.hold({ ...about, key, points }, within()));
      if (outcome.type === 'done') originalRemoteId = outcome.remoteId;
      return outcome;
    },
    confirm: async (own: string): Promise<Outcome> =>
      bench.seen(await channel.confirm(following(own), within())),
    release: async (own: string): Promise<Outcome> =>
      bench.seen(await channel.release(following(own), within())),
    refund: async (own: string): Promise<Outcome> =>
      bench.seen(await channel.refund(following(own), within())),
    find: async (kind: HoldInquiry['about'], own: string): Promise<QueryOutcome> =>
      bench.seen(
        await channel.findHold(
          { ...about, about: kind, key: own, originalKey: key, originalRemoteId },
          within(),
        ),
      ),
  };
}

/** Done with the whole of it, or, where no success names points, looked up. */
async function holdDone(bench: Bench, outcome: Outcome, look: () => Promise<QueryOutcome>): Promise<void> {
  const found = bench.description.capabilities.echo === 'none' ? await look() : undefined;
  const told = found?.type === 'found' ? found.outcome : outcome;
  hold(told.type === 'done' && told.points.eq(bench.points), () => `it is ${say({ ...told })}`);
}

function holdRefused(outcome: Outcome, ...reasons: readonly string[]): void {
  hold(
    outcome.type === 'rejected' && reasons.includes(outcome.reason),
    () => `it is ${say({ ...outcome })}, not rejected with ${reasons.join(' or ')}`,
  );
}

async function holdMoved(bench: Bench, expected: Decimal): Promise<void> {
  const moved = await bench.played.moved();
  hold(moved.eq(expected), () => `${moved.toFixed()} points moved instead of ${expected.toFixed()}`);
}

export const HOLD_BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'C34',
    rule: 'what is held is taken by its confirmation, once, and is refunded by the key of its hold',
    notFor: needsHolds,
    attempt: async (bench) => {
      const one = holdOf(bench);
      await holdDone(bench, await one.make(), () => one.find('hold', one.key));
      await holdMoved(bench, new Decimal(0));
      const own = bench.newKey();
      const before = await one.find('confirmation', own);
      hold(before.type === 'not_found', () => `before it is confirmed a look-up says ${say({ ...before })}`);
      await holdDone(bench, await one.confirm(own), () => one.find('confirmation', own));
      await holdMoved(bench, bench.points);
      const again = await one.confirm(own);
      hold(
        again.type !== 'rejected' || again.reason === 'hold_confirmed',
        () => `again it is ${say({ ...again })}`,
      );
      const found = await one.find('confirmation', own);
      hold(
        found.type === 'found' && found.outcome.type === 'done' && found.outcome.points.eq(bench.points),
        () => `a look-up of what is confirmed says ${say({ ...found })}`,
      );
      await holdMoved(bench, bench.points);
      if (needsRefunds({ description: bench.description, shape: bench.played.shape }) !== undefined) return;
      await one.refund(bench.newKey());
      await holdMoved(bench, new Decimal(0));
    },
  },
  {
    id: 'C35',
    rule: 'a hold that is released is not confirmed, and one that is confirmed is not released',
    notFor: needsHolds,
    attempt: async (bench) => {
      const released = holdOf(bench);
      await released.make();
      const own = bench.newKey();
      await holdDone(bench, await released.release(own), () => released.find('release', own));
      holdRefused(await released.confirm(bench.newKey()), 'hold_released', 'hold_expired');
      await holdMoved(bench, new Decimal(0));
      const confirmed = holdOf(bench);
      await confirmed.make();
      await confirmed.confirm(bench.newKey());
      holdRefused(await confirmed.release(bench.newKey()), 'hold_confirmed');
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C37',
    rule: 'a hold that comes after its release takes no effect',
    notFor: (subject) =>
      needsHolds(subject) ??
      (subject.description.capabilities.hold?.releaseBarsHold === true
        ? undefined
        : 'the channel does not promise that a release bars a late hold'),
    attempt: async (bench) => {
      const late = holdOf(bench);
      const empty = await late.release(bench.newKey());
      hold(empty.type === 'done' && empty.points.isZero(), () => `the release is ${say({ ...empty })}`);
      const outcome = await late.make();
      hold(outcome.type === 'rejected', () => `the late hold is ${say({ ...outcome })}`);
      await holdMoved(bench, new Decimal(0));
    },
  },
];
