import { expect, test } from '@jest/globals';
import { errorInWords, termOf } from './terms.ts';

const known: Readonly<Record<string, string>> = {
  'term.unknown': '结果未知',
  'term.server_error': '对方服务器错误',
  'term.points_deduct': '扣减积分',
};
const t = (key: string, { defaultValue }: { readonly defaultValue: string }): string =>
  known[key] ?? defaultValue;

test("the hub's words are told in the language, what the remote said stays as it came", () => {
  expect(errorInWords('doubt unknown server_error HTTP 503 unknown', 'doubt', t)).toBe(
    '结果未知, 对方服务器错误 HTTP 503 unknown',
  );
  expect(errorInWords('doubt', 'doubt', t)).toBe('doubt');
  expect(termOf('points.deduct', t)).toBe('扣减积分');
});

test('what a remote wrote is never looked up as a path', () => {
  for (const hostile of ['__proto__', 'term:x', '<b>', 'a..b', '']) expect(termOf(hostile, t)).toBe(hostile);
});
