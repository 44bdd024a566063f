import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from './channel-description.ts';
import type { ChannelAdapter, Portal } from './contract.ts';
import { openChannel, openPortal } from './open-remote.ts';
import { readPortalDescription } from './portal-description.ts';
import { createSandbox, type Sandbox } from './sandbox/index.ts';
import { AMPLE_CONTEXT } from './testing/call-contexts.ts';

const CHANNEL = `
id: airmiles
adapter: json
baseUrl: \${SANDBOX_URL}/channels/airmiles
auth: { bearer: env:AIRMILES_TOKEN }
points: { scale: 2, max: "50000" }
capabilities:
  idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }
  echo: points
  query: by-key
  reversal: by-original
  partialRefund: true
  notFoundFinalAfterMs: 0
  lateEffectCheckMs: 60000
  perUserLane: false
`;
const PORTAL = `
baseUrl: \${SANDBOX_URL}/portal
auth: { bearer: env:PORTAL_TOKEN }
`;

let sandbox: Sandbox;
let channel: ChannelAdapter;
let portal: Portal;
beforeEach(async () => {
  sandbox = await createSandbox({ channels: ['airmiles'], bearerToken: 't0ken', openingBalance: '100' });
  const env = { SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 't0ken', PORTAL_TOKEN: 't0ken' };
  channel = openChannel(readChannelDescription(CHANNEL, 'airmiles.yaml'), env);
  portal = openPortal(readPortalDescription(PORTAL, 'portal.yaml'), env);
});
afterEach(async () => {
  await channel.close();
  await portal.close();
  await sandbox.close();
});

const points = new Decimal('12.34');
const operation = (key: string, memberRef = '李/ann') => ({ key, orderId: 'o1', memberRef, points });
const quota = (key: string) => ({ key, orderId: 'o1', channel: 'airmiles', points });
const asked = { ...AMPLE_CONTEXT };

describe('a described channel over real sockets', () => {
  test('deducts once per key, twenty at a time', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => channel.deduct(operation('k1'), asked)),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ type: 'done', points });
    expect(outcomes.filter((outcome) => outcome.type === 'done' && !outcome.replayed)).toHaveLength(1);
    expect(sandbox.books().channels['airmiles']).toMatchObject({ net: '12.34', calls: { deductions: 20 } });
  });

  test('refuses, refunds, finds and reads', async () => {
    expect(await channel.deduct(operation('k0', 'unknown-1'), asked)).toMatchObject({
      reason: 'member_unknown',
    });
    expect(await channel.query('k1', '李/ann', asked)).toMatchObject({ type: 'not_found' });
    await channel.deduct(operation('k1'), asked);
    expect(await channel.balance('李/ann', asked)).toMatchObject({
      type: 'balance',
      points: new Decimal('87.66'),
    });
    const refund = { ...operation('r1'), originalKey: 'k1', originalRemoteId: undefined };
    expect(await channel.refund(refund, asked)).toMatchObject({ type: 'done', points });
    expect(await channel.query('r1', '李/ann', asked)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points },
    });
    expect(await channel.refund({ ...refund, key: 'r2' }, asked)).toMatchObject({
      reason: 'already_returned',
    });
    expect(sandbox.books().channels['airmiles']?.net).toBe('0');
  });

  test('is misconfigured with a wrong token, and without effect', async () => {
    const env = { SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 'wrong' };
    const stranger = openChannel(readChannelDescription(CHANNEL, 'airmiles.yaml'), env);
    expect(await stranger.deduct(operation('k1'), asked)).toMatchObject({
      type: 'misconfigured',
      code: 'authentication',
    });
    await stranger.close();
    expect(sandbox.books().channels['airmiles']?.members).toEqual({});
  });

  test('ends a call in flight as unknown when it is closed', async () => {
    const slow = await createSandbox({ channels: ['airmiles'], latencyMs: 60_000 });
    const env = { SANDBOX_URL: slow.url, AIRMILES_TOKEN: 'x' };
    const waiting = openChannel(readChannelDescription(CHANNEL, 'airmiles.yaml'), env);
    const sent = Promise.withResolvers<void>();
    const maySend = (): boolean => {
      sent.resolve();
      return true;
    };
    const outcome = waiting.deduct(operation('k1'), { ...asked, maySend });
    await sent.promise;
    await waiting.close();
    expect(await outcome).toMatchObject({ type: 'unknown', cause: 'connection_lost' });
    await slow.close();
  });
});

describe('the described portal over real sockets', () => {
  test('deducts, gives back, finds and reads', async () => {
    expect(await portal.deduct(quota('q1'), asked)).toMatchObject({ type: 'done', points });
    expect(await portal.remaining('airmiles', asked)).toMatchObject({ points: new Decimal('99999987.66') });
    expect(await portal.giveBack({ ...quota('r1'), originalKey: 'q1' }, asked)).toMatchObject({
      type: 'done',
      points,
    });
    expect(await portal.find('r1', asked)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points },
    });
    expect(sandbox.books().portal.quotas['airmiles']?.used).toBe('0');
  });

  test('gives nothing back for a key it never saw, and voids that key', async () => {
    const returned = await portal.giveBack({ ...quota('r1'), originalKey: 'q1' }, asked);
    expect(returned).toMatchObject({ type: 'done', points: new Decimal(0) });
    expect(await portal.deduct(quota('q1'), asked)).toMatchObject({ type: 'rejected', reason: 'key_voided' });
    expect(await portal.find('q1', asked)).toMatchObject({
      outcome: { type: 'rejected', reason: 'key_voided' },
    });
  });
});
