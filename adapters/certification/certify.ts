/**
 * Tries one adapter for every behaviour that its channel's capabilities imply, each on a channel of its own.
 * `docs/add-a-channel.md` says how it is used.
 */
import type { ChannelDescription } from '../channel-description.ts';
import { Violation, type Behaviour } from './behaviour.ts';
import { Bench, OWN_OPENERS, type Openers } from './bench.ts';
import { CALLBACK_BEHAVIOURS } from './callback-behaviours.ts';
import { FAULT_BEHAVIOURS } from './fault-behaviours.ts';
import { HOLD_BEHAVIOURS } from './hold-behaviours.ts';
import { LOOK_UP_BEHAVIOURS } from './look-up-behaviours.ts';
import { MONEY_BEHAVIOURS } from './money-behaviours.ts';
import { NOT_HERE } from './not-here.ts';
import type { PlayedChannel } from './shapes/shape.ts';

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly verdict: 'passed' | 'failed' | 'not applicable';
  /** Why it failed or does not apply; empty where it passed. */
  readonly why: string;
}

export interface Certification {
  readonly channel: string;
  readonly against: string;
  readonly findings: readonly Finding[];
}

export interface CertifyOptions {
  readonly description: ChannelDescription;
  /** Starts the channel anew, for one behaviour. */
  readonly play: () => Promise<PlayedChannel>;
  readonly env: Readonly<Record<string, string>>;
  readonly openers?: Openers;
  /** Behaviours that are tried at once, each on a channel of its own. Default 1. */
  readonly atOnce?: number;
}

const BEHAVIOURS: readonly Behaviour[] = [
  ...MONEY_BEHAVIOURS,
  ...FAULT_BEHAVIOURS,
  ...HOLD_BEHAVIOURS,
  ...LOOK_UP_BEHAVIOURS,
  ...CALLBACK_BEHAVIOURS,
];

export async function certify(options: CertifyOptions): Promise<Certification> {
  const { description } = options;
  const tried: Tried[] = [];
  // What is played anew for every behaviour can be played several times at once; a channel's own environment cannot.
  const lanes = Math.max(1, options.atOnce ?? 1);
  for (let start = 0; start < BEHAVIOURS.length; start += lanes) {
    const some = BEHAVIOURS.slice(start, start + lanes);
    tried.push(...(await Promise.all(some.map((behaviour) => tryOne(behaviour, options)))));
  }
  const findings = tried.map(({ finding }) => finding);
  for (const { id, rule, why } of NOT_HERE) findings.push({ id, rule, verdict: 'not applicable', why });
  const byNumber = findings.toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
  return { channel: description.id, against: tried[0]?.against ?? '', findings: byNumber };
}

interface Tried {
  readonly against: string;
  readonly finding: Finding;
}

async function tryOne(behaviour: Behaviour, options: CertifyOptions): Promise<Tried> {
  const { id, rule } = behaviour;
  const played = await options.play();
  const against = played.shape.name;
  const why = behaviour.notFor?.({ description: options.description, shape: played.shape });
  if (why === undefined) {
    return { against, finding: { id, rule, ...(await attempt(behaviour, played, options)) } };
  }
  await played.close();
  return { against, finding: { id, rule, verdict: 'not applicable', why } };
}

async function attempt(
  behaviour: Behaviour,
  played: PlayedChannel,
  { description, env, openers = OWN_OPENERS }: CertifyOptions,
): Promise<Pick<Finding, 'verdict' | 'why'>> {
  const bench = await Bench.open(description, played, env, openers).catch(async (error: unknown) => {
    await played.close();
    throw error;
  });
  try {
    await behaviour.attempt(bench, env);
    return { verdict: 'passed', why: '' };
  } catch (error) {
    // An adapter that throws breaks the contract as much as one that answers wrongly.
    const why = error instanceof Violation ? error.message : `threw ${String(error)}`;
    return { verdict: 'failed', why };
  } finally {
    await bench.close();
  }
}
