import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import nock from 'nock';

import { readChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter } from '../contract.ts';
import { openAxiosTransport } from '../http/axios-transport.ts';
import { openCallbackReader, openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';

let channel: ChannelAdapter;
function open(name: string, env: Record<string, string>): void {
  const file = new URL(`./descriptions/${name}.yaml`, import.meta.url);
  channel = openChannel(readChannelDescription(readFileSync(file, 'utf8'), name), env, openAxiosTransport);
}
beforeEach(() => nock.disableNetConnect());
afterEach(async () => {
  await channel.close();
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});
// nock replaces node:http for the whole process, which other test files may run in.
afterAll(() => nock.restore());

/**
 * github.com/formancehq/ledger at 25f8708b (2026-08-18): the shapes of V2CreateTransactionResponse,
 * V2TransactionsCursorResponse, V2AccountResponse and V2ErrorResponse in openapi.yaml, the statuses of
 * internal/api/v2/controllers_transactions_create.go. Read 2026-11-21.
 */
describe('Formance Ledger v2', () => {
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef: '042', points: new Decimal('49.80') };
  const transaction = (reference: string, amount: number, metadata: object) => ({
    insertedAt: '2026-11-21T00:00:00Z',
    timestamp: '2026-11-21T00:00:00Z',
    postings: [{ source: 'users:042', destination: 'mall:orders', amount, asset: 'PTS/2' }],
    reference,
    metadata,
    id: 17,
    reverted: false,
  });
  const ledger = () => nock('https://ledger.example', { reqheaders: { authorization: 'Bearer tok' } });

  beforeEach(() => {
    nock('https://auth.example')
      .post('/oauth/token', /grant_type=client_credentials/)
      .reply(200, { access_token: 'tok', expires_in: 3_600 });
    open('formance-ledger-v2', {
      FORMANCE_URL: 'https://ledger.example',
      FORMANCE_TOKEN_URL: 'https://auth.example/oauth/token',
      FORMANCE_CLIENT_ID: 'hub',
      FORMANCE_CLIENT_SECRET: 's3cret',
    });
  });

  test.each([
    [{}, false],
    [{ 'Idempotency-Hit': 'true' }, true],
  ])(
    'a deduction is one posting under one key and reference; with headers %j replayed is %s',
    async (headers, replayed) => {
      ledger()
        .post('/v2/points/transactions', {
          reference: 'k1',
          postings: [{ source: 'users:042', destination: 'mall:orders', amount: 4980, asset: 'PTS/2' }],
          metadata: { order: 'o1', kind: 'deduction' },
        })
        .matchHeader('idempotency-key', 'k1')
        .reply(200, { data: transaction('k1', 4_980, { order: 'o1', kind: 'deduction' }) }, headers);
      expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
        type: 'done',
        points: new Decimal('49.8'),
        remoteId: '17',
        replayed,
      });
    },
  );

  test.each([
    [400, 'INSUFFICIENT_FUND', { type: 'rejected', reason: 'insufficient_points' }],
    [409, 'CONFLICT', { type: 'unknown', cause: 'duplicate_without_state' }],
    [400, 'VALIDATION', { type: 'misconfigured', code: 'refused_request' }],
    [404, 'LEDGER_NOT_FOUND', { type: 'misconfigured', code: 'refused_request' }],
    [400, 'INTERPRETER_RUNTIME', { type: 'unknown', cause: 'unmapped_answer' }],
    [500, 'INTERNAL', { type: 'unknown', cause: 'server_error' }],
    [503, 'TIMEOUT', { type: 'unknown', cause: 'server_error' }],
  ])('%i %s is what it proves', async (status, errorCode, expected) => {
    ledger().post('/v2/points/transactions').reply(status, { errorCode, errorMessage: 'x' });
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      ...expected,
      evidence: { httpStatus: status, remoteCode: errorCode },
    });
  });

  test('what is given back is a posting the other way, under a key of its own', async () => {
    ledger()
      .post('/v2/points/transactions', (body: { postings: unknown }) => {
        expect(body.postings).toEqual([
          { source: 'mall:orders', destination: 'users:042', amount: 1000, asset: 'PTS/2' },
        ]);
        return true;
      })
      .reply(200, { data: transaction('r1', 1_000, { order: 'o1', kind: 'refund', original: 'k1' }) });
    const refund = {
      ...OPERATION,
      key: 'r1',
      points: new Decimal(10),
      originalKey: 'k1',
      originalRemoteId: '17',
    };
    expect(await channel.refund(refund, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
      points: new Decimal(10),
    });
  });

  test('a key is looked up by its reference', async () => {
    const page = (data: readonly object[]) => ({ cursor: { pageSize: 15, hasMore: false, data } });
    ledger()
      .get('/v2/points/transactions')
      .query({ query: '{"$match":{"reference":"k1"}}' })
      .reply(200, page([transaction('k1', 4_980, { kind: 'deduction' })]));
    ledger()
      .get('/v2/points/transactions')
      .query({ query: '{"$match":{"reference":"k2"}}' })
      .reply(200, page([]));
    expect(await channel.query('k1', '042', AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points: new Decimal('49.8'), remoteId: '17' },
    });
    expect(await channel.query('k2', '042', AMPLE_CONTEXT)).toMatchObject({ type: 'not_found' });
  });

  test('a balance is the account’s volume, however large', async () => {
    ledger()
      .get('/v2/points/accounts/users:042')
      .query({ expand: 'volumes' })
      .reply(
        200,
        '{"data":{"address":"users:042","metadata":{},"volumes":{"PTS/2":{"input":1,"output":0,"balance":90071992547409931}}}}',
      );
    expect(await channel.balance('042', AMPLE_CONTEXT)).toMatchObject({
      type: 'balance',
      points: new Decimal('900719925474099.31'),
    });
  });
});

