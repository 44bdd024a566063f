/** The same drain with more and more ended orders in the tables; empty ones take turns with them, so that noise meets both. */
import { audit } from '../stand/audit.ts';
import { loadHistory } from '../stand/load-orders.ts';
import { inWorld, type World } from '../stand/world.ts';
import { median, takeTurns } from '../statistics.ts';
import { drain, startSettling } from './drain.ts';
import type { Course, Measured } from './scenario.ts';

export function history({ stand, sizes }: Course): Promise<Measured> {
  const { historyOrders, settleOrders, warmUpOrders, rounds } = sizes;
  return inWorld(stand, { name: 'history-empty', latencyMs: 0 }, (empty) =>
    inWorld(stand, { name: 'history', latencyMs: 0 }, async (filled) => {
      const settled = new Map<World, number>();
      const settledMore = (world: World, orders: number): void =>
        void settled.set(world, (settled.get(world) ?? 0) + orders);
      const rateOf = async (world: World): Promise<number> => {
        const { ordersPerSecond } = await drain(world, { count: settleOrders });
        settledMore(world, settleOrders);
        return ordersPerSecond;
      };

      const figures: Record<string, number> = {};
      const emptyRates: number[] = [];
      const filledRates: number[] = [];
      let loaded = 0;
      let shareOfEmpty = Number.NaN;
      for (const target of historyOrders) {
        stand.say(`  loading ${target - loaded} ended orders ...`);
        await loadHistory(filled, loaded + 1, target - loaded);
        loaded = target;
        await stand.query('checkpoint');
        for (const world of [empty, filled]) {
          await startSettling(world, warmUpOrders);
          settledMore(world, warmUpOrders);
        }
        const turns = await takeTurns(
          rounds,
          () => rateOf(empty),
          () => rateOf(filled),
        );
        for (const world of [empty, filled]) {
          await audit(world, settled.get(world) ?? 0);
          await world.stopHub();
        }
        const filledRate = median(turns.map(({ ours }) => ours));
        emptyRates.push(...turns.map(({ raw }) => raw));
        filledRates.push(filledRate);
        figures[`history.${target}.orders/s`] = filledRate;
        shareOfEmpty = median(turns.map(({ ours, raw }) => ours / raw));
        figures[`history.${target}.share of empty`] = shareOfEmpty;
      }
      const emptyRate = median(emptyRates);
      const { rows } = await filled.sql.query<{ bytes: string }>(
        'select pg_database_size(current_database()) as bytes',
      );
      return {
        figures: {
          'history.0.orders/s': emptyRate,
          ...figures,
          'history.share of empty': shareOfEmpty,
          'history.disk.GB': Number(rows[0]?.bytes) / 1e9,
        },
        plots: [
          {
            name: 'history',
            title: 'Orders settled per second, by ended orders in the tables',
            xLabel: 'ended orders',
            yLabel: 'orders/s',
            kind: 'bars',
            xs: [0, ...historyOrders].map((count) => count.toLocaleString('en')),
            series: [{ name: 'hub', ys: [emptyRate, ...filledRates] }],
          },
        ],
      };
    }),
  );
}
