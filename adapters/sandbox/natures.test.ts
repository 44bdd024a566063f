import { afterEach, describe, expect, test } from '@jest/globals';

import { JSON_CHANNEL_DOCUMENT } from '../testing/openapi-document.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
});

async function open(nature: object): Promise<void> {
  sandbox = await createSandbox({ channels: ['airmiles'], natures: { airmiles: nature } });
}

async function call(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${sandbox?.url}/channels/airmiles/v1/${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const deduct = (key: string, more: object = {}) =>
  call('deductions', { key, orderId: 'o1', member: 'ann', points: '10', ...more });
const range = 'from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z';

describe('a channel', () => {
  test.each([
    ['lookups', 'transactions/k1', undefined],
    ['scans', 'members/ann/transactions', undefined],
    ['statements', `transactions?${range}`, undefined],
    ['refunds', 'refunds', { key: 'r', originalKey: 'k1', orderId: 'o1', member: 'ann', points: '1' }],
  ] as const)('without %s says so and nothing else', async (kind, path, body) => {
    await open({ [kind]: false });
    await deduct('k1');
    const { status, body: problem } = await call(path, body);
    expect({ status, code: problem['code'] }).toEqual({ status: 422, code: 'NOT_SUPPORTED' });
    expect(JSON_CHANNEL_DOCUMENT.faults('Problem', problem)).toEqual([]);
    expect(sandbox?.books().channels['airmiles']?.net).toBe('10');
  });

  test('that keeps no keys has one more effect per request, and shows the note instead', async () => {
    await open({ keys: 'ignored' });
    await deduct('k1', { note: 'n1' });
    await deduct('k1', { note: 'n1' });
    expect(sandbox?.books().channels['airmiles']?.net).toBe('20');
    const { body } = await call('members/ann/transactions');
    expect(JSON_CHANNEL_DOCUMENT.faults('TransactionPage', body)).toEqual([]);
    const [first, second] = body['transactions'] as Record<string, unknown>[];
    expect(first).toMatchObject({ note: 'n1', points: '10' });
    expect(first).not.toHaveProperty('key');
    expect(first?.['transactionId']).not.toBe(second?.['transactionId']);
  });

  test('without echo shows no points but in look-ups', async () => {
    await open({ echo: false });
    const { body } = await deduct('k1');
    expect(body).toMatchObject({ status: 'completed', key: 'k1' });
    expect(body).not.toHaveProperty('points');
    expect(JSON_CHANNEL_DOCUMENT.faults('Transaction', body)).toEqual([]);
    expect((await call('transactions/k1')).body).toMatchObject({ points: '10' });
  });

  test('lists a member’s transactions page by page, the newest first, whatever arrives meanwhile', async () => {
    await open({});
    for (const key of ['k1', 'k2', 'k3']) await deduct(key);
    await deduct('other', { member: 'bob' });
    const keys = (page: Record<string, unknown>) =>
      (page['transactions'] as { key: string }[]).map(({ key }) => key);
    const first = (await call('members/ann/transactions?limit=2')).body;
    expect(keys(first)).toEqual(['k3', 'k2']);
    await deduct('k4');
    const cursor = String(first['nextCursor']);
    const last = (await call(`members/ann/transactions?limit=2&cursor=${cursor}`)).body;
    expect(keys(last)).toEqual(['k1']);
    expect(last).not.toHaveProperty('nextCursor');
    expect((await call('members/nobody-yet/transactions')).body).toEqual({ transactions: [] });
    expect((await call('members/unknown-1/transactions')).body).toMatchObject({ code: 'MEMBER_UNKNOWN' });
  });

  test('whose statement closes later shows nothing that is younger', async () => {
    await open({ statementLagMs: 3_600_000 });
    await deduct('k1');
    const { body } = await call(`transactions?${range}`);
    expect(JSON_CHANNEL_DOCUMENT.faults('StatementPage', body)).toEqual([]);
    expect(body['transactions']).toEqual([]);
    expect(Date.parse(String(body['completeUntil']))).toBeLessThanOrEqual(Date.now() - 3_600_000);
  });
});

test.each([
  [{ airmiles: { lookups: 'no' } }, /natures\.airmiles\.lookups/],
  [{ airmiles: { telepathy: true } }, /natures\.airmiles/],
  [{ fuelcard: {} }, /natures\.fuelcard: no channel of this sandbox/],
])('natures such as %j are refused', async (natures, message) => {
  await expect(createSandbox({ channels: ['airmiles'], natures })).rejects.toThrow(message);
});
