/**
 * Tries one adapter for every behaviour that its channel's capabilities imply, each on a channel of its own.
 * `docs/add-a-channel.md` says how it is used.
 */
import type { ChannelDescription } from '../channel-description.ts';
import type { ApiDocument } from './api-document.ts';
import { withoutPreset } from '../signing/presets.ts';
import { Violation, type Behaviour } from './behaviour.ts';
import { Bench, OWN_OPENERS, type Openers } from './bench.ts';
import { CALLBACK_BEHAVIOURS } from './callback-behaviours.ts';
import { FAULT_BEHAVIOURS } from './fault-behaviours.ts';
import type { SeenExchange } from './fault-proxy.ts';
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

/** How the exchanges of all behaviours together look to the API's own document. */
export interface Documented {
  readonly document: string;
  readonly exchangesCount: number;
  /** Each once; none: every request and every answer is as the document says. */
  readonly faults: readonly string[];
}

export interface Certification {
  readonly channel: string;
  readonly against: string;
  readonly findings: readonly Finding[];
  /** Undefined where no document was given. */
  readonly documented: Documented | undefined;
}

export interface CertifyOptions {
  readonly description: ChannelDescription;
  /** Starts the channel anew, for one behaviour. */
  readonly play: () => Promise<PlayedChannel>;
  readonly env: Readonly<Record<string, string>>;
  readonly openers?: Openers;
  /** What requests and answers are held against. */
  readonly document?: ApiDocument | undefined;
  /** Ids of those to try; default all. */
  readonly only?: readonly string[];
  /** Behaviours that are tried at once, each on a channel of its own. Default 1. */
  readonly atOnce?: number;
}

/** Every one that can be tried at all; the others are `NOT_HERE`. */
export const BEHAVIOURS: readonly Behaviour[] = [
  ...MONEY_BEHAVIOURS,
  ...FAULT_BEHAVIOURS,
  ...LOOK_UP_BEHAVIOURS,
  ...CALLBACK_BEHAVIOURS,
  ...HOLD_BEHAVIOURS,
];

export async function certify(options: CertifyOptions): Promise<Certification> {
  const { description } = options;
  const tried: Tried[] = [];
  // What is played anew for every behaviour can be played several times at once; a channel's own environment cannot.
  const lanes = Math.max(1, options.atOnce ?? 1);
  const isTried = (id: string): boolean => options.only?.includes(id) ?? true;
  const behaviours = BEHAVIOURS.filter(({ id }) => isTried(id));
  for (let start = 0; start < behaviours.length; start += lanes) {
    const some = behaviours.slice(start, start + lanes);
    tried.push(...(await Promise.all(some.map((behaviour) => tryOne(behaviour, options)))));
  }
  const findings = tried.map(({ finding }) => finding);
  for (const { id, rule, why, provenBy } of NOT_HERE) {
    const elsewhere = provenBy.length === 0 ? why : `${why}: ${provenBy.join(', ')}`;
    if (isTried(id)) findings.push({ id, rule, verdict: 'not applicable', why: elsewhere });
  }
  const byNumber = findings.toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
  return {
    channel: description.id,
    against: tried[0]?.against ?? '',
    findings: byNumber,
    documented: options.document && documented(options.document, description, tried),
  };
}

function documented(
  document: ApiDocument,
  description: ChannelDescription,
  tried: readonly Tried[],
): Documented {
  const own = signingHeaders(description);
  const exchanges = tried.flatMap(({ seen }) => seen);
  const faults = new Set(exchanges.flatMap((exchange) => document.faultsOf(exchange, own)));
  return { document: document.title, exchangesCount: exchanges.length, faults: [...faults] };
}

function signingHeaders(description: ChannelDescription): string[] {
  if (description.adapter !== 'declarative' || description.sign.method === 'oauth2-client-credentials')
    return [];
  const sign = withoutPreset(description.sign);
  return 'headers' in sign ? Object.keys(sign.headers) : [];
}

interface Tried {
  readonly against: string;
  readonly seen: readonly SeenExchange[];
  readonly finding: Finding;
}

async function tryOne(behaviour: Behaviour, options: CertifyOptions): Promise<Tried> {
  const { id, rule } = behaviour;
  const played = await options.play();
  const against = played.shape.name;
  const why = behaviour.notFor?.({ description: options.description, shape: played.shape });
  if (why === undefined) {
    const { seen, ...verdict } = await attempt(behaviour, played, options);
    return { against, seen, finding: { id, rule, ...verdict } };
  }
  await played.close();
  return { against, seen: [], finding: { id, rule, verdict: 'not applicable', why } };
}

async function attempt(
  behaviour: Behaviour,
  played: PlayedChannel,
  { description, env, openers = OWN_OPENERS }: CertifyOptions,
): Promise<Pick<Finding, 'verdict' | 'why'> & Pick<Tried, 'seen'>> {
  const bench = await Bench.open(description, played, env, openers).catch(async (error: unknown) => {
    await played.close();
    throw error;
  });
  try {
    await behaviour.attempt(bench, env);
    return { verdict: 'passed', why: '', seen: bench.seenExchanges() };
  } catch (error) {
    // An adapter that throws breaks the contract as much as one that answers wrongly.
    const why = error instanceof Violation ? error.message : `threw ${String(error)}`;
    return { verdict: 'failed', why, seen: bench.seenExchanges() };
  } finally {
    await bench.close();
  }
}
