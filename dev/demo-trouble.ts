import { setTimeout as delay } from 'node:timers/promises';
import axios, { type AxiosInstance } from 'axios';
import pg from 'pg';
import type { StackUrls } from './run-stack.ts';

const pollMs = 250;
const patienceMs = 60_000;

/** What goes wrong at one channel, and how many cases come of it. */
interface Trouble {
  readonly channel: string;
  readonly orders: number;
  /** Whether it is the refunds of settled orders that go wrong, not the deductions. */
  readonly isOfRefunds: boolean;
  readonly faults: readonly object[];
  readonly cases: number;
  /** Whether the channel is well again once the cases are there. */
  readonly isMended: boolean;
}

const always = { probability: 1 };
const troubles: readonly Trouble[] = [
  // The deductions take effect and every answer is lost: a look-up or a retry of each case will work.
  ...[
    { channel: 'fuelcard', kind: 'html-answer' },
    { channel: 'groceryone', kind: 'empty-answer' },
  ].map(({ channel, kind }) => ({
    channel,
    orders: 8,
    isOfRefunds: false,
    faults: [{ kind, on: ['deductions', 'lookups'], ...always }],
    cases: 8,
    isMended: true,
  })),
  // Nobody can be asked what happened: two people and a statement have to settle it.
  {
    channel: 'gymclub',
    orders: 3,
    isOfRefunds: false,
    faults: [{ kind: 'reset-after-effect', on: ['deductions'], ...always }],
    cases: 3,
    isMended: true,
  },
  // One case however many wait; it stays until somebody mends it.
  {
    channel: 'hotelnights',
    orders: 4,
    isOfRefunds: false,
    faults: [{ kind: 'credentials-refused', on: ['deductions', 'lookups', 'refunds'], ...always }],
    cases: 1,
    isMended: false,
  },
  // The channel takes the refund in, and says no later.
  {
    channel: 'coffeeclub',
    orders: 3,
    isOfRefunds: true,
    faults: [{ kind: 'async', on: ['refunds'], afterMs: 0, ends: 'refused', pollAfterMs: 100, ...always }],
    cases: 3,
    isMended: true,
  },
];

/**
 * The first time, so that the console has something in it: cases with four causes at five channels, in groups. All but
 * one of the channels are well again then.
 *
 * @param token lets in at the sandbox
 * @returns whether it was the first time
 */
export async function makeTrouble(
  urls: StackUrls,
  token: string,
  say: (line: string) => void,
): Promise<boolean> {
  if ((await casesIn(urls.database)) > 0) return false;
  say('Making some trouble for the console ...');
  const sandbox = clientOf(urls.sandbox, token);
  const hub = clientOf(urls.hub, urls.apiKey);
  await Promise.all(troubles.map((trouble) => befall(trouble, sandbox, hub)));
  const wanted = troubles.reduce((sum, { cases }) => sum + cases, 0);
  const deadline = Date.now() + patienceMs;
  while ((await casesIn(urls.database)) < wanted && Date.now() < deadline) await delay(pollMs);
  for (const { channel, isMended } of troubles) {
    if (isMended) await sandbox.delete(faultsOf(channel));
  }
  return true;
}

/** What mends the one channel that stays as it is: a DELETE of this address. */
export function mendingCall(
  { sandbox }: StackUrls,
  token: string,
): { readonly address: string; readonly headers: { readonly authorization: string } } {
  const lasting = troubles.find(({ isMended }) => !isMended);
  if (lasting === undefined) throw new Error('every trouble of the demo mends itself');
  return {
    address: `${sandbox}${faultsOf(lasting.channel)}`,
    headers: { authorization: `Bearer ${token}` },
  };
}

async function befall(trouble: Trouble, sandbox: AxiosInstance, hub: AxiosInstance): Promise<void> {
  const { channel, orders, isOfRefunds, faults } = trouble;
  const run = Date.now().toString(36);
  const ids = Array.from({ length: orders }, (_, index) => `trouble-${run}-${channel}-${index + 1}`);
  const place = async (orderId: string, index: number): Promise<void> => {
    const deductions = [{ channel, points: `${(index + 1) * 3}.50` }];
    await hub.post('/v1/orders', { orderId, userId: `shopper-${index + 1}`, deductions });
    if (isOfRefunds) await hub.get(`/v1/orders/${orderId}`, { headers: { prefer: 'wait=20' } });
  };
  if (!isOfRefunds) await sandbox.put(faultsOf(channel), { faults });
  for (const [index, id] of ids.entries()) await place(id, index);
  if (!isOfRefunds) return;
  await sandbox.put(faultsOf(channel), { faults });
  for (const id of ids) await hub.post(`/v1/orders/${id}/refunds`, { refundId: 'return-1' });
}

function clientOf(baseURL: string, token: string): AxiosInstance {
  return axios.create({ baseURL, proxy: false, headers: { authorization: `Bearer ${token}` } });
}

function faultsOf(channel: string): string {
  return `/admin/channels/${channel}/faults`;
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
