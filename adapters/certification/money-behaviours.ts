/** Identity, amounts, refusals, refunds: C1 to C7, C20 to C22, C27 to C33. */
import { Decimal } from 'decimal.js';

import { hold, needsKeys, needsRefunds, say, type Behaviour, type Subject } from './behaviour.ts';
import { context, type Bench } from './bench.ts';

/** Whether a deduction or refund may be taken for done: shown with its points, or without any where none are shown. */
function isTaken(bench: Bench, outcome: { readonly type: string; readonly cause?: unknown }): boolean {
  if (bench.description.capabilities.echo === 'none')
    return outcome.type === 'unknown' || outcome.type === 'pending';
  return outcome.type === 'done' || outcome.type === 'pending';
}

async function holdMoved(bench: Bench, expected: Decimal): Promise<void> {
  const moved = await bench.played.moved();
  hold(moved.eq(expected), () => `${moved.toFixed()} points moved instead of ${expected.toFixed()}`);
}

async function deducted(bench: Bench, points = bench.points) {
  const key = bench.newKey();
  const outcome = await bench.deduct(key, points);
  hold(isTaken(bench, outcome), () => `a deduction is ${say({ ...outcome })}`);
  return { key, outcome };
}

function capsRefunds({ shape, description }: Subject): string | undefined {
  if (description.capabilities.reversal === 'none') return 'the channel gives nothing back';
  if (shape.isOwn) return 'nothing says what its test environment refuses to give back';
  return shape.capsRefunds
    ? undefined
    : 'the channel takes what is given back for an adjustment of its own; only the hub bounds it';
}

