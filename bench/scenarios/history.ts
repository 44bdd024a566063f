/** The same drain with more and more ended orders in the tables. */
import { audit } from '../stand/audit.ts';
import { loadHistory } from '../stand/load-orders.ts';
import { inWorld } from '../stand/world.ts';
import { drain, startSettling } from './drain.ts';
import type { Course, Measured } from './scenario.ts';

export function history({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'history', latencyMs: 0 }, async (world) => {
    const { historyOrders, settleOrders, warmUpOrders } = sizes;
    const rates: number[] = [];
    const figures: Record<string, number> = {};
    let loaded = 0;
    for (const [round, target] of historyOrders.entries()) {
      if (target > loaded) {
        stand.say(`  loading ${target - loaded} ended orders ...`);
        await loadHistory(world, loaded + 1, target - loaded);
        loaded = target;
      }
      await stand.query('checkpoint');
      await startSettling(world, warmUpOrders);
      const { ordersPerSecond } = await drain(world, { count: settleOrders });
      await audit(world, (round + 1) * (warmUpOrders + settleOrders));
      await world.stopHub();
      rates.push(ordersPerSecond);
      figures[`history.${target}.orders/s`] = ordersPerSecond;
    }
    const { rows } = await world.sql.query<{ bytes: string }>(
      'select pg_database_size(current_database()) as bytes',
    );
    figures['history.disk.GB'] = Number(rows[0]?.bytes) / 1e9;
    figures['history.share of empty'] = (rates.at(-1) ?? Number.NaN) / (rates[0] ?? Number.NaN);
    return {
      figures,
      plots: [
        {
          name: 'history',
          title: 'Orders settled per second, by ended orders in the tables',
          xLabel: 'ended orders',
          yLabel: 'orders/s',
          kind: 'bars',
          xs: historyOrders.map((count) => count.toLocaleString('en')),
          series: [{ name: 'hub', ys: rates }],
        },
      ],
    };
  });
}
