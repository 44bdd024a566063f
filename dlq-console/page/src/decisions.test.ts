import { describe, expect, test } from '@jest/globals';
import type { Case } from './api.ts';
import { firstAct, whyNot, type Permission } from './decisions.ts';

const operator: readonly Permission[] = [
  'cases.read',
  'cases.note',
  'cases.claim',
  'cases.query',
  'cases.retry',
  'cases.resolve',
  'cases.ignore',
  'compensation.request',
];

const held: Case = {
  id: '9007199254740993',
  version: 1,
  state: 'open',
  cause: 'doubt',
  suggestion: 'query',
  channel: 'airmiles',
  leg: 'points',
  operation: 'points.deduct',
  error: 'doubt',
  fingerprint: 'v1 airmiles points.deduct doubt',
  points: '12.50',
  count: 1,
  orderId: 'o-1',
  mallId: 'shop',
  claimedBy: null,
  isBusy: false,
  firstSeenAt: '2026-05-01T00:00:00Z',
  lastSeenAt: '2026-05-01T00:00:00Z',
  closedAt: null,
  user: '•••',
  evidence: {},
  orderStatus: 'settling',
  refundId: null,
  attempts: [],
  operations: [],
};

const query = {
  id: '1',
  kind: 'query',
  operator: 'ada',
  reason: null,
  startedAt: '2026-05-01T00:01:00Z',
  finishedAt: '2026-05-01T00:01:01Z',
  outcome: 'unknown',
  details: {},
};

describe('in doubt', () => {
  test('a case is looked up before it is retried', () => {
    expect(firstAct(held)).toBe('query');
    expect(whyNot('retry', held, operator)).toBe('queryFirst');
    expect(whyNot('query', held, operator)).toBeUndefined();
  });

  test('it may be retried once a look-up has ended, not while one is under way', () => {
    const asked = { ...held, operations: [{ ...query, finishedAt: null }] };
    expect(whyNot('retry', asked, operator)).toBe('queryFirst');
    expect(whyNot('retry', { ...held, operations: [query] }, operator)).toBeUndefined();
    expect(firstAct({ ...held, cause: 'attempts_used_up', operations: [query] })).toBe('retry');
  });

  test('what no look-up could settle takes a second person, not a retry, once it was asked in vain', () => {
    expect(firstAct({ ...held, operations: [query] })).toBe('compensate');
  });
});

test('whom a look-up is refused, or who may ask for none, is not kept from a retry that the server allows', () => {
  expect(whyNot('retry', held, operator, true)).toBeUndefined();
  const withoutQuery = operator.filter((permission) => permission !== 'cases.query');
  expect(whyNot('retry', held, withoutQuery)).toBeUndefined();
});

test('what the server never does is not offered: a set-up is mended, a dead message is not sent again', () => {
  const setUp = { ...held, cause: 'misconfigured', suggestion: 'fix_set_up' };
  expect(whyNot('retry', setUp, operator)).toBeUndefined();
  expect(whyNot('query', setUp, operator)).toBe('noLeg');
  expect(whyNot('resolve', setUp, operator)).toBe('mendFirst');
  expect(whyNot('retry', { ...held, leg: null, cause: 'unmatched_callback' }, operator)).toBe(
    'nothingToRetry',
  );
});

test('what could move points twice is never retried here', () => {
  for (const cause of ['late_truth', 'another_amount']) {
    expect(whyNot('retry', { ...held, cause, operations: [query] }, operator)).toBe('couldMoveTwice');
  }
});

test('who may only read does nothing, and is told so before all else', () => {
  expect(whyNot('retry', { ...held, isBusy: true }, ['cases.read'])).toBe('permission');
});

test('what is under way, over or ignored says so', () => {
  expect(whyNot('claim', { ...held, isBusy: true }, operator)).toBe('busy');
  expect(whyNot('claim', { ...held, state: 'recovered' }, operator)).toBe('closed');
  expect(whyNot('claim', { ...held, state: 'ignored' }, operator)).toBe('ignored');
  expect(whyNot('restore', { ...held, state: 'ignored' }, operator)).toBeUndefined();
  expect(whyNot('note', { ...held, state: 'recovered' }, operator)).toBeUndefined();
  expect(whyNot('query', { ...held, leg: null }, operator)).toBe('noLeg');
});
