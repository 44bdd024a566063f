import { setTimeout as delay } from 'node:timers/promises';
import axios from 'axios';
import pg from 'pg';
import { troubles } from './demo-config.ts';
import type { StackUrls } from './run-stack.ts';

const ordersEach = 8;
const pollMs = 250;
const patienceMs = 60_000;

/**
 * The first time, so that the console has something in it: orders whose deductions took effect while every answer was
 * lost, at two channels. Then the channels are well again: a look-up or a retry of each case will work.
 *
 * @param token lets in at the sandbox
 */
export async function makeTrouble(
  urls: StackUrls,
  token: string,
  say: (line: string) => void,
): Promise<void> {
  if ((await casesIn(urls.database)) > 0) return;
  say('Making some trouble for the console ...');
  const sandbox = axios.create({
    baseURL: urls.sandbox,
    proxy: false,
    headers: { authorization: `Bearer ${token}` },
  });
  const hub = axios.create({
    baseURL: urls.hub,
    proxy: false,
    headers: { authorization: `Bearer ${urls.apiKey}` },
  });
  const run = Date.now().toString(36);
  for (const { channel, kind } of troubles) {
    const faults = [{ kind, on: ['deductions', 'lookups'], probability: 1 }];
    await sandbox.put(`/admin/channels/${channel}/faults`, { faults });
    for (let number = 1; number <= ordersEach; number += 1) {
      const deductions = [{ channel, points: `${number * 3}.50` }];
      const order = { orderId: `trouble-${run}-${channel}-${number}`, userId: `shopper-${number}` };
      await hub.post('/v1/orders', { ...order, deductions });
    }
  }
  const deadline = Date.now() + patienceMs;
  while ((await casesIn(urls.database)) < ordersEach * troubles.length && Date.now() < deadline) {
    await delay(pollMs);
  }
  for (const { channel } of troubles) await sandbox.delete(`/admin/channels/${channel}/faults`);
}

async function casesIn(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>('select count(*)::int as count from hub.cases');
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
