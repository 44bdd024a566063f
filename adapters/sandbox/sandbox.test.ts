import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { JSON_CHANNEL_DOCUMENT, PORTAL_DOCUMENT } from '../testing/openapi-document.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({
    channels: ['airmiles', 'bankplus'],
    openingBalance: '100',
    openingQuota: '250',
  });
});
afterEach(() => sandbox.close());

/** Calls the sandbox and holds every answer of a channel or the portal against its written contract. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  const document = path.startsWith('/portal/') ? PORTAL_DOCUMENT : JSON_CHANNEL_DOCUMENT;
  if (path.startsWith('/portal/') || path.startsWith('/channels/')) {
    expect(document.faults(schemaOf(path, response.status), answer)).toEqual([]);
    expect(response.headers.get('content-type')).toBe(
      response.status === 200 ? 'application/json' : 'application/problem+json',
    );
  }
  return { status: response.status, body: answer };
}

function schemaOf(path: string, status: number): string {
  if (status !== 200) return 'Problem';
  if (path.includes('/v1/transactions?')) return 'StatementPage';
  if (path.includes('/statement?')) return 'OperationPage';
  if (path.endsWith('/balance')) return 'Balance';
  if (path.endsWith('/quota')) return 'Quota';
  return path.startsWith('/portal/') ? 'Operation' : 'Transaction';
}

const deduct = (key: string, points = '10', more: object = {}) =>
  call('POST', '/channels/airmiles/v1/deductions', { key, orderId: 'o1', member: 'ann', points, ...more });
const refund = (key: string, originalKey: string, points = '10', more: object = {}) =>
  call('POST', '/channels/airmiles/v1/refunds', {
    key,
    originalKey,
    orderId: 'o1',
    member: 'ann',
    points,
    ...more,
  });
const takeQuota = (key: string, points = '10', more: object = {}) =>
  call('POST', '/portal/v1/quota-deductions', { key, channel: 'airmiles', orderId: 'o1', points, ...more });
const returnQuota = (key: string, originalKey: string, points = '10', more: object = {}) =>
  call('POST', '/portal/v1/quota-returns', {
    key,
    originalKey,
    channel: 'airmiles',
    orderId: 'o1',
    points,
    ...more,
  });
const refusal = (status: number, code: string) => ({ status, body: { status, code } });
const airmiles = () => sandbox.books().channels['airmiles'];
const quota = () => sandbox.books().portal.quotas['airmiles'];

describe('a channel', () => {
  test('takes what was asked for, once per key', async () => {
    const first = await deduct('k1', '49.80');
    expect(first.body).toMatchObject({ status: 'completed', points: '49.8', replayed: false });
    const again = await deduct('k1', '49.80');
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(airmiles()).toMatchObject({
      deducted: '49.8',
      members: { ann: { balance: '50.2' } },
      calls: { deductions: 2 },
    });
  });

  test('has one effect for twenty equal requests at a time', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => deduct('k1')));
    expect(replies.filter(({ body }) => body['replayed'] === false)).toHaveLength(1);
    expect(airmiles()?.members['ann']?.balance).toBe('90');
  });

  test.each([
    ['other points', { points: '11' }],
    ['another member', { member: 'bob' }],
    ['another order', { orderId: 'o2' }],
  ])('refuses a key that comes again with %s', async (_, other) => {
    await deduct('k1');
    expect(await deduct('k1', '10', other)).toMatchObject(refusal(409, 'KEY_REUSED'));
    expect(await refund('k1', 'k1')).toMatchObject(refusal(409, 'KEY_REUSED'));
    expect(airmiles()?.net).toBe('10');
  });

  test('never lets a balance go below zero, however many ask at a time', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => deduct(`k${index}`, '30')));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(replies.find(({ status }) => status !== 200)).toMatchObject(refusal(422, 'INSUFFICIENT_POINTS'));
    expect(airmiles()?.members['ann']?.balance).toBe('10');
  });

  test('remembers a refusal, even when there would be enough now', async () => {
    expect(await deduct('k1', '200')).toMatchObject(refusal(422, 'INSUFFICIENT_POINTS'));
    await call('PUT', '/admin/channels/airmiles/members/ann', { balance: '1000' });
    expect(await deduct('k1', '200')).toMatchObject(refusal(422, 'INSUFFICIENT_POINTS'));
    const found = await call('GET', '/channels/airmiles/v1/transactions/k1');
    expect(found.body).toMatchObject({ status: 'refused', code: 'INSUFFICIENT_POINTS', points: '0' });
    expect(await deduct('k2', '200')).toMatchObject({ status: 200 });
  });

  test('knows no unknown-… and refuses blocked-…, whose balance it does not tell either', async () => {
    expect(await deduct('k1', '1', { member: 'unknown-1' })).toMatchObject(refusal(404, 'MEMBER_UNKNOWN'));
    expect(await deduct('k2', '1', { member: 'blocked-1' })).toMatchObject(refusal(403, 'MEMBER_BLOCKED'));
    expect(await call('GET', '/channels/airmiles/v1/members/unknown-1/balance')).toMatchObject(
      refusal(404, 'MEMBER_UNKNOWN'),
    );
    expect(await call('GET', '/channels/airmiles/v1/members/blocked-1/balance')).toMatchObject(
      refusal(403, 'MEMBER_BLOCKED'),
    );
  });

  test('tells a balance without making a member', async () => {
    const { body } = await call(
      'GET',
      `/channels/airmiles/v1/members/${encodeURIComponent('李 雷/7')}/balance`,
    );
    expect(body).toMatchObject({ member: '李 雷/7', points: '100' });
    expect(airmiles()?.members).toEqual({});
  });

  test('gives back in parts up to the whole, each part once', async () => {
    await deduct('k1', '10');
    expect(await refund('r1', 'k1', '4')).toMatchObject({
      status: 200,
      body: { points: '4', originalKey: 'k1' },
    });
    expect(await refund('r1', 'k1', '4')).toMatchObject({ body: { replayed: true } });
    expect(await refund('r2', 'k1', '7')).toMatchObject(refusal(422, 'EXCEEDS_ORIGINAL'));
    expect(await refund('r3', 'k1', '6')).toMatchObject({ status: 200 });
    expect(await refund('r4', 'k1', '0.0001')).toMatchObject(refusal(422, 'ALREADY_RETURNED'));
    expect(airmiles()).toMatchObject({
      deducted: '10',
      refunded: '10',
      net: '0',
      members: { ann: { balance: '100' } },
    });
  });

  test('gives back to a blocked member', async () => {
    await deduct('k1');
    await call('PUT', '/admin/channels/airmiles/members/ann', { blocked: true });
    expect(await refund('r1', 'k1')).toMatchObject({ status: 200 });
  });

  test('gives nothing back for what it did not take', async () => {
    expect(await refund('r1', 'k1')).toMatchObject(refusal(404, 'ORIGINAL_NOT_FOUND'));
    await deduct('k2', '200');
    expect(await refund('r2', 'k2')).toMatchObject(refusal(404, 'ORIGINAL_NOT_FOUND'));
    await deduct('k3');
    expect(await refund('r3', 'k3', '10', { member: 'bob' })).toMatchObject(
      refusal(422, 'ORIGINAL_MISMATCH'),
    );
    expect(airmiles()).toMatchObject({ refunded: '0' });
  });

  test('shows what became of a key, and no key it never met', async () => {
    await deduct('k1');
    expect((await call('GET', '/channels/airmiles/v1/transactions/k1')).body).toMatchObject({
      key: 'k1',
      points: '10',
    });
    expect(await call('GET', '/channels/airmiles/v1/transactions/k2')).toMatchObject(
      refusal(404, 'TRANSACTION_UNKNOWN'),
    );
    expect(await call('GET', '/channels/bankplus/v1/transactions/k1')).toMatchObject(
      refusal(404, 'TRANSACTION_UNKNOWN'),
    );
  });

  test('lists in its statement each done transaction once, page by page, whatever arrives meanwhile', async () => {
    for (let index = 0; index < 600; index += 1) await deduct(`k${index}`, '0.1');
    await deduct('refused', '1000');
    const window = 'from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00Z';
    const first = await call('GET', `/channels/airmiles/v1/transactions?${window}`);
    await deduct('late', '0.1');
    const second = await call(
      'GET',
      `/channels/airmiles/v1/transactions?${window}&cursor=${String(first.body['nextCursor'])}`,
    );
    const keys = [first, second].flatMap(({ body }) =>
      (body['transactions'] as { key: string }[]).map(({ key }) => key),
    );
    expect(keys).toEqual([...Array.from({ length: 600 }, (_, index) => `k${index}`), 'late']);
    expect(second.body['nextCursor']).toBeUndefined();
  });

  test('lists with from included and to excluded', async () => {
    const { body } = await deduct('k1');
    const at = String(body['at']);
    const next = new Date(Date.parse(at) + 1).toISOString();
    const page = (from: string, to: string) =>
      call('GET', `/channels/airmiles/v1/transactions?from=${from}&to=${to}`);
    expect((await page(at, next)).body['transactions']).toHaveLength(1);
    expect((await page('2000-01-01T00:00:00Z', at)).body['transactions']).toEqual([]);
    expect((await page(next, '2999-01-01T00:00:00Z')).body['transactions']).toEqual([]);
  });
});

describe('the portal', () => {
  test('takes quota once per key and never more than there is', async () => {
    expect(await takeQuota('q1', '200')).toMatchObject({ body: { points: '200', replayed: false } });
    expect(await takeQuota('q1', '200')).toMatchObject({ body: { points: '200', replayed: true } });
    expect(await takeQuota('q2', '50.0001')).toMatchObject(refusal(422, 'QUOTA_EXCEEDED'));
    expect(await takeQuota('q1', '20')).toMatchObject(refusal(409, 'KEY_REUSED'));
    expect(quota()).toMatchObject({ granted: '250', used: '200', remaining: '50' });
    expect((await call('GET', '/portal/v1/channels/airmiles/quota')).body).toMatchObject({
      used: '200',
      remaining: '50',
    });
  });

  test('records a return of a key it never saw, and refuses that key for ever', async () => {
    expect(await returnQuota('r1', 'q1')).toMatchObject({
      status: 200,
      body: { status: 'completed', points: '0' },
    });
    expect(await takeQuota('q1')).toMatchObject(refusal(409, 'KEY_VOIDED'));
    expect(await returnQuota('r1', 'q1')).toMatchObject({ body: { points: '0', replayed: true } });
    expect(await returnQuota('r2', 'q1')).toMatchObject({ body: { points: '0', replayed: false } });
    const found = await call('GET', '/portal/v1/operations/q1');
    expect(found.body).toMatchObject({ kind: 'quota-deduction', status: 'refused', code: 'KEY_VOIDED' });
    expect(quota()).toMatchObject({ used: '0' });
  });

  test('returns nothing for a deduction that it refused', async () => {
    await takeQuota('q1', '300');
    expect(await returnQuota('r1', 'q1', '300')).toMatchObject({
      body: { status: 'completed', points: '0' },
    });
    expect(quota()).toMatchObject({ used: '0' });
  });

  test('adds returns up, to what was deducted and no further', async () => {
    await takeQuota('q1', '10');
    expect(await returnQuota('r1', 'q1', '6')).toMatchObject({ body: { points: '6' } });
    expect(await returnQuota('r2', 'q1', '6')).toMatchObject(refusal(422, 'EXCEEDS_ORIGINAL'));
    expect(await returnQuota('r3', 'q1', '4')).toMatchObject({ body: { points: '4' } });
    expect(await returnQuota('r4', 'q1', '1')).toMatchObject(refusal(422, 'ALREADY_RETURNED'));
    expect(quota()).toMatchObject({ used: '0', deducted: '10', returned: '10' });
  });

  test('returns only what is of the same order and channel, and no return', async () => {
    await takeQuota('q1');
    await returnQuota('r1', 'q1', '1');
    expect(await returnQuota('r2', 'q1', '1', { orderId: 'o2' })).toMatchObject(
      refusal(422, 'ORIGINAL_MISMATCH'),
    );
    expect(await returnQuota('r2', 'q1', '1', { channel: 'bankplus' })).toMatchObject(
      refusal(422, 'ORIGINAL_MISMATCH'),
    );
    expect(await returnQuota('r2', 'r1', '1')).toMatchObject(refusal(422, 'ORIGINAL_MISMATCH'));
    expect(await returnQuota('q9', 'q9', '1')).toMatchObject(refusal(409, 'KEY_REUSED'));
  });

  test('knows the channels it was given, and lists each one’s operations', async () => {
    await takeQuota('q1');
    await takeQuota('q2', '5', { channel: 'bankplus' });
    expect(await takeQuota('q3', '1', { channel: 'nobody' })).toMatchObject(refusal(404, 'CHANNEL_UNKNOWN'));
    const window = 'from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00Z';
    const { body } = await call('GET', `/portal/v1/channels/bankplus/statement?${window}`);
    expect(body['operations']).toMatchObject([{ key: 'q2', points: '5' }]);
    expect(await call('GET', '/portal/v1/operations/q3')).toMatchObject(refusal(404, 'OPERATION_UNKNOWN'));
  });
});

describe('the books', () => {
  test('list every effect once, in order, and nothing else', async () => {
    await deduct('k1');
    await deduct('k1');
    await deduct('k2', '1000');
    await takeQuota('q1');
    await returnQuota('r1', 'never');
    await refund('f1', 'k1', '3');
    const text = await (await fetch(`${sandbox.url}/books/entries`)).text();
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toMatchObject([
      {
        channel: 'airmiles',
        kind: 'deduction',
        key: 'k1',
        originalKey: null,
        orderId: 'o1',
        member: 'ann',
        points: '10',
      },
      { kind: 'quota-deduction', key: 'q1', member: null },
      { kind: 'refund', key: 'f1', originalKey: 'k1', points: '3' },
    ]);
    const { body } = await call('GET', '/books');
    expect(body).toEqual(JSON.parse(JSON.stringify(sandbox.books())));
  });

  test('stay balanced when an administrator sets a balance', async () => {
    await deduct('k1', '40');
    await call('PUT', '/admin/channels/airmiles/members/ann', { balance: '5.5' });
    expect(airmiles()?.members['ann']).toMatchObject({ balance: '5.5', credited: '45.5', deducted: '40' });
    expect(await deduct('k2', '6')).toMatchObject(refusal(422, 'INSUFFICIENT_POINTS'));
  });

  test('take another quota, but none below what is used', async () => {
    await takeQuota('q1', '200');
    expect(await call('PUT', '/admin/channels/airmiles/quota', { granted: '199' })).toMatchObject({
      status: 400,
    });
    expect(await call('PUT', '/admin/channels/airmiles/quota', { granted: '300' })).toMatchObject({
      status: 200,
    });
    expect(quota()).toMatchObject({ granted: '300', remaining: '100' });
  });
});

describe('a request that breaks the contract changes nothing', () => {
  test.each([
    ['not JSON', '{'],
    ['a list', []],
    ['no points', { points: undefined }],
    ['points as a number', { points: 10 }],
    ['no points at all', { points: '0' }],
    ['negative points', { points: '-1' }],
    ['five places', { points: '0.00001' }],
    ['a key with a space', { key: 'a b' }],
    ['a key that is too long', { key: 'k'.repeat(129) }],
    ['an order with a line break', { orderId: 'a\nb' }],
    ['an unknown field', { remark: 'x' }],
    ['a note with a line break', { note: 'a\nb' }],
    ['a body over 64 kB', { orderId: 'x'.repeat(70_000) }],
  ])('%s', async (_, change) => {
    const body =
      typeof change === 'string' || Array.isArray(change)
        ? change
        : { key: 'k1', orderId: 'o1', member: 'ann', points: '1', ...change };
    expect(await call('POST', '/channels/airmiles/v1/deductions', body)).toMatchObject(
      refusal(400, 'INVALID_REQUEST'),
    );
    expect(airmiles()?.members).toEqual({});
  });

  test('an Idempotency-Key that is not the key', async () => {
    const body = { key: 'k1', orderId: 'o1', member: 'ann', points: '1' };
    const send = (header: string) =>
      call('POST', '/channels/airmiles/v1/deductions', body, { 'idempotency-key': header });
    expect(await send('"k2"')).toMatchObject(refusal(400, 'INVALID_REQUEST'));
    expect(await send('"k1"')).toMatchObject({ status: 200 });
    expect(await send('k1')).toMatchObject({ status: 200, body: { replayed: true } });
  });

  test.each([
    ['GET', '/channels/nobody/v1/members/ann/balance', 404, 'NOT_FOUND'],
    ['DELETE', '/channels/airmiles/v1/deductions', 404, 'NOT_FOUND'],
    ['GET', '/channels/airmiles/v1/transactions?from=x&to=y', 400, 'INVALID_REQUEST'],
    ['GET', '/channels/airmiles/v1/members/%ff/balance', 400, 'INVALID_REQUEST'],
    ['GET', '/portal/v1/channels/nobody/quota', 404, 'CHANNEL_UNKNOWN'],
  ])('%s %s', async (method, path, status, code) =>
    expect(await call(method, path)).toMatchObject(refusal(status, code)),
  );
});

test('where a token is set, nobody comes in without it', async () => {
  const guarded = await createSandbox({ channels: ['airmiles'], bearerToken: 't0ken' });
  const read = (authorization: string) =>
    fetch(`${guarded.url}/channels/airmiles/v1/members/ann/balance`, { headers: { authorization } });
  expect((await read('Bearer t0ken')).status).toBe(200);
  const refused = await read('Bearer other');
  expect([refused.status, JSON_CHANNEL_DOCUMENT.faults('Problem', await refused.json())]).toEqual([401, []]);
  await guarded.close();
});

test('a channel that could not be in a path is refused at the start', async () => {
  await expect(createSandbox({ channels: ['Air Miles'] })).rejects.toThrow('no channel id: Air Miles');
});
