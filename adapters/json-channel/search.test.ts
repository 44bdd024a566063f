/** Scans and statements, from answers that the written contract allows and answers that nobody should rely on. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import nock from 'nock';

import type { LookUpOutcome, Sought } from '../contract.ts';
import { openAxiosTransport } from '../http/axios-transport.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { JSON_CHANNEL_DOCUMENT } from '../testing/openapi-document.ts';
import { JsonChannel, type JsonChannelTerms } from './json-channel.ts';

const MEMBER = 'li/雷 7';
const FROM = new Date('2026-03-01T12:00:00.000Z');
const UNTIL = new Date('2026-03-01T12:01:00.000Z');
const SOUGHT: Sought = {
  key: 'K1',
  kind: 'deduction',
  orderId: 'o1',
  memberRef: MEMBER,
  remoteId: undefined,
  besides: undefined,
  from: FROM,
  until: UNTIL,
};
const TERMS = {
  echo: 'points',
  clockSkewMs: 60_000,
  scan: { reachMs: 'forever', pageSize: 2, pagesMax: 3 },
  statement: {
    period: 'range',
    zone: 'UTC',
    availableAfterMs: 1_000,
    retentionMs: 'forever',
    pageSize: 2,
    pagesMax: 3,
  },
} as const satisfies JsonChannelTerms;

const channels: JsonChannel[] = [];
function open(terms: Partial<JsonChannelTerms> = {}): JsonChannel {
  const transport = openAxiosTransport({
    baseUrl: 'https://channel.example',
    connectionsMax: 2,
    connectTimeoutMs: 1_000,
  });
  const options = { channel: 'airmiles', bearerToken: 'the-token', transport };
  const channel = new JsonChannel({ ...options, terms: { ...TERMS, ...terms } });
  channels.push(channel);
  return channel;
}

beforeEach(() => nock.disableNetConnect());
afterEach(async () => {
  for (const channel of channels.splice(0)) await channel.close();
  expect(unread()).toBe(0);
  nock.enableNetConnect();
});
// nock replaces node:http for the whole process, which other test files may run in.
afterAll(() => nock.restore());

/** A line of somebody else's, `seconds` after the beginning of the window. */
function line(seconds: number, changes: object = {}): Record<string, unknown> {
  const at = new Date(FROM.getTime() + seconds * 1_000).toISOString();
  return {
    transactionId: `t${seconds}`,
    key: `other${seconds}`,
    kind: 'deduction',
    status: 'completed',
    orderId: 'o1',
    member: MEMBER,
    points: '12.5',
    at,
    ...changes,
  };
}

/** The pages of the member's list, one answer each. */
function listed(...pages: readonly (readonly Record<string, unknown>[])[]): void {
  pages.forEach((transactions, index) => {
    const nextCursor = index + 1 < pages.length ? { nextCursor: `c${index + 1}` } : {};
    const body = { transactions, ...nextCursor };
    expect(JSON_CHANNEL_DOCUMENT.faults('TransactionPage', body)).toEqual([]);
    answer(index, body);
  });
}

function answer(index: number, body: unknown, status = 200): void {
  nock('https://channel.example')
    .get(`/v1/members/${encodeURIComponent(MEMBER)}/transactions`)
    .query({ limit: '2', ...(index === 0 ? {} : { cursor: `c${index}` }) })
    .reply(status, body as nock.Body);
}

/** How many answers nobody came for; forgets them. */
function unread(): number {
  const { length } = nock.pendingMocks();
  nock.cleanAll();
  return length;
}

const scan = (changes: Partial<Sought> = {}, terms: Partial<JsonChannelTerms> = {}) =>
  open(terms).scan({ ...SOUGHT, ...changes }, AMPLE_CONTEXT);

function inWords(outcome: LookUpOutcome): string {
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      return found.type === 'done' ? `found ${found.points.toFixed()} ${found.remoteId}` : found.type;
    }
    case 'unknown':
    case 'not_sent':
      return `${outcome.type} ${outcome.cause}`;
    case 'misconfigured':
      return `${outcome.type} ${outcome.code}`;
    case 'not_found':
    case 'incomplete':
    case 'open':
      return outcome.type;
  }
}

