import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { channelIds } from '../stand/world.ts';
import { pointsOfDeduction, userOf } from '../stand/orders.ts';
import { repeatFor } from './repeat-for.ts';

const connections = 64;

/** Deductions with keys of their own, as the hub's are. @throws Error on any answer but 200 */
export async function requestsPerSecond(sandboxUrl: string, token: string, seconds: number): Promise<number> {
  const pool = new Pool(sandboxUrl, { connections, pipelining: 1 });
  const run = randomUUID().slice(0, 8);
  const path = `/channels/${channelIds[0]}/v1/deductions`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  try {
    return await repeatFor(seconds, connections, async (lane, turn) => {
      const key = `${run}-${lane}-${turn}`;
      const member = userOf(lane + turn * connections);
      const body = JSON.stringify({ key, orderId: key, member, points: pointsOfDeduction });
      const answer = await pool.request({
        path,
        method: 'POST',
        headers: { ...headers, 'idempotency-key': `"${key}"` },
        body,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`the sandbox answers ${answer.statusCode}: ${text}`);
    });
  } finally {
    await pool.close();
  }
}
