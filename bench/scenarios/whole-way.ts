/** From an order's commit, and from when it was due to be placed, until it has settled; at loads that do not wait. */
import { audit } from '../stand/audit.ts';
import { inWorld } from '../stand/world.ts';
import { summarise, type Summary } from '../statistics.ts';
import { drain, startSettling } from './drain.ts';
import { placeOpenLoop } from './place-open-loop.ts';
import type { Course, Measured } from './scenario.ts';

const quietOrdersPerSecond = 50;
const loadsPercent = [50, 80, 95] as const;
const percentiles = ['p50', 'p95', 'p99'] as const;

export function wholeWay({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'whole-way', latencyMs: 0 }, async (world) => {
    await startSettling(world, sizes.warmUpOrders);
    const { ordersPerSecond } = await drain(world, { count: sizes.settleOrders });
    let orders = sizes.warmUpOrders + sizes.settleOrders;
    const loads = [
      { name: `${quietOrdersPerSecond} a second`, ratePerSecond: quietOrdersPerSecond },
      ...loadsPercent.map((percent) => ({
        name: `${percent} %`,
        ratePerSecond: (ordersPerSecond * percent) / 100,
      })),
    ];
    const figures: Record<string, number> = { 'whole-way.settle.orders/s': ordersPerSecond };
    const summaries: Summary[] = [];
    for (const [index, { name, ratePerSecond }] of loads.entries()) {
      const latencies = await placeOpenLoop(world, {
        name: `load-${index}`,
        ratePerSecond,
        seconds: sizes.wholeWaySeconds,
      });
      orders += latencies.length;
      const sinceCommit = summarise(latencies.map(({ sinceCommitMs }) => sinceCommitMs));
      const sinceDue = summarise(latencies.map(({ sinceDueMs }) => sinceDueMs));
      summaries.push(sinceDue);
      for (const percentile of percentiles) {
        figures[`whole-way.${name}.${percentile}.ms`] = sinceCommit[percentile];
        figures[`whole-way.${name}.from due.${percentile}.ms`] = sinceDue[percentile];
      }
    }
    await audit(world, orders);
    return {
      figures,
      plots: [
        {
          name: 'whole-way',
          title: 'From due to settled, open loop',
          xLabel: 'orders placed per second, as a share of the settle rate',
          yLabel: 'ms',
          kind: 'lines',
          xs: loads.map(({ name }) => name),
          series: percentiles.map((name) => ({
            name,
            ys: summaries.map((summary) => summary[name]),
          })),
        },
      ],
    };
  });
}
