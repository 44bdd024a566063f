/** Whether a run was right: hub, channels and portal must tell the same story. A fast wrong run is a failure. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Points } from '@points-hub/hub';
import { mallId } from './orders.ts';
import { firstOrderRowId } from './stand.ts';
import type { World } from './world.ts';

type Amount = InstanceType<typeof Points>;

/** What one book has of one channel. */
interface Sum {
  readonly count: number;
  readonly points: Amount;
}

const patienceMs = 120_000;
const pollMs = 25;

/** Channel and leg, e.g. `airmiles points`. */
export type Books = ReadonlyMap<string, Sum>;

/**
 * Compares the hub's tables with the sandbox's own books, effect by effect counted and summed, and demands that every
 * order has settled and no message is left. To be called when no order is in hand any more; unless some still wait, with
 * the relay running.
 *
 * @param unended orders that may still wait; default none
 * @throws Error that says what is wrong
 */
export async function audit(world: World, orders: number, unended = 0): Promise<void> {
  const { rows } = await world.sql.query<{ status: string; count: string }>(
    `select status, count(*) from hub.orders where id >= $1 and mall_id = $2 group by status`,
    [firstOrderRowId, mallId],
  );
  const counts = new Map(rows.map(({ status, count }) => [status, Number(count)]));
  const settled = counts.get('settled') ?? 0;
  if (settled !== orders - unended || (counts.get('settling') ?? 0) !== unended)
    throw new Error(
      `${world.name}: of ${orders} orders ${settled} have settled, ${unended} may wait: ${JSON.stringify([...counts])}`,
    );
  if (unended === 0) await awaitEmptyOutbox(world);
  const differences = compareBooks(await booksOfHub(world), await booksOfSandbox(world));
  if (differences.length > 0) throw new Error(`${world.name}: the books differ: ${differences.join('; ')}`);
}

/** One line per channel and leg that the two tell differently. */
export function compareBooks(hub: Books, sandbox: Books): string[] {
  return [...new Set([...hub.keys(), ...sandbox.keys()])].toSorted().flatMap((name) => {
    const [ours, theirs] = [hub.get(name), sandbox.get(name)];
    const isEqual = ours?.count === theirs?.count && ours?.points.eq(theirs?.points ?? 0) === true;
    return isEqual ? [] : [`${name}: hub ${inWords(ours)}, remote ${inWords(theirs)}`];
  });
}

function inWords(sum: Sum | undefined): string {
  return sum === undefined ? 'nothing' : `${sum.count} effects of ${sum.points.toFixed()}`;
}

/** The last events go out after their orders have settled. @throws Error when something stays */
export async function awaitEmptyOutbox({ sql, name }: World): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (
    (await sql.query('select from outbox.messages where available_at <= now() limit 1')).rowCount !== 0
  ) {
    if (performance.now() > deadlineMs) throw new Error(`${name}: messages are left in the outbox`);
    await delay(pollMs);
  }
}

async function booksOfHub(world: World): Promise<Books> {
  const { rows } = await world.sql.query<
    Record<'channel' | 'points' | 'points_sum' | 'quota' | 'quota_sum', string>
  >(
    `select channel,
       count(*) filter (where points_state = 'applied') as points,
       coalesce(sum(points_moved) filter (where points_state = 'applied'), 0) as points_sum,
       count(*) filter (where quota_state = 'applied') as quota,
       coalesce(sum(quota_moved) filter (where quota_state = 'applied'), 0) as quota_sum
     from hub.deductions
     where order_id >= $1
     group by channel`,
    [firstOrderRowId],
  );
  const books = new Map<string, Sum>();
  for (const row of rows) {
    if (row.points !== '0')
      books.set(`${row.channel} points`, { count: Number(row.points), points: new Points(row.points_sum) });
    if (row.quota !== '0')
      books.set(`${row.channel} quota`, { count: Number(row.quota), points: new Points(row.quota_sum) });
  }
  return books;
}

/** @throws Error when one key took effect twice, or anything was given back: in these runs nothing goes wrong */
export async function booksOfSandbox(world: Pick<World, 'sandboxUrl' | 'name'>): Promise<Books> {
  const answer = await fetch(`${world.sandboxUrl}/books/entries`);
  if (!answer.ok || answer.body === null)
    throw new Error(`the sandbox answers ${answer.status} for its books`);
  const books = new Map<string, { count: number; points: Amount }>();
  const keys = new Set<string>();
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    const entry = JSON.parse(line) as Record<'channel' | 'kind' | 'key' | 'points', string>;
    const { channel, kind, key, points } = entry;
    if (kind !== 'deduction' && kind !== 'quota-deduction')
      throw new Error(`${world.name}: the books of ${channel} have a ${kind}`);
    if (keys.has(key)) throw new Error(`${world.name}: ${key} took effect twice at ${channel}`);
    keys.add(key);
    const name = `${channel} ${kind === 'deduction' ? 'points' : 'quota'}`;
    const sum = books.get(name) ?? { count: 0, points: new Points(0) };
    books.set(name, { count: sum.count + 1, points: sum.points.plus(points) });
  }
  return books;
}
