import { expect, test } from '@jest/globals';
import { readCaseQuery, savedQuery, timeInField, timeOfField, withFilter } from './case-query.ts';

test('a link says the list, and what it says wrongly is left out', () => {
  const search = new URLSearchParams('state=ignored&channel=airmiles&orderId=9007199254740993&nonsense=1');
  expect(readCaseQuery(search)).toEqual({
    state: 'ignored',
    channel: 'airmiles',
    orderId: '9007199254740993',
  });
  expect(readCaseQuery(new URLSearchParams('state=any'))).toEqual({ state: 'open' });
});

test('another filter begins at the first page', () => {
  const search = new URLSearchParams('channel=airmiles&cursor=abc');
  expect(withFilter(search, 'cause', ' doubt ').toString()).toBe('channel=airmiles&cause=doubt');
  expect(withFilter(search, 'channel', '').toString()).toBe('');
});

test('all states at once are asked for only of one order', () => {
  expect(readCaseQuery(new URLSearchParams('state=any&orderId=o-1'))).toEqual({
    state: 'any',
    orderId: 'o-1',
  });
});

test('a time that is none is left out; a field shows and gives the same moment', () => {
  const search = new URLSearchParams('since=yesterday&until=2026-05-01T10:30:00.000Z');
  expect(readCaseQuery(search)).toEqual({ state: 'open', until: '2026-05-01T10:30:00.000Z' });
  expect(timeOfField(timeInField('2026-05-01T10:30:00.000Z'))).toBe('2026-05-01T10:30:00.000Z');
  expect(timeInField('yesterday')).toBe('');
  expect(timeOfField('')).toBe('');
});

test('a saved view keeps the filters in one order, and no place in the list', () => {
  expect(savedQuery(new URLSearchParams('state=open&cursor=abc&channel=airmiles'))).toBe(
    'channel=airmiles&state=open',
  );
});
