import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import nock from 'nock';

import { openAxiosTransport } from '../http/axios-transport.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { JSON_CHANNEL_DOCUMENT } from '../testing/openapi-document.ts';
import { JsonChannel } from './json-channel.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const MEMBER = 'li/雷 7';
const OPERATION = { key: 'k1', orderId: 'o1', memberRef: MEMBER, points: new Decimal('49.80') };
const TRANSACTION = {
  transactionId: 't-1',
  key: 'k1',
  kind: 'deduction',
  status: 'completed',
  orderId: 'o1',
  member: MEMBER,
  points: '49.8',
  replayed: false,
  at: '2026-01-01T00:00:00Z',
};

/** Fixtures are answers that the written contract allows; nock sees node:http, so they go through axios. */
const channelHost = () =>
  nock('https://channel.example', { reqheaders: { authorization: 'Bearer the-token' } });

let channel: JsonChannel;
beforeEach(() => {
  nock.disableNetConnect();
  channel = new JsonChannel({
    channel: 'airmiles',
    bearerToken: 'the-token',
    transport: openAxiosTransport({
      baseUrl: 'https://channel.example/points',
      connectionsMax: 2,
      connectTimeoutMs: 1_000,
    }),
  });
});
afterEach(async () => {
  await channel.close();
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

// nock replaces node:http for the whole process, which other test files may run in.
afterAll(() => nock.restore());

function problem(status: number, code: string) {
  const body = { title: code, status, code };
  expect(JSON_CHANNEL_DOCUMENT.faults('Problem', body)).toEqual([]);
  return body;
}

describe('what is sent', () => {
  test('a deduction is the documented body, with its key as Idempotency-Key and the trace it belongs to', async () => {
    let sent: unknown;
    channelHost()
      .post('/points/v1/deductions', (body: unknown) => Boolean((sent = body)))
      .matchHeader('idempotency-key', '"k1"')
      .matchHeader('content-type', 'application/json')
      .matchHeader('traceparent', TRACEPARENT)
      .reply(200, TRANSACTION);
    const outcome = await channel.deduct(OPERATION, { ...AMPLE_CONTEXT, traceparent: TRACEPARENT });
    expect(JSON_CHANNEL_DOCUMENT.faults('Deduction', sent)).toEqual([]);
    expect(sent).toEqual({ key: 'k1', orderId: 'o1', member: MEMBER, points: '49.8' });
    expect(outcome).toMatchObject({ type: 'done', remoteId: 't-1', replayed: false });
    expect(outcome).toHaveProperty('points', new Decimal('49.8'));
  });

  test('a refund names its original and has a key of its own', async () => {
    let sent: unknown;
    channelHost()
      .post('/points/v1/refunds', (body: unknown) => Boolean((sent = body)))
      .matchHeader('idempotency-key', '"r1"')
      .reply(200, { ...TRANSACTION, key: 'r1', kind: 'refund', originalKey: 'k1' });
    const outcome = await channel.refund(
      { ...OPERATION, key: 'r1', originalKey: 'k1', originalRemoteId: 't-1' },
      AMPLE_CONTEXT,
    );
    expect(JSON_CHANNEL_DOCUMENT.faults('Refund', sent)).toEqual([]);
    expect(outcome.type).toBe('done');
  });

  test('points are plain digits, however large or small', async () => {
    const sent: unknown[] = [];
    channelHost()
      .post('/points/v1/deductions', (body: { points: unknown }) => Boolean(sent.push(body.points)))
      .twice()
      .reply(503);
    for (const points of ['999999999999999.9999', '0.0001']) {
      await channel.deduct({ ...OPERATION, points: new Decimal(points) }, AMPLE_CONTEXT);
    }
    expect(sent).toEqual(['999999999999999.9999', '0.0001']);
  });

  test('a trace header that is none is left out', async () => {
    nock('https://channel.example', { badheaders: ['traceparent'] })
      .get('/points/v1/transactions/k1')
      .reply(503);
    const outcome = await channel.query('k1', MEMBER, { ...AMPLE_CONTEXT, traceparent: 'x\r\ny: z' });
    expect(outcome).toMatchObject({ type: 'unknown', cause: 'server_error' });
  });

  test('a key that could not be sent is the caller’s error', async () => {
    for (const key of ['', 'a b', 'a\nb', '../x', 'k'.repeat(129)]) {
      await expect(channel.deduct({ ...OPERATION, key }, AMPLE_CONTEXT)).rejects.toMatchObject({
        name: 'TypeError',
      });
      await expect(channel.query(key, MEMBER, AMPLE_CONTEXT)).rejects.toMatchObject({ name: 'TypeError' });
    }
  });
});

describe('what comes back', () => {
  test('a refusal is a refusal, with the remote’s code in its evidence', async () => {
    channelHost().post('/points/v1/deductions').reply(422, problem(422, 'INSUFFICIENT_POINTS'));
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'rejected',
      reason: 'insufficient_points',
      evidence: {
        httpStatus: 422,
        remoteCode: 'INSUFFICIENT_POINTS',
        request: { method: 'POST', path: '/v1/deductions' },
      },
    });
  });

  test('a refund with the answer to another original proves nothing', async () => {
    channelHost()
      .post('/points/v1/refunds')
      .reply(200, { ...TRANSACTION, key: 'r1', kind: 'refund', originalKey: 'k2' });
    const refund = { ...OPERATION, key: 'r1', originalKey: 'k1', originalRemoteId: undefined };
    expect(await channel.refund(refund, AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
  });

  test('too many requests are not sent, for as long as the remote asks', async () => {
    channelHost().post('/points/v1/deductions').reply(429, '', { 'retry-after': '3' });
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'not_sent',
      cause: 'rate_limited',
      retryAfterMs: 3_000,
    });
  });

  test('an acceptance is pending, under the id and for as long as the remote says', async () => {
    const accepted = { key: 'k1', transactionId: 't-1', status: 'accepted', pollAfterMs: 2_000 };
    expect(JSON_CHANNEL_DOCUMENT.faults('Accepted', accepted)).toEqual([]);
    channelHost().post('/points/v1/deductions').reply(202, accepted);
    const pending = { type: 'pending', remoteId: 't-1', pollAfterMs: 2_000 };
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject(pending);
    channelHost()
      .post('/points/v1/refunds')
      .reply(202, { ...accepted, key: 'r1' });
    const refund = { ...OPERATION, key: 'r1', originalKey: 'k1', originalRemoteId: 't-1' };
    expect(await channel.refund(refund, AMPLE_CONTEXT)).toMatchObject(pending);
  });

  test.each([
    ['of another key', { key: 'k2', transactionId: 't-1', status: 'accepted', pollAfterMs: 2_000 }],
    ['that claims to be completed', TRANSACTION],
    ['of no state', { key: 'k1' }],
  ])('a 202 %s proves nothing', async (_, body) => {
    channelHost().post('/points/v1/deductions').reply(202, body);
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
  });

  test.each([
    [
      { status: 'accepted', points: '0', pollAfterMs: 3_000 },
      { type: 'pending', pollAfterMs: 3_000 },
    ],
    [{ status: 'completed' }, { type: 'done' }],
    [
      { status: 'refused', points: '0', code: 'LIMIT_EXCEEDED' },
      { type: 'rejected', reason: 'limit_exceeded' },
    ],
  ])('what was accepted is looked up as %j', async (state, outcome) => {
    const body = { ...TRANSACTION, ...state };
    expect(JSON_CHANNEL_DOCUMENT.faults('Transaction', body)).toEqual([]);
    channelHost().get('/points/v1/transactions/k1').reply(200, body);
    expect(await channel.query('k1', MEMBER, AMPLE_CONTEXT)).toMatchObject({ type: 'found', outcome });
  });

  test('a duplicate without a state is a reason to query, and no refusal', async () => {
    channelHost().post('/points/v1/deductions').reply(409, problem(409, 'DUPLICATE'));
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'duplicate_without_state',
      evidence: { remoteCode: 'DUPLICATE' },
    });
  });

  test('a look-up finds a transaction, or the documented nothing', async () => {
    channelHost().get('/points/v1/transactions/k1').reply(200, TRANSACTION);
    channelHost().get('/points/v1/transactions/k2').reply(404, problem(404, 'TRANSACTION_UNKNOWN'));
    expect(await channel.query('k1', MEMBER, AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done' },
    });
    expect(await channel.query('k2', MEMBER, AMPLE_CONTEXT)).toMatchObject({ type: 'not_found' });
  });

  test('a balance is points at an instant', async () => {
    channelHost()
      .get(`/points/v1/members/${encodeURIComponent(MEMBER)}/balance`)
      .reply(200, { member: MEMBER, points: '7.5', asOf: '2026-01-01T00:00:00Z' });
    expect(await channel.balance(MEMBER, AMPLE_CONTEXT)).toEqual({
      type: 'balance',
      points: new Decimal('7.5'),
      asOf: new Date('2026-01-01T00:00:00Z'),
    });
  });
});

test('no evidence of any call holds the token or the member', async () => {
  const echo = `token the-token of ${MEMBER}, ${encodeURIComponent(MEMBER)}, ${JSON.stringify({ note: MEMBER })}`;
  channelHost().post('/points/v1/deductions').reply(500, echo);
  channelHost().get('/points/v1/transactions/k1').reply(418, echo);
  channelHost()
    .get(/balance$/)
    .reply(403, { ...problem(403, 'MEMBER_BLOCKED'), detail: echo });
  const outcomes = [
    await channel.deduct(OPERATION, AMPLE_CONTEXT),
    await channel.query('k1', MEMBER, AMPLE_CONTEXT),
    await channel.balance(MEMBER, AMPLE_CONTEXT),
  ];
  expect(outcomes.map(({ type }) => type)).toEqual(['unknown', 'unknown', 'rejected']);
  const text = JSON.stringify(outcomes);
  for (const secret of ['the-token', MEMBER, encodeURIComponent(MEMBER)]) expect(text).not.toContain(secret);
});
