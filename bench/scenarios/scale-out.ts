/** More worker processes, at remotes so slow that waiting, not computing, is the work. */
import { audit } from '../stand/audit.ts';
import { inWorld } from '../stand/world.ts';
import { drain, startSettling } from './drain.ts';
import type { Course, Measured } from './scenario.ts';

const latencyMs = 50;

export async function scaleOut({ stand, sizes }: Course): Promise<Measured> {
  const { workers, warmUpOrders, settleOrders } = sizes;
  const rates: number[] = [];
  for (const count of workers) {
    const rate = await inWorld(stand, { name: 'scale-out', latencyMs }, async (world) => {
      await startSettling(world, warmUpOrders * count, count);
      const { ordersPerSecond } = await drain(world, { count: settleOrders });
      await audit(world, warmUpOrders * count + settleOrders);
      return ordersPerSecond;
    });
    rates.push(rate);
  }
  return {
    figures: Object.fromEntries(
      workers.map((count, index) => [`scale-out.${count} workers.orders/s`, rates[index] ?? 0]),
    ),
    plots: [
      {
        name: 'scale-out',
        title: `Orders settled per second, every call taking ${latencyMs} ms`,
        xLabel: 'worker processes',
        yLabel: 'orders/s',
        kind: 'bars',
        xs: workers.map(String),
        series: [{ name: 'hub', ys: rates }],
      },
    ],
  };
}
