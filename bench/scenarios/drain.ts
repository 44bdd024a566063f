import { setTimeout as delay } from 'node:timers/promises';
import { loadWaitingOrders, type Batch, type LoadedOrders } from '../stand/load-orders.ts';
import type { Usages, World } from '../stand/world.ts';

const pollMs = 100;
/** Without any progress for so long the run is given up. */
const patienceMs = 120_000;

export interface Drained {
  readonly ordersPerSecond: number;
  /** By kind of process, and by name for those of the hub. */
  readonly cpuMsPerOrder: Readonly<Record<string, number>>;
}

/** Starts relay, worker and sweeper, each in a process of its own, and settles some orders so that all is warm. */
export async function startSettling(world: World, warmUpOrders: number, workers = 1): Promise<void> {
  await world.startHub('relay');
  for (let number = 1; number <= workers; number += 1)
    await world.startHub('worker', { name: workers === 1 ? 'worker' : `worker-${number}` });
  await world.startHub('sweeper');
  await loadWaitingOrders(world, { count: warmUpOrders });
  await awaitSettled(world);
}

/** Puts orders into the outbox in one moment and waits until all have settled. */
export async function drain(world: World, batch: Batch): Promise<Drained> {
  const loaded = await loadWaitingOrders(world, batch);
  const before = world.usage();
  await awaitSettled(world);
  const after = world.usage();
  return {
    ordersPerSecond: await settledPerSecond(world, loaded),
    cpuMsPerOrder: cpuMsPerUnit(before, after, batch.count),
  };
}

/**
 * Waits until every order has settled, but for those that have a deduction at the channel `butAt`.
 *
 * @throws Error when nothing moves any more
 */
export async function awaitSettled(world: World, butAt?: string): Promise<void> {
  let fewest = Infinity;
  let movedAtMs = performance.now();
  for (;;) {
    // Served by the partial index of orders that are settling, which is small however much history there is.
    const { rows } = await world.sql.query<{ count: string }>(
      `select count(*)
       from hub.orders
       where status = 'settling'
         and ($1::text is null
           or not exists (select from hub.deductions where deductions.order_id = orders.id and channel = $1))`,
      [butAt ?? null],
    );
    const waiting = Number(rows[0]?.count);
    if (waiting === 0) return;
    if (waiting < fewest) movedAtMs = performance.now();
    fewest = Math.min(fewest, waiting);
    if (performance.now() - movedAtMs > patienceMs)
      throw new Error(`${world.name}: ${waiting} orders do not settle; the hub's logs tell more`);
    await delay(pollMs);
  }
}

/** From the first call that was intended to the last order that settled, by the database's clock. */
async function settledPerSecond(world: World, { firstRowId, count }: LoadedOrders): Promise<number> {
  const { rows } = await world.sql.query<{ seconds: number | null; settled: string }>(
    `select
       extract(epoch from max(ended_at) - (
         select min(intended_at)
         from hub.attempts
         where deduction_id >= (select min(id) from hub.deductions where order_id = $1)
           and deduction_id <= (select max(id) from hub.deductions where order_id = $2)
       ))::float8 as seconds,
       count(*) filter (where status = 'settled') as settled
     from hub.orders
     where id between $1 and $2`,
    [firstRowId, firstRowId + count - 1],
  );
  const [row] = rows;
  if (row === undefined || row.seconds === null || Number(row.settled) !== count)
    throw new Error(`${world.name}: ${row?.settled ?? 0} of ${count} orders have settled`);
  return count / row.seconds;
}

export function cpuMsPerUnit(before: Usages, after: Usages, units: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, { cpuMs }]) => [name, (cpuMs - (before[name]?.cpuMs ?? 0)) / units]),
  );
}

/** `PREFIX.cpu.NAME.UNIT` for each kind of process. */
export function cpuFigures(
  prefix: string,
  unit: string,
  cpuMs: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cpuMs).map(([name, value]) => [`${prefix}.cpu.${name}.${unit}`, value]),
  );
}