/**
 * https://developer.squareup.com/reference/square/loyalty-api/AdjustLoyaltyPoints, .../SearchLoyaltyEvents,
 * .../RetrieveLoyaltyAccount, and the examples of those calls in github.com/square/connect-api-specification, api.json;
 * read 2026-11-21. No example takes points away: that `points` is then negative is the request's own form.
 */
describe('Square Loyalty', () => {
  const SQUARE_ENV = {
    SQUARE_URL: 'https://square.example',
    SQUARE_ACCESS_TOKEN: 'tok',
    SQUARE_NOTIFICATION_URL: 'https://hub.example/v1/callbacks/square',
    SQUARE_SIGNATURE_KEY: 'asdf1234',
  };
  const ACCOUNT = '5adcb100-07f1-4ee7-b8c6-6bb9ebc474bd';
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef: ACCOUNT, points: new Decimal(10) };
  const event = (reason: string, points: number) => ({
    id: '613a6fca-8d67-39d0-bad2-3b4bc45c8637',
    type: 'ADJUST_POINTS',
    created_at: '2020-05-08T21:42:32Z',
    adjust_points: { loyalty_program_id: 'd619f755-2d17-41f3-990d-c04ecedd64dd', points, reason },
    loyalty_account_id: ACCOUNT,
    source: 'LOYALTY_API',
  });
  const square = () => nock('https://square.example', { reqheaders: { authorization: 'Bearer tok' } });
  const errors = (category: string, code: string, detail = 'x') => ({ errors: [{ category, code, detail }] });

  beforeEach(() => {
    open('square-loyalty', SQUARE_ENV);
  });

  test('a deduction is a negative adjustment with its key as key and reason', async () => {
    square()
      .post(`/v2/loyalty/accounts/${ACCOUNT}/adjust`, {
        idempotency_key: 'k1',
        adjust_points: { points: -10, reason: 'k1' },
        allow_negative_balance: false,
      })
      .reply(200, { event: event('k1', -10) });
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
      points: new Decimal(10),
      remoteId: '613a6fca-8d67-39d0-bad2-3b4bc45c8637',
    });
  });

  test('an adjustment that added points is no deduction', async () => {
    square()
      .post(/adjust$/)
      .reply(200, { event: event('k1', 10) });
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'missing_echo',
    });
  });

  test.each([
    [400, errors('INVALID_REQUEST_ERROR', 'BAD_REQUEST'), { type: 'unknown', cause: 'unmapped_answer' }],
    [
      400,
      errors('INVALID_REQUEST_ERROR', 'IDEMPOTENCY_KEY_REUSED'),
      { type: 'misconfigured', code: 'key_reused' },
    ],
    [401, errors('AUTHENTICATION_ERROR', 'UNAUTHORIZED'), { type: 'misconfigured', code: 'authentication' }],
    [404, errors('INVALID_REQUEST_ERROR', 'NOT_FOUND'), { type: 'rejected', reason: 'member_unknown' }],
    [429, errors('RATE_LIMIT_ERROR', 'RATE_LIMITED'), { type: 'not_sent', cause: 'rate_limited' }],
    [503, errors('API_ERROR', 'SERVICE_UNAVAILABLE'), { type: 'unknown', cause: 'server_error' }],
  ])('%i %j is what it proves', async (status, body, expected) => {
    square()
      .post(/adjust$/)
      .reply(status, body);
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject(expected);
  });

  test('a key is looked for among the account’s adjustments, page by page', async () => {
    const search = (cursor?: string) => ({
      query: {
        filter: {
          loyalty_account_filter: { loyalty_account_id: ACCOUNT },
          type_filter: { types: ['ADJUST_POINTS'] },
        },
      },
      limit: 30,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const sought = {
      key: 'k1',
      kind: 'deduction',
      orderId: 'o1',
      memberRef: ACCOUNT,
      remoteId: undefined,
      besides: undefined,
      from: new Date('2020-05-08T21:00:00Z'),
      until: new Date('2020-05-08T22:00:00Z'),
    } as const;
    square()
      .post('/v2/loyalty/events/search', search())
      .reply(200, { events: [{ ...event('k11', -5), id: 'another' }], cursor: 'c2' });
    square()
      .post('/v2/loyalty/events/search', search('c2'))
      .reply(200, { events: [event('k1', -10)] });
    expect(await channel.scan(sought, AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points: new Decimal(10) },
    });
    square()
      .post('/v2/loyalty/events/search')
      .reply(200, { events: [event('k1', 10)] });
    expect((await channel.scan(sought, AMPLE_CONTEXT)).type).toBe('unknown');
    square().post('/v2/loyalty/events/search').reply(200, {});
    expect((await channel.scan(sought, AMPLE_CONTEXT)).type).toBe('not_found');
    square().post('/v2/loyalty/events/search').reply(200, errors('API_ERROR', 'INTERNAL_SERVER_ERROR'));
    expect((await channel.scan(sought, AMPLE_CONTEXT)).type).toBe('unknown');
  });

  /** The shape of `loyalty.event.created`, https://developer.squareup.com/docs/webhooks/step3validate, read 2026-11-21. */
  test('an event that Square sends is proof under its signature over address and body, octet by octet', () => {
    const file = new URL('./descriptions/square-loyalty.yaml', import.meta.url);
    const reader = openCallbackReader(
      readChannelDescription(readFileSync(file, 'utf8'), 'square'),
      SQUARE_ENV,
    );
    const body = JSON.stringify({
      merchant_id: 'MLE',
      type: 'loyalty.event.created',
      event_id: '5b2de1a9',
      data: { type: 'loyalty_event', object: { loyalty_event: event('k1', -10) } },
    });
    const signed = (text: string, key = 'asdf1234') => ({
      'x-square-hmacsha256-signature': createHmac('sha256', key)
        .update(SQUARE_ENV.SQUARE_NOTIFICATION_URL + text)
        .digest('base64'),
    });
    const read = (headers: Record<string, string>, text = body) =>
      reader?.read({ headers, octets: Buffer.from(text), receivedAt: new Date() });
    expect(read(signed(body))).toMatchObject({
      type: 'event',
      eventId: '5b2de1a9',
      about: { kind: 'key', reference: 'k1' },
      said: { type: 'done', points: new Decimal(10) },
      isSigned: true,
    });
    expect(read(signed(body, 'another'))).toMatchObject({ type: 'refused', code: 'signature' });
    expect(read({})).toMatchObject({ type: 'refused', code: 'headers' });
    expect(read(signed(body), `${body} `)).toMatchObject({ type: 'refused', code: 'signature' });
    const other =
      '{"event_id":"e2","data":{"object":{"loyalty_event":{"type":"OTHER","adjust_points":{"reason":"k1"}}}}}';
    expect(read(signed(other), other)).toMatchObject({ said: { type: 'hint' } });
    expect(read(signed('{}'), '{}')).toMatchObject({ type: 'refused', code: 'no_reference' });
    expect(reader?.acknowledgement).toEqual({ status: 200, type: 'text/plain', body: '' });
  });

  test('points are given back by an adjustment the other way', async () => {
    square()
      .post(/adjust$/, { idempotency_key: 'r1', adjust_points: { points: 4, reason: 'r1' } })
      .reply(200, { event: event('r1', 4) });
    const refund = {
      ...OPERATION,
      key: 'r1',
      points: new Decimal(4),
      originalKey: 'k1',
      originalRemoteId: undefined,
    };
    expect(await channel.refund(refund, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
      points: new Decimal(4),
    });
  });

  test('a balance is points, and a negative one is none', async () => {
    for (const [balance, type] of [
      [10, 'balance'],
      [-3, 'unknown'],
    ] as const) {
      square()
        .get(`/v2/loyalty/accounts/${ACCOUNT}`)
        .reply(200, {
          loyalty_account: { id: ACCOUNT, program_id: 'd619f755', balance, lifetime_points: 20 },
        });
      expect((await channel.balance(ACCOUNT, AMPLE_CONTEXT)).type).toBe(type);
    }
  });
});

