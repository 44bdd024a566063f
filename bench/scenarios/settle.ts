/** Orders that wait in the outbox are settled; the ceiling takes turns with the hub, so that noise meets both. */
import { runProgram } from '../stand/program.ts';
import { audit, booksOfSandbox } from '../stand/audit.ts';
import { inWorld, type World } from '../stand/world.ts';
import { median, medianByName } from '../statistics.ts';
import { cpuFigures, drain, startSettling, type Drained } from './drain.ts';
import type { Course, Figures, Measured } from './scenario.ts';

const latenciesMs = [0, 20] as const;

interface CeilingRun {
  readonly ordersPerSecond: number;
  readonly cpuMsPerOrder: number;
}

export async function settle(course: Course): Promise<Measured> {
  const figures: Record<string, number> = {};
  for (const latencyMs of latenciesMs) Object.assign(figures, await settleAt(course, latencyMs));
  return {
    figures,
    plots: [
      {
        name: 'settle',
        title: 'Orders of two deductions settled per second',
        xLabel: 'latency of every call at the channels and the portal',
        yLabel: 'orders/s',
        kind: 'bars',
        xs: latenciesMs.map((latencyMs) => `${latencyMs} ms`),
        series: ['hub', 'ceiling'].map((who) => ({
          name: who,
          ys: latenciesMs.map((latencyMs) => figures[nameOf(latencyMs, who)] ?? 0),
        })),
      },
    ],
  };
}

function nameOf(latencyMs: number, who: string): string {
  return `settle.${latencyMs}ms.${who}.orders/s`;
}

async function settleAt({ stand, sizes }: Course, latencyMs: number): Promise<Figures> {
  const { settleOrders, warmUpOrders, rounds } = sizes;
  return inWorld(stand, { name: 'ceiling', latencyMs }, (ceilingWorld) =>
    inWorld(stand, { name: 'settle', latencyMs }, async (world) => {
      await startSettling(world, warmUpOrders);
      const ceilings: CeilingRun[] = [];
      const hubs: Drained[] = [];
      for (let round = 0; round < rounds; round += 1) {
        ceilings.push(await runCeiling(ceilingWorld, settleOrders, warmUpOrders));
        hubs.push(await drain(world, { count: settleOrders }));
      }
      await audit(world, warmUpOrders + rounds * settleOrders);
      await auditCeiling(ceilingWorld, rounds * (warmUpOrders + settleOrders));
      const prefix = `settle.${latencyMs}ms`;
      return {
        [nameOf(latencyMs, 'hub')]: median(hubs.map(({ ordersPerSecond }) => ordersPerSecond)),
        [nameOf(latencyMs, 'ceiling')]: median(ceilings.map(({ ordersPerSecond }) => ordersPerSecond)),
        [`${prefix}.share of ceiling`]: median(
          hubs.map(
            ({ ordersPerSecond }, round) =>
              ordersPerSecond / (ceilings[round]?.ordersPerSecond ?? Number.NaN),
          ),
        ),
        [`${prefix}.cpu.ceiling.ms/order`]: median(ceilings.map(({ cpuMsPerOrder }) => cpuMsPerOrder)),
        ...cpuFigures(prefix, 'ms/order', medianByName(hubs.map(({ cpuMsPerOrder }) => cpuMsPerOrder))),
      };
    }),
  );
}

async function runCeiling({ environment }: World, orders: number, warmUp: number): Promise<CeilingRun> {
  const args = ['--orders', String(orders), '--warm-up', String(warmUp)];
  return JSON.parse(await runProgram('bench/ceiling/main.ts', args, environment)) as CeilingRun;
}

/** The ceiling must have done the same work: two deductions, two of quota, one row each. */
async function auditCeiling(world: World, orders: number): Promise<void> {
  const books = await booksOfSandbox(world);
  const effectsOf = (leg: string): number =>
    [...books].reduce((sum, [name, { count }]) => (name.endsWith(leg) ? sum + count : sum), 0);
  const { rows } = await world.sql.query<{ count: string }>('select count(ended_at) from hub.orders');
  const found = [effectsOf('points'), effectsOf('quota'), Number(rows[0]?.count)];
  if (found[0] !== orders * 2 || found[1] !== orders * 2 || found[2] !== orders)
    throw new Error(
      `the ceiling settled ${orders} orders, and found are ${found.join(', ')} effects and rows`,
    );
}
