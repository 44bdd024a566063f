/** Very many orders wait, as after a night without workers: how fast the hub catches up, and whether it stays so. */
import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '../stand/audit.ts';
import { loadWaitingOrders } from '../stand/load-orders.ts';
import { inWorld } from '../stand/world.ts';
import { median, ratePerWindow } from '../statistics.ts';
import type { Course, Measured } from './scenario.ts';

const windowsMax = 30;
const pollMs = 250;

export function backlog({ stand, sizes }: Course): Promise<Measured> {
  const { backlogOrders, backlogSeconds } = sizes;
  return inWorld(stand, { name: 'backlog', latencyMs: 0 }, async (world) => {
    stand.say(`  loading ${backlogOrders} waiting orders ...`);
    await loadWaitingOrders(world, { count: backlogOrders });
    await world.sql.query('vacuum (analyze) hub.orders, hub.deductions, outbox.messages');
    await stand.query('checkpoint');
    for (const role of ['relay', 'worker', 'sweeper']) await world.startHub(role);
    const endMs = performance.now() + backlogSeconds * 1_000;
    while (performance.now() < endMs && (await isWaiting(world.sql))) await delay(pollMs);
    // What is in hand is finished, so that the books can be compared in the middle of the work.
    await world.stopHub();
    const { rows } = await world.sql.query<{ ended_ms: number }>(
      'select extract(epoch from ended_at)::float8 * 1000 as ended_ms from hub.orders where ended_at is not null',
    );
    await audit(world, backlogOrders, backlogOrders - rows.length);
    const windowMs = (backlogSeconds * 1_000) / windowsMax;
    // The first window is left out: the processes have just started.
    const rates = ratePerWindow(
      rows.map(({ ended_ms: endedMs }) => endedMs),
      windowMs,
    ).slice(1);
    const third = Math.max(1, Math.floor(rates.length / 3));
    const [first, last] = [median(rates.slice(0, third)), median(rates.slice(-third))];
    return {
      figures: {
        'backlog.orders/s': median(rates),
        'backlog.first third.orders/s': first,
        'backlog.last third.orders/s': last,
        'backlog.last third ÷ first third': last / first,
        'backlog.settled.orders': rows.length,
      },
      plots: [
        {
          name: 'backlog',
          title: `Orders settled per second with ${backlogOrders.toLocaleString('en')} waiting`,
          xLabel: 'seconds',
          yLabel: 'orders/s',
          kind: 'lines',
          xs: rates.map((_, index) => String(Math.round(((index + 1) * windowMs) / 1_000))),
          series: [{ name: 'hub', ys: rates }],
        },
      ],
    };
  });
}

async function isWaiting(sql: {
  query(text: string): Promise<{ readonly rowCount: number | null }>;
}): Promise<boolean> {
  return (await sql.query(`select from hub.orders where status = 'settling' limit 1`)).rowCount !== 0;
}