describe('a scan', () => {
  test('finds our marker across pages, with its points and the channel’s id', async () => {
    listed([line(50), line(40)], [line(30), line(20, { key: 'K1', points: '7' })], [line(-100)]);
    expect(inWords(await scan())).toBe('found 7 t20');
  });
  test('reads back to the beginning of the window and what clocks may differ by, and no further', async () => {
    listed([line(50), line(-60)], [line(-60), line(-61)]);
    expect(inWords(await scan())).toBe('not_found');
  });
  test('of a list that ends has read all that there is', async () => {
    listed([]);
    expect(inWords(await scan())).toBe('not_found');
  });
  test('that meets its limit of pages before the window’s beginning proves nothing', async () => {
    listed([line(50), line(49)], [line(48), line(47)], [line(46), line(45)], [line(-100)]);
    expect(inWords(await scan())).toBe('incomplete');
    expect(unread()).toBe(1);
  });
  test('that meets its limit after it found something has found it', async () => {
    listed([line(50), line(49, { key: 'K1' })], [line(48)], [line(46)], [line(-100)]);
    expect(inWords(await scan())).toBe('found 12.5 t49');
    expect(unread()).toBe(1);
  });
  test('matches the whole marker and nothing like it', async () => {
    listed([line(50, { key: 'K11' }), line(40, { key: 'k1' })], [line(30, { key: 'XK1', note: 'K1' })]);
    expect(inWords(await scan())).toBe('not_found');
  });
  test('looks into the note where the channel keeps no keys', async () => {
    listed([line(50, { key: undefined, note: 'K1' })]);
    expect(inWords(await scan({}, { marker: 'note' }))).toBe('found 12.5 t50');
  });
  test('matches the channel’s own id where that is known', async () => {
    listed([line(50)]);
    expect(inWords(await scan({ remoteId: 't50' }))).toBe('found 12.5 t50');
  });
  test('passes over an effect that is known already', async () => {
    listed([line(50, { key: 'K1' }), line(40, { key: 'K1' })]);
    expect(inWords(await scan({ besides: 't50' }))).toBe('found 12.5 t40');
  });
  test('that finds two effects leaves them to a person', async () => {
    listed([line(50, { key: 'K1' }), line(40, { key: 'K1' })]);
    expect(inWords(await scan())).toBe('unknown several_effects');
  });
  test('that finds a refund where a deduction is looked for proves nothing', async () => {
    listed([line(50, { key: 'K1', kind: 'refund' })]);
    expect(inWords(await scan())).toBe('unknown unmapped_answer');
    listed([line(50, { key: 'K1', kind: 'refund' })]);
    expect(inWords(await scan({ kind: 'refund' }))).toBe('found 12.5 t50');
  });
  test('of a member that the channel does not know has nothing of his', async () => {
    answer(0, { title: 'x', status: 404, code: 'MEMBER_UNKNOWN' }, 404);
    expect(inWords(await scan())).toBe('not_found');
  });
  test('shows nobody’s transactions in its evidence', async () => {
    listed([line(50), line(40, { key: 'K1' })]);
    const outcome = JSON.stringify(await scan());
    expect(outcome).toContain('1 pages, 2 transactions');
    expect(outcome).not.toMatch(/雷|other50|the-token/);
  });
});

describe('a scan proves nothing', () => {
  test.each([
    ['where an older transaction stands before a younger', { transactions: [line(10), line(20)] }],
    ['where a line has no time', { transactions: [line(10, { at: 'yesterday' })] }],
    ['where a line has no points', { transactions: [line(10, { points: 12 })] }],
    ['where a line is not completed', { transactions: [line(10, { status: 'accepted' })] }],
    ['where a line has no id', { transactions: [line(10, { transactionId: '' })] }],
    ['where a line is none', { transactions: [null] }],
    ['where there is no list', { items: [] }],
    ['where the cursor cannot be sent', { transactions: [], nextCursor: 7 }],
  ])('%s', async (_, body) => {
    answer(0, body);
    expect(inWords(await scan())).toBe('unknown unmapped_answer');
  });
  test.each([
    [503, 'unknown server_error'],
    [401, 'misconfigured authentication'],
    [429, 'not_sent rate_limited'],
    [404, 'unknown unmapped_answer'],
  ])('where a later page is answered with %s', async (status, expected) => {
    answer(0, { transactions: [line(50)], nextCursor: 'c1' });
    answer(1, { title: 'x', status, code: 'TRANSACTION_UNKNOWN' }, status);
    expect(inWords(await scan())).toBe(expected);
  });
});

test('only the first page asks whether it may be sent: reading on has no effect that could come too late', async () => {
  listed([line(50), line(40)], [line(30, { key: 'K1' })]);
  let asked = 0;
  const maySend = (): boolean => {
    asked += 1;
    return asked === 1;
  };
  expect(inWords(await open().scan(SOUGHT, { ...AMPLE_CONTEXT, maySend }))).toBe('found 12.5 t30');
  expect(asked).toBe(1);
});

function read(query: Record<string, string>, ...pages: readonly object[]): void {
  pages.forEach((page, index) => {
    const body = { ...page, ...(index + 1 < pages.length ? { nextCursor: `c${index + 1}` } : {}) };
    expect(JSON_CHANNEL_DOCUMENT.faults('StatementPage', body)).toEqual([]);
    nock('https://channel.example')
      .get('/v1/transactions')
      .query({ ...query, limit: '2', ...(index === 0 ? {} : { cursor: `c${index}` }) })
      .reply(200, body);
  });
}

