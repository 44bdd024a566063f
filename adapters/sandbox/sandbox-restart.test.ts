import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { BooksEntry } from './books-report.ts';
import { createSandbox } from './sandbox.ts';

let folder: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  journal = join(folder, 'deep', 'journal.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => createSandbox({ channels: ['airmiles'], journal });

async function deduct(url: string, key: string, points = '1.25'): Promise<number> {
  const response = await fetch(`${url}/channels/airmiles/v1/deductions`, {
    method: 'POST',
    body: JSON.stringify({ key, orderId: 'o1', member: 'ann', points }),
  });
  await response.text();
  return response.status;
}

describe('books in a journal', () => {
  test('are the same after a restart: balances, quotas, answers to keys, voided keys', async () => {
    const before = await open();
    await deduct(before.url, 'k1');
    await deduct(before.url, 'refused', '99999');
    await fetch(`${before.url}/portal/v1/quota-returns`, {
      method: 'POST',
      body: JSON.stringify({ key: 'r1', originalKey: 'q1', channel: 'airmiles', orderId: 'o1', points: '1' }),
    });
    await fetch(`${before.url}/admin/channels/airmiles/members/bob`, {
      method: 'PUT',
      body: '{"blocked":true}',
    });
    const { channels, portal } = before.books();
    await before.close();

    const after = await open();
    expect(after.tornBytes).toBe(0);
    expect(after.books().channels['airmiles']?.members).toEqual(channels['airmiles']?.members);
    expect(after.books().portal.quotas).toEqual(portal.quotas);
    expect(await deduct(after.url, 'k1')).toBe(200);
    expect(await deduct(after.url, 'refused', '99999')).toBe(422);
    const voided = await fetch(`${after.url}/portal/v1/operations/q1`);
    expect(await voided.json()).toMatchObject({ code: 'KEY_VOIDED' });
    expect(after.books().channels['airmiles']?.net).toBe('1.25');
    await after.close();
  });

  test('lose only a torn last line, and say so', async () => {
    const before = await open();
    await deduct(before.url, 'k1');
    await before.close();
    const whole = readFileSync(journal, 'utf8');
    appendFileSync(journal, '{"type":"operation","id":"p-2"');

    const after = await open();
    expect(after.tornBytes).toBe(30);
    expect(readFileSync(journal, 'utf8')).toBe(whole);
    expect(await deduct(after.url, 'k2')).toBe(200);
    await after.close();
    const third = await open();
    expect([third.tornBytes, third.books().channels['airmiles']?.net]).toEqual([0, '2.5']);
    await third.close();
  });

  test('are refused with the line that is broken, wherever it is not the last', async () => {
    const before = await open();
    await before.close();
    appendFileSync(journal, 'nonsense\n');
    await expect(open()).rejects.toThrow(`${journal}:2: unreadable journal entry`);
  });
});

describe('a sandbox process', () => {
  const running = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  async function start(): Promise<{ child: ChildProcess; url: string; lines: string[] }> {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [main, '--port', '0', '--channels', 'airmiles', '--journal', journal],
      {
        env: {},
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      const url = /^sandbox at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) return { child, url, lines };
    }
    throw new Error('the sandbox ended before it listened');
  }

  test('killed in the middle of a load, has every effect that it answered, and each key once', async () => {
    const answered = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { child, url } = await start();
      const died = once(child, 'exit');
      const clients = Array.from({ length: 8 }, async (_, client) => {
        for (let call = 0; ; call += 1) {
          const key = `${round}.${client}.${call}`;
          try {
            if ((await deduct(url, key, '0.01')) === 200) answered.add(key);
          } catch {
            return;
          }
          // In the middle of the load, with the other clients' requests on their way.
          if (client === 0 && call === 50) child.kill('SIGKILL');
        }
      });
      await Promise.all(clients);
      await died;
    }
    const { child, url } = await start();
    const entries = (await (await fetch(`${url}/books/entries`)).text()).trimEnd().split('\n');
    const keys = entries.map((line) => (JSON.parse(line) as BooksEntry).key);
    expect(new Set(keys).size).toBe(keys.length);
    expect([...answered].filter((key) => !keys.includes(key))).toEqual([]);
    // Each client had at most one request on its way when the process died.
    expect(keys.length - answered.size).toBeLessThanOrEqual(3 * 8);
    const books = (await (await fetch(`${url}/books`)).json()) as { channels: { airmiles: { net: string } } };
    expect(Number(books.channels.airmiles.net)).toBeCloseTo(keys.length / 100, 6);
    child.kill('SIGKILL');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s', async (signal) => {
    const { child } = await start();
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
