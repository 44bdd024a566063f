import { expect, test } from '@jest/globals';
import { operationKey } from './operation-key.ts';

const keyBase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

test('each operation of a deduction has a key of its own', () => {
  const keys = (['points', 'quota'] as const).flatMap((leg) =>
    (['deduct', 'give_back'] as const).map((direction) => operationKey(keyBase, leg, direction)),
  );
  expect(keys).toEqual([`${keyBase}PD`, `${keyBase}PR`, `${keyBase}QD`, `${keyBase}QR`]);
});

test('a key fits every channel: 28 characters of A-Z and 2-7', () => {
  expect(operationKey(keyBase, 'quota', 'give_back')).toMatch(/^[A-Z2-7]{28}$/);
});
