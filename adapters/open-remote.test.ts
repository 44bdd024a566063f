import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import type { Portal } from './contract.ts';
import { openPortal } from './open-remote.ts';
import { readPortalDescription } from './portal-description.ts';
import { createSandbox, type Sandbox } from './sandbox/index.ts';
import { AMPLE_CONTEXT } from './testing/call-contexts.ts';
import { DECLARED_JSON_CHANNEL, describeJsonContract } from './testing/channel-contract.ts';
import { describeHolds } from './testing/holds-contract.ts';

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
let portal: Portal;
beforeEach(async () => {
  sandbox = await createSandbox({ channels: ['airmiles'], bearerToken: 't0ken', openingBalance: '100' });
  const env = { SANDBOX_URL: sandbox.url, PORTAL_TOKEN: 't0ken' };
  portal = openPortal(readPortalDescription(PORTAL, 'portal.yaml'), env);
});
afterEach(async () => {
  await portal.close();
  await sandbox.close();
});

const points = new Decimal('12.34');
const quota = (key: string) => ({ key, orderId: 'o1', channel: 'airmiles', points });
const asked = { ...AMPLE_CONTEXT };

describeJsonContract('the JSON adapter', CHANNEL);
describeJsonContract('a declarative description of the same', DECLARED_JSON_CHANNEL);
describeHolds('the JSON adapter', (expiresAfterMs) =>
  CHANNEL.replace('echo:', `hold: { expiresAfterMs: ${expiresAfterMs}, releaseBarsHold: true }\n  echo:`),
);
describeHolds('a declarative description of the same', (expiresAfterMs) =>
  DECLARED_JSON_CHANNEL.replace('expiresAfterMs: 3600000', `expiresAfterMs: ${expiresAfterMs}`),
);

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
