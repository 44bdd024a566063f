/** The kinds of channels that there are in the simulation, as their files would describe them, and the portal. */
import { readChannelDescription, readPortalDescription, type Capabilities } from '@points-hub/adapters';
import type { Policies } from '../core/deduction.ts';
import { policiesOf } from '../settlement/policies.ts';
import type { Nature } from './remote-books.ts';

export interface ChannelKind {
  readonly name: string;
  readonly policies: Policies;
  readonly nature: Nature;
  /** Whether doubt may stay for ever here, so that an order may need a person. */
  readonly mayStick: boolean;
}

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

const limits = { callTimeoutMs: 5_000, concurrencyMax: 8 };

const portalDescription = readPortalDescription(
  JSON.stringify({ baseUrl: 'http://portal.invalid', auth: 'none', limits }),
  'portal.yaml',
);

function kind(
  name: string,
  capabilities: Capabilities,
  more: { readonly lagMaxMs?: number; readonly pendingPercent?: number; readonly mayStick?: boolean } = {},
): ChannelKind {
  const description = readChannelDescription(
    JSON.stringify({
      id: 'channel',
      adapter: 'json',
      baseUrl: 'http://channel.invalid',
      auth: 'none',
      limits,
      capabilities,
      points: {
        scale: 2,
        max: '100000',
      },
    }),
    `${name}.yaml`,
  );
  const policies = policiesOf(description, portalDescription);
  const { lagMaxMs = 0, pendingPercent = 0, mayStick = false } = more;
  return { name, policies, nature: { name, policy: policies.points, lagMaxMs, pendingPercent }, mayStick };
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
];

/** Channels where doubt may need a person; one in some seeds. */
export const hardKinds: readonly ChannelKind[] = [
  kind('forgets keys soon', forgetting(120_000), { mayStick: true }),
  kind(
    'neither keys nor look-ups',
    { ...best, idempotency: { kind: 'none' }, query: 'none' },
    { mayStick: true },
  ),
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
};
