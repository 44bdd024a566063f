/** The kinds of channels that there are in the simulation, as their files would describe them, and the portal. */
import { readChannelDescription, readPortalDescription, type Capabilities } from '@points-hub/adapters';
import type { Policies } from '../core/deduction.ts';
import { policiesOf } from '../settlement/policies.ts';
import type { Nature } from './remote-books.ts';

export interface ChannelKind {
  readonly name: string;
  readonly policies: Policies;
  readonly nature: Nature;
  readonly concurrencyMax: number;
  readonly ratePerSecond: number | undefined;
  readonly needsLane: boolean;
}

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

const remembersNoRefusal: Capabilities = {
  ...best,
  idempotency: { kind: 'key-replays', retentionMs: 'forever', remembersRejections: false },
};

const limits = { callTimeoutMs: 5_000, concurrencyMax: 8, breaker: breakerLimits };

const portalDescription = readPortalDescription(
  JSON.stringify({ baseUrl: 'http://portal.invalid', auth: 'none', limits }),
  'portal.yaml',
);

/** How a channel differs from one that answers at once and may be called as one likes. */
interface Traits {
  readonly lagMaxMs?: number;
  readonly pendingPercent?: number;
  readonly lateRefusalPercent?: number;
  readonly limits?: {
    readonly concurrencyMax?: number;
    readonly ratePerSecond?: number;
    readonly failuresMax?: number;
    readonly pendingMaxMs?: number;
  };
}

function kind(name: string, capabilities: Capabilities, traits: Traits = {}): ChannelKind {
  const description = readChannelDescription(
    JSON.stringify({
      id: 'channel',
      adapter: 'json',
      baseUrl: 'http://channel.invalid',
      auth: 'none',
      limits: { ...limits, ...traits.limits },
      capabilities,
      points: {
        scale: 2,
        max: '100000',
      },
    }),
    `${name}.yaml`,
  );
  const policies = policiesOf(description, portalDescription);
  const { lagMaxMs = 0, pendingPercent = 0, lateRefusalPercent = 0 } = traits;
  const { concurrencyMax, ratePerSecond } = description.limits;
  return {
    name,
    policies,
    nature: { name, policy: policies.points, lagMaxMs, pendingPercent, lateRefusalPercent },
    concurrencyMax,
    ratePerSecond,
    needsLane: description.capabilities.perUserLane,
  };
}

/** Each is as likely as the others. */
export const channelKinds: readonly ChannelKind[] = [
  kind('replays by key', best),
  kind('replays by key, looked up late', best, { lagMaxMs: 15_000 }),
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
  kind('one call per second', best, { limits: { ratePerSecond: 1, concurrencyMax: 2 } }),
  kind('soon given up', best, { limits: { failuresMax: 3, concurrencyMax: 2 }, lagMaxMs: 15_000 }),
  kind('soon given up, no look-ups', { ...best, query: 'none' }, { limits: { failuresMax: 4 } }),
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
};
