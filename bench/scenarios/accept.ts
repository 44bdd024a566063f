/** Orders over HTTP: keep-alive, 64 connections, as fast as they are answered; raw commits take turns with them. */
import { readFileSync } from 'node:fs';
import { openLeanClient } from '../lean-client.ts';
import { commitsPerSecond } from '../raw/postgres.ts';
import { repeatFor } from '../raw/repeat-for.ts';
import { median, medianByName, summarise, takeTurns } from '../statistics.ts';
import { pairOfAll } from '../stand/load-orders.ts';
import { pointsOfDeduction, userOf } from '../stand/orders.ts';
import { inWorld, type World } from '../stand/world.ts';
import { cpuFigures, cpuMsPerUnit } from './drain.ts';
import type { Measured, Course } from './scenario.ts';

const connections = 64;
const warmUpShare = 0.2;

export function accept({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'accept', latencyMs: 0 }, async (world) => {
    const api = await world.startHub('api');
    const client = await openLeanClient({
      url: new URL('/v1/orders', urlIn(api.logFile)),
      headers: { authorization: `Bearer ${world.apiKey}`, 'content-type': 'application/json' },
      connections,
    });
    let accepted = 0;
    let latenciesMs: number[] = [];
    const placeOne = async (lane: number): Promise<void> => {
      accepted += 1;
      const body = bodyOf(accepted);
      const startedAtMs = performance.now();
      const answer = await client.post(lane, body);
      latenciesMs.push(performance.now() - startedAtMs);
      if (answer.status !== 202) throw new Error(`the hub answers ${answer.status}: ${answer.text}`);
    };
    const acceptForSome = async (): Promise<Record<string, number>> => {
      latenciesMs = [];
      const before = world.usage();
      const ordersPerSecond = await repeatFor(sizes.acceptSeconds, connections, placeOne);
      const cpu = cpuMsPerUnit(before, world.usage(), latenciesMs.length);
      const { p50, p99 } = summarise(latenciesMs);
      return {
        'accept.orders/s': ordersPerSecond,
        'accept.p50.ms': p50,
        'accept.p99.ms': p99,
        ...cpuFigures('accept', 'ms/order', cpu),
      };
    };
    try {
      await repeatFor(sizes.acceptSeconds * warmUpShare, connections, placeOne);
      const turns = await takeTurns(
        sizes.rounds,
        () => commitsPerSecond(world.databaseUrl, sizes.rawSeconds),
        acceptForSome,
      );
      await expectStored(world, accepted);
      const shares = turns.map(({ ours, raw }) => (ours['accept.orders/s'] ?? Number.NaN) / raw);
      return {
        figures: {
          ...medianByName(turns.map(({ ours }) => ours)),
          'accept.share of raw commits': median(shares),
        },
      };
    } finally {
      client.close();
    }
  });
}

function bodyOf(number: number): string {
  const deductions = pairOfAll(number).map((channel) => ({ channel, points: pointsOfDeduction }));
  return JSON.stringify({ orderId: `accept-${number}`, userId: userOf(number), deductions });
}

/** The address in the log's line `the API listens`. */
function urlIn(logFile: string): string {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((one) => one.includes('the API listens'));
  return (JSON.parse(line ?? '{}') as { readonly url: string }).url;
}

/** Accepted means: the order, both deductions and both messages are there. */
async function expectStored(world: World, orders: number): Promise<void> {
  const { rows } = await world.sql.query<Record<'orders' | 'deductions' | 'messages', string>>(
    `select
       (select count(*) from hub.orders) as orders,
       (select count(*) from hub.deductions) as deductions,
       (select count(*) from outbox.messages) as messages`,
  );
  const [stored] = rows;
  if (
    Number(stored?.orders) !== orders ||
    Number(stored?.deductions) !== orders * 2 ||
    stored?.messages !== stored?.deductions
  )
    throw new Error(`accept: ${orders} orders were accepted, and stored are ${JSON.stringify(stored)}`);
}