describe('a statement', () => {
  const RANGE = { from: '2026-03-01T11:59:00.000Z', to: '2026-03-01T12:02:00.000Z' };
  const closed = { completeUntil: RANGE.to };
  const statement = (changes: Partial<Sought> = {}, terms: Partial<JsonChannelTerms> = {}) =>
    open(terms).statement({ ...SOUGHT, ...changes }, AMPLE_CONTEXT);

  test('is read for the window and what clocks may differ by, page by page', async () => {
    const ours = line(20, { key: 'K1', points: '7' });
    read(RANGE, { transactions: [line(10)], ...closed }, { transactions: [ours], ...closed });
    expect(inWords(await statement())).toBe('found 7 t20');
  });
  test('that is closed and has nothing of ours has nothing', async () => {
    read(RANGE, { transactions: [line(10)], ...closed });
    expect(inWords(await statement())).toBe('not_found');
  });
  test('that is open proves what it shows, and no absence', async () => {
    const open1 = { completeUntil: '2026-03-01T12:01:59.999Z' };
    read(RANGE, { transactions: [line(10)], ...open1 });
    const outcome = await statement();
    expect(outcome).toMatchObject({ type: 'open', readyAt: new Date('2026-03-01T12:02:01.000Z') });
    read(RANGE, { transactions: [line(10, { key: 'K1' })], ...open1 });
    expect(inWords(await statement())).toBe('found 12.5 t10');
  });
  test('is as open as its most open page', async () => {
    const open1 = { completeUntil: '2026-03-01T12:01:00Z' };
    read(RANGE, { transactions: [], ...open1 }, { transactions: [], ...closed });
    expect(inWords(await statement())).toBe('open');
  });
  test('that is said to be closed before its promised time is open', async () => {
    const until = new Date(Date.now() + 3_600_000);
    const to = new Date(until.getTime() + 60_000).toISOString();
    read({ from: RANGE.from, to }, { transactions: [], completeUntil: '2999-01-01T00:00:00Z' });
    expect(inWords(await statement({ until }))).toBe('open');
  });
  test('that does not say how far it is closed is open', async () => {
    nock('https://channel.example')
      .get(/transactions/)
      .reply(200, { transactions: [] });
    expect(inWords(await statement())).toBe('open');
  });
  test('by the day is read from midnight to midnight of its zone', async () => {
    const days = { from: '2026-02-28T16:00:00.000Z', to: '2026-03-01T16:00:00.000Z' };
    read(days, { transactions: [], completeUntil: '2026-03-01T16:00:00Z' });
    const daily = { ...TERMS.statement, period: 'day', zone: 'Asia/Shanghai' } as const;
    expect(inWords(await statement({}, { statement: daily }))).toBe('not_found');
  });
  test('that meets its limit of pages proves nothing', async () => {
    const page = { transactions: [line(10)], ...closed };
    read(RANGE, page, page, page, page);
    expect(inWords(await statement())).toBe('incomplete');
    expect(unread()).toBe(1);
  });
});

describe('what the description does not have', () => {
  test('is not called', async () => {
    const plain = open({ scan: undefined, statement: undefined });
    expect(inWords(await plain.scan(SOUGHT, AMPLE_CONTEXT))).toBe('misconfigured not_supported');
    expect(inWords(await plain.statement(SOUGHT, AMPLE_CONTEXT))).toBe('misconfigured not_supported');
  });
});

describe('an operation', () => {
  const DONE = {
    transactionId: 't-1',
    key: 'k1',
    kind: 'deduction',
    status: 'completed',
    orderId: 'o1',
    member: MEMBER,
    replayed: false,
    at: '2026-01-01T00:00:00Z',
  };
  const OPERATION = { key: 'k1', orderId: 'o1', memberRef: MEMBER, points: new Decimal('49.80') };

  test('is sent with its key as the note where that is the marker', async () => {
    let sent: unknown;
    nock('https://channel.example')
      .post('/v1/deductions', (body: unknown) => Boolean((sent = body)))
      .reply(200, { ...DONE, points: '49.8' });
    await open({ marker: 'note' }).deduct(OPERATION, AMPLE_CONTEXT);
    expect(sent).toMatchObject({ key: 'k1', note: 'k1' });
    expect(JSON_CHANNEL_DOCUMENT.faults('Deduction', sent)).toEqual([]);
  });
  test.each([undefined, '49.8'])(
    'is not done where successes name no points, though %s is shown',
    async (points) => {
      const body = { ...DONE, ...(points === undefined ? {} : { points }) };
      expect(JSON_CHANNEL_DOCUMENT.faults('Transaction', body)).toEqual([]);
      nock('https://channel.example').post('/v1/deductions').reply(200, body);
      const outcome = await open({ echo: 'none' }).deduct(OPERATION, AMPLE_CONTEXT);
      expect(outcome).toMatchObject({ type: 'unknown', cause: 'missing_echo' });
    },
  );
});
