/** One of six channels answers after 10 s, or is away: what the orders of the others notice of it. */
import { audit } from '../stand/audit.ts';
import { pairOf } from '../stand/orders.ts';
import { channelIds, inWorld, type World } from '../stand/world.ts';
import { summarise } from '../statistics.ts';
import { awaitSettled, startSettling } from './drain.ts';
import { placeOpenLoop } from './place-open-loop.ts';
import { loadWaitingOrders, type LoadedOrders } from '../stand/load-orders.ts';
import type { Course, Measured } from './scenario.ts';

const sick = channelIds.at(-1) ?? '';
const healthy = channelIds.slice(0, -1);
/** Every sixth order is for the sick channel alone, so the others' fate depends on nothing but the hub. */
const isSick = (index: number): boolean => index % 6 === 5;
const channelsOf = (index: number): readonly string[] => (isSick(index) ? [sick] : pairOf(index, healthy));

const cases = [
  { name: 'without', planOf: () => undefined },
  { name: 'slow', planOf: (ms: number) => ({ latency: { kind: 'constant', ms } }) },
  { name: 'away', planOf: () => ({ outages: [{ fromMs: 0, untilMs: 604_800_000 }] }) },
] as const;

export async function isolation(course: Course): Promise<Measured> {
  const figures: Record<string, number> = {};
  let loadPerSecond = Number.NaN;
  for (const { name, planOf } of cases) {
    const plan = planOf(course.sizes.slowLatencyMs);
    const { ordersPerSecond, p99Ms } = await measure(course, name, plan, loadPerSecond);
    if (plan === undefined) loadPerSecond = ordersPerSecond / 2;
    figures[`isolation.${name}.orders/s`] = ordersPerSecond;
    figures[`isolation.${name}.p99.ms`] = p99Ms;
  }
  for (const name of ['slow', 'away'])
    figures[`isolation.${name}.share`] =
      (figures[`isolation.${name}.orders/s`] ?? Number.NaN) /
      (figures['isolation.without.orders/s'] ?? Number.NaN);
  return { figures };
}

/** @param healthyPerSecond of the open loop; NaN: half of what was just measured */
function measure(
  { stand, sizes }: Course,
  name: string,
  plan: object | undefined,
  healthyPerSecond: number,
): Promise<{ ordersPerSecond: number; p99Ms: number }> {
  return inWorld(stand, { name: `isolation-${name}`, latencyMs: 0 }, async (world) => {
    await startSettling(world, sizes.warmUpOrders);
    await setFaults(world, plan);
    const sickOrders = plan === undefined ? 0 : Math.round(sizes.settleOrders / 5);
    const burst = await loadWaitingOrders(world, {
      count: sizes.settleOrders + sickOrders,
      channelsOf: (index) => (index < sickOrders ? [sick] : pairOf(index, healthy)),
    });
    await awaitSettled(world, sick);
    const ordersPerSecond = await healthyPerSecondOf(world, burst, sickOrders);

    const ratePerSecond = Number.isNaN(healthyPerSecond) ? ordersPerSecond / 2 : healthyPerSecond;
    const load = { name: 'load', seconds: sizes.isolationSeconds };
    const count = Math.round(ratePerSecond * 1.2 * sizes.isolationSeconds);
    const latencies =
      plan === undefined
        ? await placeOpenLoop(world, {
            ...load,
            ratePerSecond,
            channelsOf: (index) => pairOf(index, healthy),
          })
        : await placeOpenLoop(world, {
            ...load,
            ratePerSecond: ratePerSecond * 1.2,
            channelsOf,
            counts: (index) => !isSick(index),
            butAt: sick,
          });
    await setFaults(world, undefined);
    await awaitSettled(world);
    const loaded = plan === undefined ? latencies.length : count;
    await audit(world, sizes.warmUpOrders + sizes.settleOrders + sickOrders + loaded);
    return { ordersPerSecond, p99Ms: summarise(latencies).p99 };
  });
}

/** Of those that come after the sick ones; from the first call that was intended to the last that settled. */
async function healthyPerSecondOf(
  world: World,
  { firstRowId, count }: LoadedOrders,
  sickOrders: number,
): Promise<number> {
  const { rows } = await world.sql.query<{ seconds: number; settled: string }>(
    `select extract(epoch from max(ended_at) - min(intended_at))::float8 as seconds, count(distinct orders.id) as settled
     from hub.orders
     join hub.deductions on deductions.order_id = orders.id
     join hub.attempts on attempts.deduction_id = deductions.id
     where orders.id between $1 and $2 and orders.status = 'settled'`,
    [firstRowId + sickOrders, firstRowId + count - 1],
  );
  const [row] = rows;
  if (row === undefined || Number(row.settled) !== count - sickOrders)
    throw new Error(
      `${world.name}: only ${row?.settled} of ${count - sickOrders} orders of healthy channels settled`,
    );
  return (count - sickOrders) / row.seconds;
}

async function setFaults({ sandboxUrl }: World, plan: object | undefined): Promise<void> {
  const answer = await fetch(`${sandboxUrl}/admin/channels/${sick}/faults`, {
    method: plan === undefined ? 'DELETE' : 'PUT',
    ...(plan === undefined ? {} : { body: JSON.stringify(plan) }),
  });
  if (!answer.ok)
    throw new Error(`the sandbox answers ${answer.status} to a plan of faults: ${await answer.text()}`);
}
