/**
 * `npm run import -- FILE.csv [--twice]`: places each order of a file once, waits until all have ended, and compares
 * the file with the hub's tables and with the channels' and the portal's own books.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { channelRulesOf, readRemoteConfig } from '@points-hub/hub';
import { sumHubTables, sumSandboxBooks } from './import/books.ts';
import { forEachAtOnce } from './import/for-each-at-once.ts';
import { mallClient, type OrderState } from './import/mall-client.ts';
import { OrderFileError, readOrderFile, type OrderFile } from './import/order-file.ts';
import { progressLine } from './import/progress.ts';
import { reportLines, reportTable } from './import/report.ts';
import { useStack, type StackUrls } from './use-stack.ts';

const usage = `npm run import -- FILE.csv [options]

Reads orders (ordered_at,order_id,user_id,channel,points; one line per deduction), places each once, waits until all
have ended and compares the sums. Uses the stack of a running "npm start", else starts one of its own.

  --twice         send the whole file a second time; the sums must stay the same
  --in-process    do without RabbitMQ
  --patience S    give up when the hub does not answer for so long; default 120 seconds

Exit code: 0 all sums agree exactly, 1 they do not or the hub did not answer, 2 the file or the command is wrong.`;

const ordersAtOnce = 64;
const mallId = 'demo';

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof OrderFileError || error instanceof TypeError ? 2 : 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      twice: { type: 'boolean', default: false },
      'in-process': { type: 'boolean', default: false },
      patience: { type: 'string', default: '120' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [file] = positionals;
  const patienceS = Number(values.patience);
  if (values.help || file === undefined || positionals.length > 1 || !(patienceS > 0)) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  // npm runs scripts in the project's folder; the person typed the path in another one, perhaps.
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  const rules = channelRulesOf(readRemoteConfig(resolve(import.meta.dirname, 'config')).channels);
  const orders = await readOrderFile(path, rules);
  process.stdout.write(`${orders.orders.length} orders with ${orders.deductions} deductions in ${file}\n`);

  const stack = await useStack({
    broker: values['in-process'] ? 'in-process' : 'best',
    say: (line) => process.stdout.write(`${line}\n`),
  });
  try {
    const rounds = values.twice ? 2 : 1;
    let cancelled: OrderState[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      cancelled = await importOnce(orders, stack.urls, patienceS * 1000, round === 1 ? '' : ' again');
    }
    return await compare(orders, stack.urls, cancelled);
  } finally {
    await stack.leave();
  }
}

async function importOnce(
  { orders }: OrderFile,
  urls: StackUrls,
  patienceMs: number,
  again: string,
): Promise<OrderState[]> {
  const client = mallClient(urls.hub, urls.apiKey, patienceMs);
  const cancelled: OrderState[] = [];
  try {
    const placing = progressLine(`placing${again}`, orders.length);
    await forEachAtOnce(orders, ordersAtOnce, async (order) => {
      await client.place(order);
      placing.step();
    });
    placing.end();
    const waiting = progressLine('ended', orders.length);
    let progressAt = performance.now();
    const giveUpInTime = (): void => {
      if (performance.now() - progressAt < patienceMs) return;
      throw new Error(
        `no order has ended for ${patienceMs / 1000} s; ${urls.hub}/readyz and the hub's log tell more. Run the import again later: nothing is placed twice`,
      );
    };
    await forEachAtOnce(orders, ordersAtOnce, async ({ orderId }) => {
      const state = await client.ended(orderId, giveUpInTime);
      progressAt = performance.now();
      if (state.status === 'cancelled') cancelled.push(state);
      waiting.step();
    });
    waiting.end();
  } finally {
    client.close();
  }
  return cancelled;
}

async function compare(
  { orders, pointsByChannel }: OrderFile,
  urls: StackUrls,
  cancelled: readonly OrderState[],
): Promise<number> {
  const orderIds = orders.map(({ orderId }) => orderId);
  const hub = await sumHubTables(urls.database, mallId, orderIds);
  const sandbox = await sumSandboxBooks(urls.sandbox, new Set(orderIds));
  const lines = reportLines(pointsByChannel, hub, sandbox);
  process.stdout.write(`\n${reportTable(lines)}\n\n`);
  for (const [reason, count] of countReasons(cancelled))
    process.stdout.write(`${count} orders were cancelled: ${reason}\n`);
  const agrees = lines.every((line) => line.agrees);
  process.stdout.write(
    agrees ? 'File, hub, channels and portal agree exactly.\n' : 'The sums do NOT agree.\n',
  );
  return agrees ? 0 : 1;
}

function countReasons(cancelled: readonly OrderState[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of cancelled) {
    const text = reason === undefined ? 'no reason given' : `${reason.code} at ${reason.channel}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}
