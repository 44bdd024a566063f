/** What can be found out afterwards: C23 to C26, C48 to C50. */
import { setTimeout } from 'node:timers/promises';

import { Decimal } from 'decimal.js';

import type { LookUpOutcome, Sought } from '../contract.ts';
import { expectDone, hold, needsLookUp, say, type Behaviour, type Subject } from './behaviour.ts';
import { context, IMPATIENT_MS, PATIENT_MS, type Bench } from './bench.ts';
import type { Fault } from './fault-proxy.ts';

const LOST_ANSWERS: readonly Fault[] = [
  { kind: 'reset_after_effect' },
  { kind: 'silence_after_effect' },
  {
    kind: 'changed',
    change: () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
  },
];

/** The effect of what nobody waits for any more may come a moment later. */
async function lookUpTwice(bench: Bench, key: string): Promise<LookUpOutcome> {
  const found = await bench.lookUp(key);
  if (found.type === 'found') return found;
  await setTimeout(PATIENT_MS / 5);
  return bench.lookUp(key);
}

/** A deduction, and so many after it that it is no longer on the first page, or nearly so. */
async function buried(bench: Bench) {
  const key = bench.newKey();
  await bench.deduct(key);
  const { scan } = bench.description.capabilities;
  const least = new Decimal(1);
  for (let count = 0; count < (scan?.pageSize ?? 0); count += 1) {
    await bench.deduct(bench.newKey(), least);
  }
  return { key, sought: soughtBy(bench, key) };
}

function soughtBy(bench: Bench, key: string): Sought {
  const about = { key, kind: 'deduction', orderId: 'order-1', memberRef: bench.played.shape.member } as const;
  return { ...about, remoteId: undefined, besides: undefined, from: bench.begun, until: new Date() };
}

function needsList({ description }: Subject): string | undefined {
  const { scan } = description.capabilities;
  if (scan === undefined) return 'the channel has no list of the member';
  return scan.pagesMax === 1 ? 'capabilities.scan relies on one page, and says nothing beyond it' : undefined;
}

export const LOOK_UP_BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'C23',
    rule: 'what was done and not heard of is found with its points',
    notFor: needsLookUp,
    attempt: async (bench) => {
      for (const fault of LOST_ANSWERS) {
        const key = bench.newKey();
        bench.proxy.arm(fault);
        const isSilence = fault.kind === 'silence_after_effect';
        await bench.deduct(key, bench.points, isSilence ? IMPATIENT_MS : PATIENT_MS);
        const found = await lookUpTwice(bench, key);
        hold(
          found.type === 'found' && found.outcome.type === 'done' && found.outcome.points.eq(bench.points),
          () => `after ${fault.kind} the look-up is ${say({ ...found })}`,
        );
      }
    },
  },
  {
    id: 'C24',
    rule: 'what was never sent is not found, and never done or refused',
    notFor: needsLookUp,
    attempt: async (bench) => {
      await bench.deduct(bench.newKey());
      const found = await bench.lookUp(bench.newKey());
      hold(['not_found', 'open', 'incomplete'].includes(found.type), () => `it is ${say({ ...found })}`);
    },
  },
  {
    id: 'C25',
    rule: 'a key is not taken for another that it begins or ends',
    notFor: needsLookUp,
    attempt: async (bench) => {
      const key = bench.newKey();
      await bench.deduct(`${key}0`);
      await bench.deduct(`0${key}`);
      const found = await bench.lookUp(key);
      hold(found.type !== 'found', () => `it is ${say({ ...found })}`);
    },
  },
  {
    id: 'C26',
    rule: 'it is found across pages',
    notFor: needsList,
    attempt: async (bench) => {
      const { sought } = await buried(bench);
      const found = bench.seen(await bench.channel.scan(sought, context(10_000)));
      hold(found.type === 'found', () => `it is ${say({ ...found })}`);
    },
  },
  {
    id: 'C48',
    rule: 'it is found once, or nothing is proven, while other transactions come in',
    notFor: needsList,
    attempt: async (bench) => {
      const { sought } = await buried(bench);
      bench.proxy.arm({
        kind: 'changed',
        change: async (page) => {
          await bench.deduct(bench.newKey(), new Decimal(1));
          return page;
        },
      });
      const found = bench.seen(await bench.channel.scan(sought, context(10_000)));
      hold(found.type === 'found' || found.type === 'unknown', () => `it is ${say({ ...found })}`);
    },
  },
  {
    id: 'C49',
    rule: 'everything that was done stands in the statement once',
    notFor: ({ description }) =>
      description.capabilities.statement === undefined ? 'the channel has no statement' : undefined,
    attempt: async (bench) => {
      const keys = [bench.newKey(), bench.newKey(), bench.newKey()];
      for (const key of keys) await bench.deduct(key);
      for (const key of keys) {
        const found = bench.seen(await bench.channel.statement(soughtBy(bench, key), context(10_000)));
        hold(found.type === 'found', () => `it is ${say({ ...found })}`);
      }
      if (bench.description.capabilities.query === 'by-key') await expectDone(bench, keys[0] ?? '');
    },
  },
  {
    id: 'C50',
    rule: 'a line of the statement with another amount is told as what it was, and one that is missing is not found',
    notFor: ({ description, shape }) =>
      description.capabilities.statement === undefined
        ? 'the channel has no statement'
        : shape.slips
          ? undefined
          : 'the channel cannot be made to move another amount',
    attempt: async (bench) => {
      await bench.played.slipOnce(new Decimal(-1));
      const key = bench.newKey();
      await bench.deduct(key);
      const moved = bench.points.minus(1);
      const found = bench.seen(await bench.channel.statement(soughtBy(bench, key), context(10_000)));
      hold(
        found.type === 'found' && found.outcome.points.eq(moved),
        () => `${moved.toFixed()} points moved, and the statement is ${say({ ...found })}`,
      );
      const missing = bench.seen(
        await bench.channel.statement(soughtBy(bench, bench.newKey()), context(10_000)),
      );
      hold(
        missing.type === 'not_found' || missing.type === 'open',
        () => `what never was is ${say({ ...missing })}`,
      );
    },
  },
];
