/** One of six channels answers after 10 s, or is away: what the orders of the others notice of it. */
import { audit } from '../stand/audit.ts';
import { pairOf } from '../stand/orders.ts';
import { channelIds, inWorld, type World } from '../stand/world.ts';
import type { Sizes } from '../sizes.ts';
import { median, summarise } from '../statistics.ts';
import { awaitSettled, startSettling } from './drain.ts';
import { placeOpenLoop } from './place-open-loop.ts';
import { loadWaitingOrders, type LoadedOrders } from '../stand/load-orders.ts';
import type { Course, Measured } from './scenario.ts';

const sick = channelIds.at(-1) ?? '';
const healthy = channelIds.slice(0, -1);
/** Every sixth order is for the sick channel alone, so the others' fate depends on nothing but the hub. */
const isSick = (index: number): boolean => index % 6 === 5;
const channelsOf = (index: number): readonly string[] => (isSick(index) ? [sick] : pairOf(index, healthy));

/**
 * `without` knows no orders of the sixth channel; in `well` it has them and answers like the others. Trouble is held against
 * both: beside `without` there are a thousand orders more on two busy processors, however well their channel is; beside `well`
 * there is less to do, since the orders of a channel in trouble wait.
 */
const cases = [
  { name: 'without', isThere: false, planOf: () => undefined },
  { name: 'well', isThere: true, planOf: () => undefined },
  { name: 'slow', isThere: true, planOf: (ms: number) => ({ latency: { kind: 'constant', ms } }) },
  { name: 'away', isThere: true, planOf: () => ({ outages: [{ fromMs: 0, untilMs: 604_800_000 }] }) },
] as const;

/** The cases take turns, so that noise meets all of them; then each gets a steady load. */
export async function isolation(course: Course): Promise<Measured> {
  const rates = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  const figures: Record<string, number> = {};
  const { rounds } = course.sizes;
  for (let round = 1; round <= rounds; round += 1) {
    const isLast = round === rounds;
    for (const { name, isThere, planOf } of cases) {
      const plan = planOf(course.sizes.slowLatencyMs);
      await inWorld(course.stand, { name: `isolation-${name}`, latencyMs: 0 }, async (world) => {
        await startSettling(world, course.sizes.warmUpOrders);
        await setFaults(world, plan);
        const sickOrders = isThere ? Math.round(course.sizes.settleOrders / 5) : 0;
        rates.get(name)?.push(await burst(world, course.sizes, sickOrders));
        let orders = course.sizes.warmUpOrders + course.sizes.settleOrders + sickOrders;
        if (isLast) {
          const load = await steadyLoad(world, course.sizes, median(rates.get('without') ?? []) / 2, isThere);
          figures[`isolation.${name}.p99.ms`] = load.p99Ms;
          orders += load.orders;
        }
        await setFaults(world, undefined);
        await awaitSettled(world);
        await audit(world, orders);
      });
    }
  }
  const shareOf = (name: string, reference: string): number =>
    median(
      (rates.get(name) ?? []).map((rate, round) => rate / (rates.get(reference)?.[round] ?? Number.NaN)),
    );
  for (const [name, ofCase] of rates) figures[`isolation.${name}.orders/s`] = median(ofCase);
  for (const name of ['slow', 'away']) {
    figures[`isolation.${name}.share of well`] = shareOf(name, 'well');
    figures[`isolation.${name}.share of without`] = shareOf(name, 'without');
  }
  return { figures };
}

/** Orders of healthy channels behind some of the sick one, all at once. @returns how many of the healthy ones settle a second */
async function burst(world: World, { settleOrders }: Sizes, sickOrders: number): Promise<number> {
  const loaded = await loadWaitingOrders(world, {
    count: settleOrders + sickOrders,
    channelsOf: (index) => (index < sickOrders ? [sick] : pairOf(index, healthy)),
  });
  await awaitSettled(world, sick);
  return healthyPerSecondOf(world, loaded, sickOrders);
}

/** The same load of healthy orders in each case; those of the sixth channel come on top where it is there. */
async function steadyLoad(
  world: World,
  { isolationSeconds }: Sizes,
  healthyPerSecond: number,
  isThere: boolean,
): Promise<{ p99Ms: number; orders: number }> {
  const ratePerSecond = isThere ? healthyPerSecond * 1.2 : healthyPerSecond;
  const load = { name: 'load', seconds: isolationSeconds, ratePerSecond };
  const latencies = await placeOpenLoop(
    world,
    isThere
      ? { ...load, channelsOf, counts: (index) => !isSick(index), butAt: sick }
      : { ...load, channelsOf: (index) => pairOf(index, healthy) },
  );
  return {
    p99Ms: summarise(latencies.map(({ sinceDueMs }) => sinceDueMs)).p99,
    orders: Math.round(ratePerSecond * isolationSeconds),
  };
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