const SOUGHT = {
  key: 'k1',
  kind: 'deduction',
  orderId: 'o1',
  remoteId: undefined,
  besides: undefined,
  from: new Date('2026-07-31T14:00:00Z'),
  until: new Date('2026-07-31T15:00:00Z'),
} as const;

/** github.com/talon-one/talon_go, api/openapi.yaml at b5a7a07 (25.17.0, 2026-05-07), read 2026-11-21. */
describe('Talon.One', () => {
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef: 'ann', points: new Decimal('10.25') };
  const talon = () =>
    nock('https://talon.example', { reqheaders: { authorization: 'ManagementKey-v1 tok' } });
  const PROFILE = '/v1/loyalty_programs/5/profile/ann';
  beforeEach(() => {
    const env = { TALON_ONE_URL: 'https://talon.example', TALON_ONE_KEY: 'tok', TALON_ONE_PROGRAM: '5' };
    open('talon-one', env);
  });

  test.each([
    [204, undefined, { type: 'unknown', cause: 'missing_echo' }],
    [400, { message: 'Bad request' }, { type: 'unknown', cause: 'unmapped_answer' }],
    [401, { message: 'Unauthorized' }, { type: 'misconfigured', code: 'authentication' }],
    [404, { message: 'Not found' }, { type: 'unknown', cause: 'unmapped_answer' }],
    [429, {}, { type: 'not_sent', cause: 'rate_limited' }],
  ])('a deduction that is answered %i %j is what that proves', async (status, body, expected) => {
    talon().put(`${PROFILE}/deduct_points`, '{"points":10.25,"name":"k1"}').reply(status, body);
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject(expected);
  });

  test('a balance is the profile’s active points in the main ledger', async () => {
    talon()
      .get(PROFILE)
      .reply(200, { ledger: { total: 20, totalActivePoints: 10.25, totalPendingPoints: 9.75 } });
    expect(await channel.balance('ann', AMPLE_CONTEXT)).toMatchObject({
      type: 'balance',
      points: new Decimal('10.25'),
    });
  });

  test('a key is looked for among the profile’s manual transactions in the programme’s, counted on', async () => {
    const line = (name: string, type: string) => ({
      transactionUUID: `u-${name}`,
      created: '2026-07-31T14:20:00Z',
      programId: 5,
      type,
      amount: 10.25,
      name,
      customerProfileId: 'ann',
    });
    const page = (skip: number) =>
      talon()
        .get('/v1/loyalty_programs/5/transactions')
        .query((query) => query['skip'] === String(skip));
    const another = { ...line('k1', 'odd'), customerProfileId: 'bob' };
    page(0).reply(200, { hasMore: true, data: [line('k11', 'subtraction'), another] });
    page(2).reply(200, { hasMore: false, data: [line('k1', 'subtraction')] });
    const sought = { ...SOUGHT, memberRef: 'ann' };
    expect(await channel.scan(sought, AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points: new Decimal('10.25'), remoteId: 'u-k1' },
    });
    page(0).reply(200, { hasMore: false, data: [line('k1', 'odd')] });
    expect((await channel.scan(sought, AMPLE_CONTEXT)).type).toBe('unknown');
  });
});

