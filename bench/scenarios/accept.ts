/** Orders over HTTP: keep-alive, 64 connections, as fast as they are answered. */
import { readFileSync } from 'node:fs';
import { Pool, type Dispatcher } from 'undici';
import { repeatFor } from '../raw/repeat-for.ts';
import { summarise } from '../statistics.ts';
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
    const pool = new Pool(urlIn(api.logFile), { connections, pipelining: 1 });
    let accepted = 0;
    let latenciesMs: number[] = [];
    const headers = { authorization: `Bearer ${world.apiKey}`, 'content-type': 'application/json' };
    const placeOne = async (): Promise<void> => {
      accepted += 1;
      const body = bodyOf(accepted);
      const startedAtMs = performance.now();
      const answer = await post(pool, { path: '/v1/orders', method: 'POST', headers, body });
      latenciesMs.push(performance.now() - startedAtMs);
      if (answer.status !== 202) throw new Error(`the hub answers ${answer.status}: ${answer.text}`);
    };
    try {
      await repeatFor(sizes.acceptSeconds * warmUpShare, connections, placeOne);
      latenciesMs = [];
      const before = world.usage();
      const ordersPerSecond = await repeatFor(sizes.acceptSeconds, connections, placeOne);
      const cpu = cpuMsPerUnit(before, world.usage(), latenciesMs.length);
      await expectStored(world, accepted);
      const { p50, p99 } = summarise(latenciesMs);
      return {
        figures: {
          'accept.orders/s': ordersPerSecond,
          'accept.p50.ms': p50,
          'accept.p99.ms': p99,
          ...cpuFigures('accept', 'ms/order', cpu),
        },
      };
    } finally {
      await pool.close();
    }
  });
}

/** What `pool.request` does without its streams, so that less of the machine goes to whoever asks. */
function post(
  pool: Pool,
  request: Dispatcher.DispatchOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let text = '';
    pool.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseStart: (_, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_, chunk) => {
        text += chunk.toString('utf8');
      },
      onResponseEnd: () => resolve({ status, text }),
      onResponseError: (_, error) => reject(error),
    });
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
