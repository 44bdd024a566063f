import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  test('give every operation an id of its own, also after one that was accepted and forgotten', async () => {
    const idOf = async (url: string, key: string) => {
      const body = JSON.stringify({ key, orderId: 'o1', member: 'ann', points: '1' });
      const response = await fetch(`${url}/channels/airmiles/v1/deductions`, { method: 'POST', body });
      return ((await response.json()) as { transactionId: string }).transactionId;
    };
    const faults = [{ kind: 'async', on: ['deductions'], next: 1, afterMs: 3_600_000 }];
    const before = await createSandbox({
      channels: ['airmiles'],
      journal,
      faults: { channels: { airmiles: { faults } } },
    });
    const ids = [await idOf(before.url, 'k1'), await idOf(before.url, 'k2'), await idOf(before.url, 'k3')];
    await before.close();
    const after = await open();
    ids.push(await idOf(after.url, 'k1'), await idOf(after.url, 'k4'));
    await after.close();
    expect(new Set(ids).size).toBe(5);
    expect(after.books().channels['airmiles']?.net).toBe('4');
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

  async function start(...more: string[]): Promise<{ child: ChildProcess; url: string; lines: string[] }> {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [main, '--port', '0', '--channels', 'airmiles', '--journal', journal, ...more],
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

  /** What a process that does not start says; it ends with code 2. */
  async function refusalOf(option: string, value: string): Promise<string> {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--port', '0', '--channels', 'airmiles', option, value]);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    return said;
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

  test('says which faults are on before it says where it is, and a restart keeps the books, not the faults', async () => {
    const file = join(folder, 'faults.json');
    const faults = [{ kind: 'no-idempotency', on: ['deductions'], probability: 1 }];
    writeFileSync(file, JSON.stringify({ channels: { airmiles: { faults } } }));
    const faulty = await start('--faults', file, '--seed', '7');
    expect(faulty.lines).toEqual([
      'faults at airmiles: no-idempotency for 100 % of deductions',
      'magic amounts: on (adapters/README.md lists them)',
      `sandbox at ${faulty.url}`,
    ]);
    await deduct(faulty.url, 'k1');
    await deduct(faulty.url, 'k1');
    const died = once(faulty.child, 'exit');
    faulty.child.kill('SIGKILL');
    await died;

    const plain = await start('--magic', 'off');
    expect(plain.lines).toEqual([`sandbox at ${plain.url}`]);
    await deduct(plain.url, 'k1');
    const entries = await (await fetch(`${plain.url}/books/entries`)).text();
    expect(entries.match(/"key":"k1"/g)).toHaveLength(2);
    plain.child.kill('SIGKILL');
  });

  test.each([
    ['--faults', 'missing.json', '--faults missing.json: ENOENT'],
    ['--seed', '-1', "Option '--seed' argument is ambiguous"],
    ['--seed', '4294967296', '--seed must be a whole number from 0 to 4294967295'],
    ['--magic', 'maybe', '--magic is on or off'],
  ])('does not start with %s %s', async (option, value, message) => {
    expect(await refusalOf(option, value)).toContain(message);
  });

  test('does not start with a wrong plan, and names the field', async () => {
    const file = join(folder, 'faults.json');
    writeFileSync(file, '{"portal":{"latency":{"kind":"constant"}}}');
    expect(await refusalOf('--faults', file)).toMatch(/^portal: latency\.ms: /);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s', async (signal) => {
    const { child } = await start();
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