/** github.com/voucherifyio/voucherify-openapi at 65c33a7a (2026-08-21), the examples in loyalties-v2.json. */
describe('Voucherify Loyalty v2', () => {
  const memberRef = 'lmbr_128f962dbc8c4ba5dc/lcrd_128f962dbd8c4ba5df';
  const CARD = '/v2/loyalties/programs/lprg_1/members/lmbr_128f962dbc8c4ba5dc/cards/lcrd_128f962dbd8c4ba5df';
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef, points: new Decimal(100) };
  const voucherify = () =>
    nock('https://voucherify.example', { reqheaders: { 'x-app-id': 'id', 'x-app-token': 'tok' } });
  const transaction = (status: string, reason = 'k1') => ({
    id: 'lctx_12cfdf2de2570aa63b',
    type: 'ADMIN_DEBIT',
    details: { reason, rejection: null, metadata: {}, points: { total: -100 } },
    status,
    created_at: '2026-07-31T14:21:25.257Z',
    updated_at: null,
    object: 'card_transaction',
  });
  beforeEach(() =>
    open('voucherify-loyalty-v2', {
      VOUCHERIFY_URL: 'https://voucherify.example',
      VOUCHERIFY_APP_ID: 'id',
      VOUCHERIFY_APP_TOKEN: 'tok',
      VOUCHERIFY_PROGRAM: 'lprg_1',
    }),
  );

  test.each([
    [200, { transaction: transaction('PENDING'), status: 'TRANSACTION_CREATED' }, { type: 'pending' }],
    [200, { transaction: null, status: 'NO_CHANGE' }, { type: 'unknown' }],
    [400, { code: 400, key: 'invalid_payload' }, { type: 'misconfigured', code: 'refused_request' }],
    [404, { code: 404, key: 'not_found', resource_type: 'card' }, { reason: 'member_unknown' }],
    [404, { code: 404, key: 'not_found', resource_type: 'program' }, { type: 'misconfigured' }],
    [423, { code: 423, key: 'non_active_member' }, { type: 'rejected', reason: 'member_blocked' }],
    [423, { code: 423, key: 'non_active_program' }, { type: 'misconfigured', code: 'not_supported' }],
    [500, { code: 500 }, { type: 'unknown', cause: 'server_error' }],
  ])('a deduction that is answered %i %j is what that proves', async (status, body, expected) => {
    voucherify().post(`${CARD}/points`, { points: -100, reason: 'k1' }).reply(status, body);
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject(expected);
  });

  test.each([
    [[transaction('APPROVED')], 'found'],
    [[transaction('PENDING')], 'unknown'],
    [[transaction('REJECTED')], 'not_found'],
    [[transaction('APPROVED', 'k11')], 'not_found'],
    [[], 'not_found'],
  ])('a list %j says %s', async (data, expected) => {
    voucherify().get(`${CARD}/transactions`).query(true).reply(200, { object: 'list', data, cursor: null });
    expect((await channel.scan({ ...SOUGHT, memberRef }, AMPLE_CONTEXT)).type).toBe(expected);
  });

  test('half a name reaches nobody', async () => {
    const outcome = await channel.deduct({ ...OPERATION, memberRef: 'lmbr_1' }, AMPLE_CONTEXT);
    expect(outcome).toMatchObject({ type: 'misconfigured', code: 'refused_request' });
  });
});

