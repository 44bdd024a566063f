import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { patience } from './patience.ts';

const log = pino({ level: 'silent' });
const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

test('work is done again while the database is away', async () => {
  let tries = 0;
  const patiently = patience(new AbortController().signal, log);
  const work = (): Promise<number> => {
    tries += 1;
    return tries < 3 ? Promise.reject(away()) : Promise.resolve(tries);
  };
  expect(await patiently(work)).toBe(3);
});

test('any other error is thrown as it is', async () => {
  const patiently = patience(new AbortController().signal, log);
  await expect(patiently(() => Promise.reject(new Error('a defect')))).rejects.toThrow('a defect');
});

test('work that a stopping process still has is done, and is not tried again', async () => {
  const patiently = patience(AbortSignal.abort(), log);
  expect(await patiently(() => Promise.resolve('recorded'))).toBe('recorded');
  await expect(patiently(() => Promise.reject(away()))).rejects.toThrow('ECONNREFUSED');
});

test('work that is under way when the process begins to stop keeps its result', async () => {
  const stopping = new AbortController();
  const patiently = patience(stopping.signal, log);
  const work = (): Promise<string> => {
    stopping.abort();
    return Promise.resolve('recorded');
  };
  expect(await patiently(work)).toBe('recorded');
});
