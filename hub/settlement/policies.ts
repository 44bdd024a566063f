import type { ChannelDescription, PortalDescription } from '@points-hub/adapters';
import type { CaseLimits } from '../core/attention.ts';
import type { LegPolicy, Policies } from '../core/deduction.ts';

/** From an intent's commit to the last moment at which its request may leave. */
export const sendWindowMs = 5_000;

/** First and longest pause after trouble with a remote. */
const backoff = { firstMs: 250, maxMs: 60_000 };

/** What the settlement of one channel's deductions may rely on, from the channel's file and the portal's. */
export function policiesOf(channel: ChannelDescription, portal: PortalDescription): Policies {
  const { capabilities, limits } = channel;
  const { idempotency, echo, query, scan, statement, reversal, hold } = capabilities;
  const { notFoundFinalAfterMs, lateEffectCheckMs } = capabilities;
  const points: LegPolicy = {
    ...(idempotency.kind === 'key-replays'
      ? {
          idempotency: 'key-replays',
          idempotencyRetentionMs: inMs(idempotency.retentionMs),
          remembersRejections: idempotency.remembersRejections,
        }
      : { idempotency: 'none', idempotencyRetentionMs: 0, remembersRejections: false }),
    echo,
    query,
    // Who holds is asked by key alone: lists show what is done, not what is held.
    scan: scan === undefined || hold !== undefined ? undefined : { reachMs: inMs(scan.reachMs) },
    statement:
      statement === undefined || hold !== undefined
        ? undefined
        : { retentionMs: inMs(statement.retentionMs) },
    reversal,
    fencesUnknownKeys: false,
    releaseBarsHold: hold?.releaseBarsHold ?? false,
    notFoundFinalAfterMs,
    lateEffectCheckMs,
    callDeadlineMs: limits.callTimeoutMs,
    failuresMax: limits.failuresMax,
    pendingMaxMs: limits.pendingMaxMs,
  };
  return {
    points,
    quota: quotaPolicy(portal),
    backoff,
    sendWindowMs,
  };
}

function inMs(time: number | 'forever'): number {
  return time === 'forever' ? Infinity : time;
}

/** For deductions at a channel that has no file any more: nothing is presumed of it, and it is called by nobody. */
export function cautiousPolicies(portal: PortalDescription): Policies {
  const points: LegPolicy = {
    idempotency: 'none',
    idempotencyRetentionMs: 0,
    remembersRejections: false,
    // Nobody could be asked: what is in doubt rests, and is looked at every hour until the file is back.
    query: 'none',
    scan: undefined,
    statement: undefined,
    echo: 'none',
    reversal: 'by-original',
    fencesUnknownKeys: false,
    releaseBarsHold: false,
    notFoundFinalAfterMs: 0,
    lateEffectCheckMs: 0,
    callDeadlineMs: 1,
    failuresMax: Infinity,
    pendingMaxMs: Infinity,
  };
  return { points, quota: quotaPolicy(portal), backoff, sendWindowMs };
}

function quotaPolicy(portal: PortalDescription): LegPolicy {
  const { callTimeoutMs, failuresMax, pendingMaxMs } = portal.limits;
  return { ...portalPromises, callDeadlineMs: callTimeoutMs, failuresMax, pendingMaxMs };
}

/** Promises of the portal's contract, adapters/portal/openapi.yaml. */
const portalPromises: Omit<LegPolicy, 'callDeadlineMs' | keyof CaseLimits> = {
  idempotency: 'key-replays',
  idempotencyRetentionMs: Infinity,
  remembersRejections: true,
  echo: 'points',
  query: 'by-key',
  scan: undefined,
  statement: undefined,
  reversal: 'by-original',
  fencesUnknownKeys: true,
  releaseBarsHold: false,
  notFoundFinalAfterMs: 0,
  lateEffectCheckMs: 0,
};
