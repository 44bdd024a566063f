/** Callbacks as a channel signs and sends them, and what became of them. */
import { createHmac } from 'node:crypto';
import { eventually } from '@points-hub/dev/testing';
import { callbackSecret, type HubUnderTest } from '../../testing/hub-under-test.ts';

export interface Telling {
  readonly id?: string;
  /** Seconds from now. */
  readonly sentAfter?: number;
  readonly secret?: string;
  readonly channel?: string;
  /** Instead of what was signed. */
  readonly sends?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let events = 0;

/** Sends a callback with this body. @returns the status and, of a problem, its code */
export async function tell(hubUrl: string, body: string, telling: Telling = {}): Promise<string> {
  events += 1;
  const { id = `msg_${events}`, sentAfter = 0, secret = callbackSecret, channel = 'telcostars' } = telling;
  const timestamp = String(Math.floor(Date.now() / 1_000) + sentAfter);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const answer = await fetch(`${hubUrl}/v1/callbacks/${channel}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
      ...telling.headers,
    },
    body: telling.sends ?? body,
  });
  const text = await answer.text();
  return text === ''
    ? String(answer.status)
    : `${answer.status} ${(JSON.parse(text) as { code: string }).code}`;
}

/** Sets what goes wrong at telcostars, and whom it tells. */
export async function setFaults(
  { sandbox }: HubUnderTest,
  faults: readonly object[],
  hubUrl?: string,
): Promise<void> {
  const callback = {
    url: `${hubUrl ?? 'http://127.0.0.1:9'}/v1/callbacks/telcostars`,
    secret: callbackSecret,
  };
  const answer = await fetch(`${sandbox.url}/admin/channels/telcostars/faults`, {
    method: 'PUT',
    body: JSON.stringify({ seed: 7, callback, faults }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** What the sandbox moved at telcostars, as its callbacks would tell it. */
export async function entryOf({ sandbox }: HubUnderTest, member: string): Promise<string> {
  const lines = (await (await fetch(`${sandbox.url}/books/entries`)).text()).trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const entry = entries.find((one) => one['channel'] === 'telcostars' && one['member'] === member);
  if (entry === undefined) throw new Error(`the sandbox moved nothing for ${member}`);
  const { key, points } = entry;
  return JSON.stringify({ key, status: 'completed', points });
}

export interface KeptRow {
  readonly event_id: string;
  readonly said: string;
  readonly direction: string | null;
  readonly effect: string | null;
  readonly applied_at: Date | null;
  readonly evidence: unknown;
}

export function keptCallbacks({ database }: HubUnderTest): Promise<KeptRow[]> {
  return database.knex<KeptRow>('hub.callbacks').orderBy('id').select();
}

/** Resolves once every callback that was kept has been taken in. */
export function allHeard(hub: HubUnderTest, count: number): Promise<KeptRow[]> {
  return eventually(`${count} callbacks are taken in`, async () => {
    const rows = await keptCallbacks(hub);
    return rows.length >= count && rows.every(({ effect }) => effect !== null) && rows;
  });
}

/** State of the points leg of an order's deduction at telcostars. */
export async function pointsState({ database }: HubUnderTest, orderId: string): Promise<string | undefined> {
  const row = await database
    .knex<{ points_state: string; order_id: string; channel: string }>('hub.deductions')
    .whereIn('order_id', database.knex('hub.orders').where({ order_id: orderId }).select('id'))
    .where({ channel: 'telcostars' })
    .first('points_state');
  return row?.points_state;
}
