/** The kinds of channels that there are in the simulation, as their files would describe them, and the portal. */
import { readChannelDescription, readPortalDescription, type Capabilities } from '@points-hub/adapters';
import type { Policies } from '../core/deduction.ts';
import { policiesOf } from '../settlement/policies.ts';
import type { Nature } from './book-requests.ts';

export interface ChannelKind {
  readonly name: string;
  /** Whether it tells by itself how an operation ended, and whether that is proof. */
  readonly tells: Tells;
  /** What is given back of what it took. */
  readonly givesBack: boolean;
  /** For how long it promises to hold points; 0: not at all. */
  readonly holdsForMs: number;
  readonly policies: Policies;
  readonly nature: Nature;
  readonly concurrencyMax: number;
  readonly ratePerSecond: number | undefined;
  readonly needsLane: boolean;
}

export type Tells = 'none' | 'signed' | 'unsigned';

/** Of every remote. */
export const breakerLimits = {
  failuresMax: 3,
  openMs: 2_000,
  openMaxMs: 16_000,
  windowMs: 10_000,
  callsMin: 20,
  failureShareMax: 0.5,
};

const best: Capabilities = {
  idempotency: { kind: 'key-replays', retentionMs: 'forever', remembersRejections: true },
  echo: 'points',
  query: 'by-key',
  reversal: 'by-original',
  partialRefund: true,
  notFoundFinalAfterMs: 15_000,
  lateEffectCheckMs: 0,
  perUserLane: false,
};

const noKeys: Capabilities = { ...best, idempotency: { kind: 'none' } };
const list = { reachMs: 'forever', pageSize: 100, pagesMax: 20 } as const;
const statement = {
  period: 'range',
  zone: 'UTC',
  availableAfterMs: 30_000,
  retentionMs: 'forever',
  pageSize: 500,
  pagesMax: 200,
} as const;

/** As long as the longest deadline of an order here, and what has to be left after it. */
const hold = { expiresAfterMs: 600_000, releaseBarsHold: false } as const;
const holds: Capabilities = { ...best, hold };

const remembersNoRefusal: Capabilities = {
  ...best,
  idempotency: { kind: 'key-replays', retentionMs: 'forever', remembersRejections: false },
};

const limits = { callTimeoutMs: 5_000, concurrencyMax: 8, breaker: breakerLimits };

/** Few enough to be short of. */
export const portalConcurrencyMax = 6;

const portalDescription = readPortalDescription(
  JSON.stringify({
    baseUrl: 'http://portal.invalid',
    auth: 'none',
    limits: { ...limits, concurrencyMax: portalConcurrencyMax },
  }),
  'portal.yaml',
);

/** How a channel differs from one that answers at once and may be called as one likes. */
interface Traits {
  readonly lagMaxMs?: number;
  readonly pendingPercent?: number;
  readonly lateRefusalPercent?: number;
  readonly refusalPercent?: number;
  readonly breaksWord?: Nature['breaksWord'];
  readonly listsWholePercent?: number;
  /** How long its holds really last, at least. Default: as long as it promises. */
  readonly holdLeastMs?: number;
  readonly tells?: Tells;
  readonly limits?: {
    readonly concurrencyMax?: number;
    readonly ratePerSecond?: number;
    readonly failuresMax?: number;
    readonly pendingMaxMs?: number;
  };
}

function kind(name: string, capabilities: Capabilities, traits: Traits = {}): ChannelKind {
  const { lagMaxMs = 0, pendingPercent = 0, lateRefusalPercent = 0, tells = 'none' } = traits;
  const { refusalPercent = 0, breaksWord = 'never', listsWholePercent = 100 } = traits;
  const holdsForMs = capabilities.hold?.expiresAfterMs ?? 0;
  const description = readChannelDescription(
    JSON.stringify({
      id: 'channel',
      adapter: 'json',
      baseUrl: 'http://channel.invalid',
      auth: 'none',
      limits: { ...limits, ...traits.limits },
      capabilities,
      callback: tells === 'signed' ? { trust: tells, secretEnv: 'SECRET' } : { trust: tells },
      points: {
        scale: 2,
        max: '100000',
      },
    }),
    `${name}.yaml`,
  );
  const policies = policiesOf(description, portalDescription);
  const { concurrencyMax, ratePerSecond } = description.limits;
  return {
    name,
    tells,
    givesBack: description.capabilities.reversal !== 'none',
    holdsForMs,
    policies,
    nature: {
      name,
      policy: policies.points,
      lagMaxMs,
      pendingPercent,
      lateRefusalPercent,
      refusalPercent,
      breaksWord,
      listsWholePercent,
      statementClosesAfterMs: description.capabilities.statement?.availableAfterMs ?? 0,
      holdMs: [traits.holdLeastMs ?? holdsForMs, holdsForMs],
    },
    concurrencyMax,
    ratePerSecond,
    needsLane: description.capabilities.perUserLane,
  };
}

