import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import nock from 'nock';

import { openAxiosTransport } from '../http/axios-transport.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { PORTAL_DOCUMENT } from '../testing/openapi-document.ts';
import { PortalClient } from './portal-client.ts';

const DEDUCTION = { key: 'q1', channel: 'airmiles', orderId: 'o1', points: new Decimal('49.80') };
const RETURN = { ...DEDUCTION, key: 'r1', originalKey: 'q1' };
const OPERATION = {
  operationId: 'q-1',
  key: 'q1',
  kind: 'quota-deduction',
  status: 'completed',
  channel: 'airmiles',
  orderId: 'o1',
  points: '49.8',
  replayed: false,
  at: '2026-01-01T00:00:00Z',
};
const RETURNED = { ...OPERATION, key: 'r1', originalKey: 'q1', kind: 'quota-return' };

const portalHost = () =>
  nock('https://portal.example', { reqheaders: { authorization: 'Bearer the-token' } });

let portal: PortalClient;
beforeEach(() => {
  nock.disableNetConnect();
  portal = new PortalClient({
    bearerToken: 'the-token',
    transport: openAxiosTransport({
      baseUrl: 'https://portal.example',
      connectionsMax: 2,
      connectTimeoutMs: 1_000,
    }),
  });
});
afterEach(async () => {
  await portal.close();
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

// nock replaces node:http for the whole process, which other test files may run in.
afterAll(() => nock.restore());

function problem(status: number, code: string) {
  const body = { title: code, status, code };
  expect(PORTAL_DOCUMENT.faults('Problem', body)).toEqual([]);
  return body;
}

describe('quota', () => {
  test('is deducted by the documented body and proven by its echo', async () => {
    let sent: unknown;
    portalHost()
      .post('/v1/quota-deductions', (body: unknown) => Boolean((sent = body)))
      .matchHeader('idempotency-key', '"q1"')
      .reply(200, OPERATION);
    const outcome = await portal.deduct(DEDUCTION, AMPLE_CONTEXT);
    expect(PORTAL_DOCUMENT.faults('QuotaDeduction', sent)).toEqual([]);
    expect(sent).toEqual({ key: 'q1', channel: 'airmiles', orderId: 'o1', points: '49.8' });
    expect(outcome).toMatchObject({ type: 'done', remoteId: 'q-1' });
  });

  test('of another channel in the answer proves nothing', async () => {
    portalHost()
      .post('/v1/quota-deductions')
      .reply(200, { ...OPERATION, channel: 'bankplus' });
    expect(await portal.deduct(DEDUCTION, AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
  });

  test.each([
    [422, 'QUOTA_EXCEEDED', { type: 'rejected', reason: 'insufficient_quota' }],
    [409, 'KEY_VOIDED', { type: 'rejected', reason: 'key_voided' }],
    [409, 'KEY_REUSED', { type: 'misconfigured', code: 'key_reused' }],
    [409, 'KEY_IN_PROGRESS', { type: 'unknown', cause: 'duplicate_without_state' }],
    [404, 'CHANNEL_UNKNOWN', { type: 'misconfigured', code: 'refused_request' }],
    [404, 'OPERATION_UNKNOWN', { type: 'unknown', cause: 'unmapped_answer' }],
  ])('%i %s', async (status, code, outcome) => {
    portalHost().post('/v1/quota-deductions').reply(status, problem(status, code));
    expect(await portal.deduct(DEDUCTION, AMPLE_CONTEXT)).toMatchObject(outcome);
  });

  test('is given back by the documented body', async () => {
    let sent: unknown;
    portalHost()
      .post('/v1/quota-returns', (body: unknown) => Boolean((sent = body)))
      .reply(200, RETURNED);
    expect(await portal.giveBack(RETURN, AMPLE_CONTEXT)).toMatchObject({ type: 'done' });
    expect(PORTAL_DOCUMENT.faults('QuotaReturn', sent)).toEqual([]);
  });

  test('that was never taken is given back as nothing', async () => {
    portalHost()
      .post('/v1/quota-returns')
      .reply(200, { ...RETURNED, points: '0' });
    const outcome = await portal.giveBack(RETURN, AMPLE_CONTEXT);
    expect(outcome).toMatchObject({ type: 'done', points: new Decimal(0) });
  });

  test('is found by key: what was done, a voided key, or the documented nothing', async () => {
    portalHost().get('/v1/operations/q1').reply(200, OPERATION);
    portalHost()
      .get('/v1/operations/q2')
      .reply(200, { ...OPERATION, key: 'q2', status: 'refused', code: 'KEY_VOIDED' });
    portalHost().get('/v1/operations/q3').reply(404, problem(404, 'OPERATION_UNKNOWN'));
    expect(await portal.find('q1', AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done' },
    });
    expect(await portal.find('q2', AMPLE_CONTEXT)).toMatchObject({
      outcome: { type: 'rejected', reason: 'key_voided' },
    });
    expect(await portal.find('q3', AMPLE_CONTEXT)).toMatchObject({ type: 'not_found' });
  });

  test('that remains is read', async () => {
    portalHost().get('/v1/channels/airmiles/quota').reply(200, {
      channel: 'airmiles',
      granted: '10',
      used: '4',
      remaining: '6',
      asOf: '2026-01-01T00:00:00Z',
    });
    expect(await portal.remaining('airmiles', AMPLE_CONTEXT)).toMatchObject({
      type: 'balance',
      points: new Decimal(6),
    });
  });
});