/**
 * https://developers.brevo.com/reference/begin-transaction.md, the types of @getbrevo/brevo 6.0.3 and the statuses as
 * https://developers.brevo.com/changelog/2026/9/3.md has renamed them, read 2026-11-21.
 */
describe('Brevo Loyalty', () => {
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef: '9007199254740993', points: new Decimal(50) };
  const PROGRAM = '/v3/loyalty/balance/programs/p1';
  const brevo = () => nock('https://brevo.example', { reqheaders: { 'api-key': 'tok' } });
  const transaction = (status: string, more: object = {}) => ({
    id: 't1',
    amount: -50,
    transactionType: 'debit',
    meta: { key: 'k1', order: 'o1' },
    status,
    createdAt: '2026-07-31T14:20:00Z',
    ...more,
  });
  beforeEach(() =>
    open('brevo-loyalty', {
      BREVO_URL: 'https://brevo.example/v3',
      BREVO_API_KEY: 'tok',
      BREVO_PROGRAM: 'p1',
      BREVO_BALANCE_DEFINITION: 'b1',
    }),
  );

  test('a deduction is a debit that completes at once', async () => {
    brevo()
      .post(
        `${PROGRAM}/transactions`,
        '{"contactId":9007199254740993,"balanceDefinitionId":"b1","amount":-50,"autoComplete":true,"meta":{"key":"k1","order":"o1"}}',
      )
      .reply(200, transaction('completed'));
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
      points: new Decimal(50),
      remoteId: 't1',
    });
  });

  test.each([
    [200, transaction('draft'), { type: 'pending', remoteId: 't1' }],
    [200, transaction('completed', { meta: { key: 'k11' } }), { type: 'unknown' }],
    [200, transaction('completed', { transactionType: 'credit' }), { type: 'unknown' }],
    // What it was called before 2026-09-03, and is looked up now.
    [200, transaction('complete'), { type: 'unknown', cause: 'unmapped_answer' }],
    [401, { code: 'unauthorized' }, { type: 'misconfigured', code: 'authentication' }],
    [422, { code: 'invalid_parameter' }, { type: 'unknown', cause: 'unmapped_answer' }],
    [429, {}, { type: 'not_sent', cause: 'rate_limited' }],
    [500, {}, { type: 'unknown', cause: 'server_error' }],
  ])('a deduction that is answered %i %j is what that proves', async (status, body, expected) => {
    brevo().post(`${PROGRAM}/transactions`).reply(status, body);
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject(expected);
  });

  test.each([
    [{ count: 1, transactionHistory: [transaction('completed')] }, 'found'],
    [{ count: 1, transactionHistory: [transaction('draft')] }, 'unknown'],
    [{ count: 1, transactionHistory: [transaction('rejected')] }, 'not_found'],
    [{ count: 0 }, 'not_found'],
    [{ count: 1 }, 'unknown'],
    [
      {
        count: 60,
        transactionHistory: Array.from({ length: 50 }, (_, n) =>
          transaction('completed', { id: `t${n}`, meta: {} }),
        ),
      },
      'incomplete',
    ],
  ])('a history %j says %s', async (body, expected) => {
    brevo().get(`${PROGRAM}/transaction-history`).query(true).reply(200, body);
    const sought = { ...SOUGHT, memberRef: OPERATION.memberRef };
    expect((await channel.scan(sought, AMPLE_CONTEXT)).type).toBe(expected);
  });
});