/** Each is as likely as the others. */
export const channelKinds: readonly ChannelKind[] = [
  kind('replays by key', best),
  kind('replays by key, looked up late', best, { lagMaxMs: 15_000, tells: 'signed' }),
  kind('remembers no refusal', remembersNoRefusal),
  kind('remembers no refusal, looked up late', remembersNoRefusal, { lagMaxMs: 15_000 }),
  kind('decides later', best, { pendingPercent: 60 }),
  kind('decides later, remembers no refusal', remembersNoRefusal, { pendingPercent: 30 }),
  kind('no keys, but look-ups', { ...best, idempotency: { kind: 'none' } }, { pendingPercent: 15 }),
  kind('no keys, but late look-ups', { ...best, idempotency: { kind: 'none' } }, { lagMaxMs: 15_000 }),
  kind('no look-ups', { ...best, query: 'none' }),
  kind('one call per member', { ...best, perUserLane: true }, { lagMaxMs: 5_000 }),
  kind(
    'one call per member, decides later',
    { ...remembersNoRefusal, perUserLane: true },
    { pendingPercent: 30 },
  ),
  kind('one call per second', best, { limits: { ratePerSecond: 1, concurrencyMax: 1 } }),
  kind('soon given up', best, {
    limits: { failuresMax: 3, concurrencyMax: 2 },
    lagMaxMs: 15_000,
    tells: 'signed',
  }),
  kind('soon given up, no look-ups', { ...best, query: 'none' }, { limits: { failuresMax: 4 } }),
  kind('tells', best, { pendingPercent: 60, tells: 'signed' }),
  kind('tells, remembers no refusal', remembersNoRefusal, {
    pendingPercent: 40,
    refusalPercent: 40,
    tells: 'signed',
  }),
  kind('tells, no keys', noKeys, { pendingPercent: 40, lagMaxMs: 15_000, tells: 'signed' }),
  kind('tells, no look-ups', { ...best, query: 'none' }, { tells: 'signed' }),
  kind('gives hints', best, { pendingPercent: 60, tells: 'unsigned' }),
  kind('looked up in lists', { ...remembersNoRefusal, query: 'none', scan: list }, { lagMaxMs: 10_000 }),
  kind('no keys, looked up in lists', { ...noKeys, query: 'none', scan: list }, { lagMaxMs: 10_000 }),
  kind('looked up in statements', { ...remembersNoRefusal, query: 'none', statement }),
  kind('no keys, looked up in statements', { ...noKeys, query: 'none', statement }),
  kind(
    'no keys, lists cut short',
    { ...noKeys, query: 'none', scan: list, statement },
    { listsWholePercent: 60 },
  ),
  kind('names no points', { ...best, echo: 'none' }),
  kind('names no points, looked up in lists', { ...noKeys, echo: 'none', query: 'none', scan: list }),
  kind('gives nothing back', { ...best, reversal: 'none', partialRefund: false }),
  kind(
    'breaks its word',
    { ...best, notFoundFinalAfterMs: 1_000, lateEffectCheckMs: 60_000 },
    { breaksWord: 'always' },
  ),
  // Looked at once more when people have long dealt with what a callback told.
  kind(
    'breaks its word, and tells',
    { ...best, notFoundFinalAfterMs: 1_000, lateEffectCheckMs: 600_000 },
    { breaksWord: 'always', tells: 'signed' },
  ),
  kind(
    'no keys, gives back later than promised',
    { ...noKeys, notFoundFinalAfterMs: 1_000, lateEffectCheckMs: 60_000 },
    { breaksWord: 'giving back' },
  ),
  kind(
    'no keys, listed, gives back later than promised',
    { ...noKeys, query: 'none', scan: list, notFoundFinalAfterMs: 1_000, lateEffectCheckMs: 60_000 },
    { breaksWord: 'giving back' },
  ),
  kind('looked at once more', { ...best, lateEffectCheckMs: 20_000 }, { lagMaxMs: 15_000, tells: 'signed' }),
  kind('holds', holds),
  kind('holds, decides later', { ...holds, perUserLane: true }, { pendingPercent: 40 }),
  kind('holds, too long pending', holds, {
    pendingPercent: 60,
    lateRefusalPercent: 40,
    limits: { pendingMaxMs: 4_000 },
  }),
  kind('holds, remembers no refusal', { ...remembersNoRefusal, hold }, { lagMaxMs: 15_000 }),
  kind(
    'holds, bars late holds',
    { ...holds, hold: { ...hold, releaseBarsHold: true } },
    { pendingPercent: 10 },
  ),
  kind('holds, gives nothing back', { ...holds, reversal: 'none', partialRefund: false }),
  kind('holds, tells', { ...holds, lateEffectCheckMs: 20_000 }, { pendingPercent: 60, tells: 'signed' }),
  kind('holds too shortly', holds, { holdLeastMs: 2_000 }),
  kind(
    'holds, breaks its word',
    { ...holds, notFoundFinalAfterMs: 1_000, lateEffectCheckMs: 60_000 },
    { breaksWord: 'always' },
  ),
  kind('too long pending, refuses late', best, {
    pendingPercent: 80,
    lateRefusalPercent: 60,
    limits: { pendingMaxMs: 4_000 },
  }),
  kind('too long pending', best, {
    pendingPercent: 60,
    lateRefusalPercent: 30,
    limits: { pendingMaxMs: 4_000 },
  }),
];

/** Channels where doubt often needs a person; one in some seeds. */
export const hardKinds: readonly ChannelKind[] = [
  kind('forgets keys soon', forgetting(120_000)),
  kind('neither keys nor look-ups', { ...best, idempotency: { kind: 'none' }, query: 'none' }),
];

function forgetting(retentionMs: number): Capabilities {
  return { ...best, idempotency: { kind: 'key-replays', retentionMs, remembersRejections: true } };
}

/** The portal keeps its contract, adapters/portal/openapi.yaml. */
export const portalNature: Nature = {
  name: 'portal',
  policy: (channelKinds[0] as ChannelKind).policies.quota,
  lagMaxMs: 0,
  pendingPercent: 0,
  lateRefusalPercent: 0,
  refusalPercent: 0,
  breaksWord: 'never',
  listsWholePercent: 100,
  statementClosesAfterMs: 0,
  holdMs: [0, 0],
};
