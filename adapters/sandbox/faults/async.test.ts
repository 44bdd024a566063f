import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { JSON_CHANNEL_DOCUMENT } from '../../testing/openapi-document.ts';
import { inWords, openRemotesUnderFaults, type RemotesUnderFaults } from '../testing/remotes-under-faults.ts';

const KEY = Buffer.alloc(32, 'k');
const SECRET = `whsec_${KEY.toString('base64')}`;

interface Callback {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where callbacks come in; `next` waits for one more than there were. */
class Receiver {
  readonly callbacks: Callback[] = [];
  status = 204;
  /** Runs before a callback is answered. */
  onCallback: () => Promise<void> | void = () => {};
  readonly #server: Server;
  #arrived = Promise.withResolvers<void>();

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const body = JSON.parse(text) as Record<string, unknown>;
        expect(JSON_CHANNEL_DOCUMENT.faults('Callback', body)).toEqual([]);
        this.callbacks.push({ headers: request.headers, text, body });
        void Promise.resolve(this.onCallback()).then(() => response.writeHead(this.status).end());
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers();
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/callbacks/airmiles`;
  }

  async until(count: number): Promise<Callback[]> {
    while (this.callbacks.length < count) await this.#arrived.promise;
    return this.callbacks;
  }

  keys(): unknown[] {
    return this.callbacks.map(({ body }) => body['key']);
  }

  close(): Promise<unknown> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    return closed;
  }
}

let remotes: RemotesUnderFaults;
let receiver: Receiver;
let url: string;
beforeEach(async () => {
  remotes = await openRemotesUnderFaults();
  receiver = new Receiver();
  url = await receiver.open();
});
afterEach(async () => {
  await remotes.close();
  await receiver.close();
});

const on = ['deductions', 'refunds'];
const NEVER_MS = 3_600_000;
const async = (afterMs: number, more: object = {}) => ({
  kind: 'async',
  on,
  probability: 1,
  afterMs,
  ...more,
});
const set = (...faults: object[]) => remotes.set({ callback: { url, secret: SECRET }, faults });
const whenEnded = async (key: string): Promise<string> => {
  for (;;) {
    const seen = inWords(await remotes.query(key));
    if (seen !== 'found pending') return seen;
  }
};

describe('an asynchronous operation', () => {
  test('is accepted without any effect, and looked up as pending', async () => {
    await set(async(NEVER_MS, { pollAfterMs: 1_234 }));
    const outcome = await remotes.deduct('k1');
    expect(outcome).toMatchObject({ type: 'pending', pollAfterMs: 1_234, remoteId: 'p-1' });
    expect(await remotes.query('k1')).toMatchObject({
      type: 'found',
      outcome: { type: 'pending', pollAfterMs: 1_234, remoteId: 'p-1' },
    });
    expect([remotes.net(), await remotes.effects(), receiver.callbacks]).toEqual(['0', [], []]);
  });

  test('is answered as the contract has it', async () => {
    await set(async(NEVER_MS));
    const at = `${remotes.sandbox.url}/channels/airmiles/v1`;
    const body = '{"key":"k1","orderId":"o1","member":"ann","points":"10"}';
    const accepted = await fetch(`${at}/deductions`, { method: 'POST', body });
    const answer: unknown = await accepted.json();
    expect([accepted.status, JSON_CHANNEL_DOCUMENT.faults('Accepted', answer)]).toEqual([202, []]);
    const found = await fetch(`${at}/transactions/k1`);
    const record = (await found.json()) as Record<string, unknown>;
    expect([found.status, JSON_CHANNEL_DOCUMENT.faults('Transaction', record)]).toEqual([200, []]);
    expect(record).toMatchObject({ status: 'accepted', points: '0' });
  });

  test('takes effect later, under the id it was accepted with, and tells it signed', async () => {
    await set(async(1));
    expect(inWords(await remotes.deduct('k1', '49.80'))).toBe('pending');
    const [callback] = await receiver.until(1);
    expect(callback?.body).toEqual({ key: 'k1', remoteId: 'p-1', status: 'completed', points: '49.8' });
    expect(await remotes.query('k1')).toMatchObject({ outcome: { type: 'done', remoteId: 'p-1' } });
    expect(await remotes.effects()).toEqual(['k1 49.8']);

    const {
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': signature,
    } = callback?.headers ?? {};
    const signed = createHmac('sha256', KEY)
      .update(`${String(id)}.${String(at)}.${callback?.text}`)
      .digest('base64');
    expect(signature).toBe(`v1,${signed}`);
    expect(id).toMatch(/^msg_[0-9a-f-]{36}$/);
    expect(Math.abs(Number(at) * 1_000 - Date.now())).toBeLessThan(60_000);
  });

  test('is refused later, with its reason, where the plan or the books say so', async () => {
    await set(async(1, { ends: 'refused' }));
    expect(inWords(await remotes.deduct('k1'))).toBe('pending');
    expect(await whenEnded('k1')).toBe('found rejected limit_exceeded');
    await set(async(1));
    expect(inWords(await remotes.deduct('k2', '99999'))).toBe('pending');
    expect(await whenEnded('k2')).toBe('found rejected insufficient_points');
    const callbacks = await receiver.until(2);
    expect(callbacks.map(({ body }) => [body['status'], body['code'], body['points']])).toEqual([
      ['refused', 'LIMIT_EXCEEDED', '0'],
      ['refused', 'INSUFFICIENT_POINTS', '0'],
    ]);
    expect(await remotes.effects()).toEqual([]);
  });

  test('is one operation, however often its key comes again: before its end, and after it', async () => {
    await set(async(NEVER_MS));
    await remotes.deduct('k1');
    const again = await remotes.deduct('k1');
    expect([inWords(again), again.type === 'pending' && again.remoteId]).toEqual(['pending', 'p-1']);
    expect(inWords(await remotes.deduct('k1', '11'))).toBe('misconfigured key_reused');
    await set(async(1));
    await remotes.deduct('k2');
    await receiver.until(1);
    expect(inWords(await remotes.deduct('k2'))).toBe('done 10 replayed');
    expect(await remotes.effects()).toEqual(['k2 10']);
  });

  test('can be a refund', async () => {
    await remotes.deduct('k1');
    await set(async(1));
    expect(inWords(await remotes.refund('r1', 'k1', '4'))).toBe('pending');
    expect(await whenEnded('r1')).toBe('found done 4');
    expect(remotes.net()).toBe('6');
  });

  test('that breaks the contract is refused at once', async () => {
    await remotes.deduct('k1');
    await set(async(NEVER_MS));
    const refund = { key: 'r1', originalKey: 'k1', orderId: 'other', member: 'ann', points: '1' };
    const response = await fetch(`${remotes.sandbox.url}/channels/airmiles/v1/refunds`, {
      method: 'POST',
      body: JSON.stringify(refund),
    });
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'ORIGINAL_MISMATCH' }]);
  });

  test('loses its 202 as any answer may be lost', async () => {
    await set(async(1), { kind: 'reset-after-effect', on, next: 1 });
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown connection_lost');
    await receiver.until(1);
    expect(inWords(await remotes.query('k1'))).toBe('found done 10');
  });

  test('is kept as it was promised when the plan ends', async () => {
    await set(async(50));
    await remotes.deduct('k1');
    await remotes.end();
    expect(inWords(await remotes.deduct('k2'))).toBe('done 10');
    await receiver.until(1);
    expect(receiver.keys()).toEqual(['k1']);
    expect(await whenEnded('k1')).toBe('found done 10');
  });
});

describe('a callback', () => {
  test('is duplicated under one id', async () => {
    await set(async(1), { kind: 'callback-duplicated', on, next: 1, copies: 3 });
    await remotes.deduct('k1');
    const callbacks = await receiver.until(3);
    expect(new Set(callbacks.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(callbacks.map(({ text }) => text)).size).toBe(1);
    expect(await remotes.effects()).toEqual(['k1 10']);
  });

  test('is duplicated under an id of its own for each copy, if the plan says so', async () => {
    await set(async(1), { kind: 'callback-duplicated', on, next: 1, ids: 'new' });
    await remotes.deduct('k1');
    const callbacks = await receiver.until(2);
    expect(new Set(callbacks.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  test('is early: it has come, and its effect is in the books, before the 202 has', async () => {
    const order: string[] = [];
    receiver.onCallback = async () => {
      order.push(`callback of ${inWords(await remotes.query('k1'))}`);
    };
    await set(async(NEVER_MS), { kind: 'callback-early', on, next: 1 });
    order.push(inWords(await remotes.deduct('k1')));
    expect(order).toEqual(['callback of found done 10', 'pending']);
  });

  test('is out of order: a later one comes first', async () => {
    await set(async(1), { kind: 'callback-out-of-order', on, next: 1, holdMs: NEVER_MS });
    await remotes.deduct('k1');
    expect(await whenEnded('k1')).toBe('found done 10');
    await remotes.deduct('k2');
    await receiver.until(2);
    expect(receiver.keys()).toEqual(['k2', 'k1']);
  });

  test('is held no longer than the plan says, if no other comes', async () => {
    await set(async(1), { kind: 'callback-out-of-order', on, next: 1, holdMs: 1 });
    await remotes.deduct('k1');
    await receiver.until(1);
    expect(receiver.keys()).toEqual(['k1']);
  });

  test('is lost: the look-up tells the end all the same', async () => {
    await set(async(1), { kind: 'callback-lost', on, next: 1 });
    await remotes.deduct('k1');
    expect(await whenEnded('k1')).toBe('found done 10');
    await remotes.deduct('k2');
    await receiver.until(1);
    expect(receiver.keys()).toEqual(['k2']);
    expect(await remotes.met()).toEqual({ async: 2, 'callback-lost': 1 });
  });

  test('that is not taken is counted, and not sent again', async () => {
    receiver.status = 500;
    await set(async(1));
    await remotes.deduct('k1');
    await receiver.until(1);
    receiver.status = 204;
    await remotes.deduct('k2');
    await receiver.until(2);
    const counts = async () =>
      (await remotes.administer('GET', 'channels/airmiles/faults')).body['callbacks'];
    while (((await counts()) as { taken: number }).taken === 0);
    expect([receiver.keys(), await counts()]).toEqual([['k1', 'k2'], { sent: 2, taken: 1 }]);
  });

  test('to nobody does no harm', async () => {
    await receiver.close();
    await set(async(1));
    await remotes.deduct('k1');
    expect(await whenEnded('k1')).toBe('found done 10');
  });
});

test('a sandbox that ends forgets what it has only accepted, and its books have nothing of it', async () => {
  await set(async(NEVER_MS), { kind: 'callback-early', on, next: 1 });
  const held = Promise.withResolvers<void>();
  receiver.onCallback = () => held.promise;
  const early = remotes.deduct('k0');
  await receiver.until(1);
  expect(inWords(await remotes.deduct('k1'))).toBe('pending');
  await remotes.sandbox.close();
  expect(inWords(await early)).toBe('pending');
  expect(remotes.net()).toBe('10');
  held.resolve();
});