export const MONEY_BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'C1',
    rule: 'the same key twice is one deduction',
    notFor: needsKeys,
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const again = await bench.deduct(key);
      hold(isTaken(bench, again) || again.type === 'unknown', () => `the second is ${say({ ...again })}`);
      if (again.type === 'done' && outcome.type === 'done') {
        hold(again.points.eq(outcome.points), () => `the second shows ${again.points.toFixed()} points`);
      }
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C2',
    rule: 'the same key twenty times at once is one deduction',
    notFor: needsKeys,
    attempt: async (bench) => {
      const key = bench.newKey();
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => bench.deduct(key)));
      const refused = outcomes.find(({ type }) => type === 'rejected');
      hold(refused === undefined, () => 'one of them is rejected');
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C3',
    rule: 'the same key with another amount deducts nothing more and is not done with it',
    notFor: needsKeys,
    attempt: async (bench) => {
      const { key } = await deducted(bench);
      const other = bench.points.plus(1);
      const again = await bench.deduct(key, other);
      hold(again.type !== 'done' || !again.points.eq(other), () => `it is ${say({ ...again })}`);
      hold(again.type !== 'rejected', () => 'it is rejected, though the key took effect');
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C4',
    rule: 'the longest and oddest keys of the hub reach the channel whole',
    attempt: async (bench) => {
      const key = `${bench.newKey()}.a_b-9`.padEnd(32, 'Z').slice(0, 32);
      const outcome = await bench.deduct(key);
      hold(isTaken(bench, outcome), () => `a deduction under such a key is ${say({ ...outcome })}`);
      const found = bench.description.capabilities.query === 'by-key' ? await bench.lookUp(key) : undefined;
      hold(found === undefined || found.type === 'found', () => `its look-up is ${found?.type}`);
    },
  },
  {
    id: 'C5',
    rule: 'another amount than asked is told as what it was',
    notFor: ({ shape }) => (shape.slips ? undefined : 'the channel cannot be made to move another amount'),
    attempt: async (bench) => {
      await bench.played.slipOnce(new Decimal(-1));
      const outcome = await bench.deduct(bench.newKey());
      const moved = bench.points.minus(1);
      if (outcome.type !== 'done') {
        hold(outcome.type === 'unknown' || outcome.type === 'pending', () => `it is ${say({ ...outcome })}`);
      } else {
        hold(
          outcome.points.eq(moved),
          () => `${moved.toFixed()} points moved, and it is done with ${outcome.points.toFixed()}`,
        );
      }
      await holdMoved(bench, moved);
    },
  },
  {
    id: 'C6',
    rule: 'points of every place, and ids beyond 2^53, come back exactly',
    attempt: async (bench) => {
      const { scale } = bench.description.points;
      const smallest = new Decimal(10).pow(-scale);
      let total = new Decimal(0);
      const larger = bench.played.shape.isOwn ? 5 : 250;
      for (const points of [smallest, new Decimal(1), new Decimal(10).plus(smallest), new Decimal(larger)]) {
        const key = bench.newKey();
        const outcome = await bench.deduct(key, points);
        hold(isTaken(bench, outcome), () => `${points.toFixed()} points are ${say({ ...outcome })}`);
        hold(
          outcome.type !== 'done' || outcome.points.eq(points),
          () => `${points.toFixed()} come back otherwise`,
        );
        const [shown, kept] = [outcome.type === 'done' ? outcome.remoteId : undefined, bench.played.lastId()];
        hold(
          shown === undefined || kept === undefined || shown === kept,
          () => `the id ${kept} comes back as ${shown}`,
        );
        total = total.plus(points);
      }
      await holdMoved(bench, total);
    },
  },
  {
    id: 'C7',
    rule: 'nothing and less than nothing is not sent',
    attempt: async (bench) => {
      for (const points of [new Decimal(0), new Decimal(-1)]) {
        const outcome = await bench.deduct(bench.newKey(), points);
        hold(outcome.type === 'misconfigured', () => `${points.toFixed()} points are ${say({ ...outcome })}`);
      }
      hold(bench.proxy.requestsCount === 0, () => 'the channel was asked for it');
    },
  },
  {
    id: 'C20',
    rule: 'more than the member has is not done and leaves the balance',
    attempt: async (bench) => {
      const outcome = await bench.deduct(bench.newKey(), bench.played.opening.plus(1));
      hold(
        outcome.type === 'unknown' ||
          outcome.type === 'pending' ||
          (outcome.type === 'rejected' && outcome.reason === 'insufficient_points'),
        () => `it is ${say({ ...outcome })}`,
      );
      await holdMoved(bench, new Decimal(0));
      const balance = await bench.balance();
      hold(
        balance === undefined || (balance.type === 'balance' && balance.points.eq(bench.played.opening)),
        () => `the balance is ${say({ ...balance, type: balance?.type ?? '' })}`,
      );
    },
  },
  {
    id: 'C21',
    rule: 'after a refusal a new key succeeds',
    attempt: async (bench) => {
      await bench.deduct(bench.newKey(), bench.played.opening.plus(1));
      await deducted(bench);
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C22',
    rule: 'a member that the channel does not know is refused, never served',
    notFor: ({ shape }) => {
      if (shape.stranger !== undefined) return undefined;
      return shape.isOwn
        ? 'nobody is known whom its test environment does not know'
        : 'the channel knows every member';
    },
    attempt: async (bench) => {
      const { stranger = '' } = bench.played.shape;
      const operation = { key: bench.newKey(), orderId: 'o', memberRef: stranger, points: bench.points };
      const outcome = bench.seen(await bench.channel.deduct(operation, context(5_000)));
      hold(
        ['rejected', 'misconfigured', 'unknown'].includes(outcome.type),
        () => `it is ${say({ ...outcome })}`,
      );
      hold(
        outcome.type !== 'rejected' || outcome.reason.startsWith('member_'),
        () => `it is ${say({ ...outcome })}`,
      );
    },
  },
  {
    id: 'C27',
    rule: 'what was deducted can be given back whole',
    notFor: needsRefunds,
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const back = await bench.refund(bench.newKey(), key, outcome);
      hold(isTaken(bench, back), () => `the refund is ${say({ ...back })}`);
      hold(back.type !== 'done' || back.points.eq(bench.points), () => `the refund is ${say({ ...back })}`);
      await holdMoved(bench, new Decimal(0));
    },
  },
  {
    id: 'C28',
    rule: 'parts that are given back sum up to the whole',
    notFor: (subject) =>
      needsRefunds(subject) ??
      (subject.description.capabilities.partialRefund ? undefined : 'the channel gives back the whole only'),
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const rest = bench.points.minus(2);
      for (const part of [new Decimal(2), rest]) {
        const back = await bench.refund(bench.newKey(), key, outcome, part);
        hold(isTaken(bench, back), () => `the refund of ${part.toFixed()} is ${say({ ...back })}`);
      }
      await holdMoved(bench, new Decimal(0));
    },
  },
  {
    id: 'C29',
    rule: 'more than was deducted is not given back',
    notFor: capsRefunds,
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const back = await bench.refund(bench.newKey(), key, outcome, bench.points.plus(1));
      hold(back.type === 'rejected' || back.type === 'unknown', () => `the refund is ${say({ ...back })}`);
      await holdMoved(bench, bench.points);
    },
  },
  {
    id: 'C33',
    rule: 'where only the whole can be given back, a part is not taken for it',
    notFor: (subject) =>
      needsRefunds(subject) ??
      (subject.description.capabilities.partialRefund ? 'the channel gives back parts' : undefined),
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const part = new Decimal(2);
      const back = await bench.refund(bench.newKey(), key, outcome, part);
      const given = bench.points.minus(await bench.played.moved());
      hold(
        back.type === 'done' ? back.points.eq(given) : back.type !== 'rejected' || given.isZero(),
        () => `${given.toFixed()} points came back, and the refund is ${say({ ...back })}`,
      );
    },
  },
  {
    id: 'C30',
    rule: 'the same refund twice gives back once',
    notFor: (subject) => needsRefunds(subject) ?? needsKeys(subject),
    attempt: async (bench) => {
      const { key, outcome } = await deducted(bench);
      const refundKey = bench.newKey();
      await bench.refund(refundKey, key, outcome, new Decimal(2));
      const again = await bench.refund(refundKey, key, outcome, new Decimal(2));
      hold(again.type !== 'rejected', () => `the second is ${say({ ...again })}`);
      await holdMoved(bench, bench.points.minus(2));
    },
  },
  {
    id: 'C31',
    rule: 'what was never deducted is not given back',
    notFor: capsRefunds,
    attempt: async (bench) => {
      const never = { type: 'unknown', cause: 'timeout', evidence: {} } as const;
      const back = await bench.refund(bench.newKey(), bench.newKey(), never);
      hold(['rejected', 'unknown', 'misconfigured'].includes(back.type), () => `it is ${say({ ...back })}`);
      await holdMoved(bench, new Decimal(0));
    },
  },
];
