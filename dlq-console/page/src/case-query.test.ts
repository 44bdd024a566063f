import { expect, test } from '@jest/globals';
import { readCaseQuery, withFilter } from './case-query.ts';

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
