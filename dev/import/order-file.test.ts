import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Points, type ChannelRules } from '@points-hub/hub';
import { readOrderFile, type OrderFile } from './order-file.ts';

const header = 'ordered_at,order_id,user_id,channel,points';
const rules: ChannelRules = new Map(
  ['airmiles', 'fuelcard'].map((id) => [
    id,
    { scale: 2, max: new Points(1000), givesBack: true, holdsForMs: 0 },
  ]),
);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'order-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(...lines: readonly string[]): Promise<OrderFile> {
  const file = join(folder, 'orders.csv');
  writeFileSync(file, lines.join('\n'));
  return readOrderFile(file, rules);
}

test('lines of one order become its deductions, wherever they stand', async () => {
  const file = await read(
    header,
    '2016-10-10T19:31:00Z,o1,u1,airmiles,49.80',
    '2016-10-10T19:32:00Z,o2,u2,fuelcard,0.10',
    '2016-10-10T19:31:00Z,o1,u1,fuelcard,0.20',
  );
  expect(file.orders).toEqual([
    {
      orderId: 'o1',
      userId: 'u1',
      deductions: [
        { channel: 'airmiles', points: '49.80' },
        { channel: 'fuelcard', points: '0.20' },
      ],
    },
    { orderId: 'o2', userId: 'u2', deductions: [{ channel: 'fuelcard', points: '0.10' }] },
  ]);
  expect(file.deductions).toBe(3);
});

test('sums are exact', async () => {
  const lines = Array.from({ length: 300 }, (_, n) => `2016-10-10T19:31:00Z,o${n},u1,airmiles,0.10`);
  const { pointsByChannel } = await read(header, ...lines);
  expect(pointsByChannel.get('airmiles')?.toFixed()).toBe('30');
});

test('a byte order mark, Windows line ends and empty lines are borne', async () => {
  const { orders } = await read(`\ufeff${header}\r`, '2016-10-10T19:31:00Z,o1,u1,airmiles,1\r', '\r', '');
  expect(orders).toHaveLength(1);
});

describe('a line that cannot be placed is told with its number and reason', () => {
  test.each([
    ['other columns', ['order_id,points'], 'line 1: the header must be'],
    ['a missing field', [header, '2016-10-10T19:31:00Z,o1,u1,airmiles'], 'line 2: has 4 fields'],
    ['a local time', [header, '2016-10-10T19:31:00,o1,u1,airmiles,1'], 'line 2: ordered_at'],
    ['an impossible time', [header, '2016-13-10T19:31:00Z,o1,u1,airmiles,1'], 'line 2: ordered_at'],
    [
      'an unknown channel',
      [header, '2016-10-10T19:31:00Z,o1,u1,nowhere,1'],
      'line 2: channel is not a channel',
    ],
    [
      'too many places',
      [header, '2016-10-10T19:31:00Z,o1,u1,airmiles,1.001'],
      'line 2: points has 3 decimal places',
    ],
    ['negative points', [header, '2016-10-10T19:31:00Z,o1,u1,airmiles,-1'], 'line 2: points must be'],
    ['no order id', [header, '2016-10-10T19:31:00Z,,u1,airmiles,1'], 'line 2: order_id must not be empty'],
    ['an open quote', [header, '2016-10-10T19:31:00Z,"o1,u1,airmiles,1'], 'line 2: Quote Not Closed'],
    [
      'a channel twice in one order, on its second line',
      [header, '2016-10-10T19:31:00Z,o1,u1,airmiles,1', '2016-10-10T19:31:00Z,o1,u1,airmiles,2'],
      'line 3: channel appears twice',
    ],
    [
      'an order of two users',
      [header, '2016-10-10T19:31:00Z,o1,u1,airmiles,1', '2016-10-10T19:31:00Z,o1,u2,fuelcard,2'],
      'line 3: order o1 belongs to u1 on line 2',
    ],
  ])('%s', async (_, lines, reason) => {
    await expect(read(...lines)).rejects.toThrow(reason);
  });

  test('an empty file and a missing one', async () => {
    await expect(read('')).rejects.toThrow('it holds no orders');
    await expect(readOrderFile(join(folder, 'missing.csv'), rules)).rejects.toThrow('ENOENT');
  });

  test('control characters of the file do not reach the terminal', async () => {
    const line = '2016-10-10T19:31:00Z,o1,u1,\u001b[2Jairmiles,1\u001b[31m';
    await expect(read(header, line)).rejects.toThrow(expect.not.stringContaining('\u001b'));
  });
});
