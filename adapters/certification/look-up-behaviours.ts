/** What can be found out afterwards: C23 to C26, C49. */
import { setTimeout } from 'node:timers/promises';

import type { LookUpOutcome } from '../contract.ts';
import { expectDone, hold, needsLookUp, say, type Behaviour } from './behaviour.ts';
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

/** More would take minutes, and prove no more. */
const FILLERS_MAX = 100;

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
    notFor: ({ description }) =>
      description.capabilities.scan === undefined ? 'the channel has no list of the member' : undefined,
    attempt: async (bench) => {
      const { scan } = bench.description.capabilities;
      const key = bench.newKey();
      await bench.deduct(key);
      for (let count = 0; count < Math.min(FILLERS_MAX, scan?.pageSize ?? 0); count += 1) {
        await bench.deduct(bench.newKey(), bench.points.div(bench.points));
      }
      const sought = {
        key,
        kind: 'deduction',
        orderId: 'order-1',
        memberRef: bench.played.shape.member,
      } as const;
      const window = { remoteId: undefined, besides: undefined, from: bench.begun, until: new Date() };
      const found = bench.seen(await bench.channel.scan({ ...sought, ...window }, context(10_000)));
      hold(found.type === 'found', () => `it is ${say({ ...found })}`);
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
        const sought = {
          key,
          kind: 'deduction',
          orderId: 'order-1',
          memberRef: bench.played.shape.member,
        } as const;
        const window = { remoteId: undefined, besides: undefined, from: bench.begun, until: new Date() };
        const found = bench.seen(await bench.channel.statement({ ...sought, ...window }, context(10_000)));
        hold(found.type === 'found', () => `it is ${say({ ...found })}`);
      }
      if (bench.description.capabilities.query === 'by-key') await expectDone(bench, keys[0] ?? '');
    },
  },
];
