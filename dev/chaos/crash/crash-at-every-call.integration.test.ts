/**
 * One order of two channels, and a hub that is killed (SIGKILL) at each single call that it makes for it: before the
 * call leaves, and once it is done with the answer lost. A hub that is started anew brings the order to its end.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSandbox, type Sandbox } from '@points-hub/adapters/sandbox';
import type { BooksEntry } from '../../../adapters/sandbox/books-report.ts';
import { configFolder, type ConfigFolder } from '../../../hub/testing/config-folder.ts';
import { forEachAtOnce } from '../../import/for-each-at-once.ts';
import { compileHub, openCrashStand, type CrashStand } from './crash-stand.ts';
import type { CrashPoint } from './fuse.ts';

const channels = ['airmiles', 'bankplus', 'coffeeclub'];
const points = '2.25';
/** Enough for two processors, with some left for the tests beside it. */
const standsCount = 10;

/** How an order may go. `channels` are its two; at coffeeclub there is no quota. */
const stories = {
  settles: { userId: 'ada', channels: ['airmiles', 'bankplus'], status: 'settled' },
  'quota refused': { userId: 'ada', channels: ['airmiles', 'coffeeclub'], status: 'cancelled' },
} as const;
type Story = keyof typeof stories;

/** Calls that come by the clock, or in a process's start: the first of each kind is broken. */
const byTheClock = [
  'sql: look a key up',
  'sql: begin a batch',
  'sql: take messages',
  'sql: commit after take messages',
  'sql: wake the overdue',
  'sql: find orders past their deadline',
  'sql: read the breakers',
  'sql: find the remotes that are away',
  'sql: sweep callbacks',
  'sql: commit after sweep callbacks',
  'sql: forget callbacks',
  'sql: lock the shares',
  'sql: drop shares',
  'sql: renew shares',
  'sql: commit after renew shares',
];
const inStart = [
  'amqp: start',
  'amqp: tune',
  'amqp: open connection',
  'amqp: open channel',
  'amqp: close channel',
  'amqp: declare exchange',
  'amqp: declare queue',
  'amqp: bind queue',
  'amqp: switch confirms on',
  'amqp: prefetch',
  'amqp: consume',
];
const besideOrders = new Set([...byTheClock, ...inStart]);

/** What must have been broken on both sides, or this test proves less than it says. */
const mustMeet = [
  'sql: place an order',
  'amqp: publish',
  'sql: delete messages',
  'sql: commit after delete messages',
  'amqp: delivery',
  'sql: begin',
  'sql: lock orders',
  'sql: read deductions',
  'sql: write a settlement',
  'sql: commit after write a settlement',
  'http: POST channel/v1/deductions',
  'http: POST channel/v1/refunds',
  'http: POST portal/v1/quota-deductions',
  'http: POST portal/v1/quota-returns',
  'amqp: acknowledge',
];

let sandbox: Sandbox;
let config: ConfigFolder;
let compiledFolder: string;
let stands: CrashStand[] = [];

async function administer(path: string, body: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/admin/channels/${path}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  sandbox = await createSandbox({ channels });
  await administer('coffeeclub/quota', { granted: '0' });
  const quick: [string, string][] = [
    ['callTimeoutMs: 5000', 'callTimeoutMs: 1000'],
    ['notFoundFinalAfterMs: 1000', 'notFoundFinalAfterMs: 0'],
    // An order that is refused before its other deduction is found ends with the look for what came late.
    ['lateEffectCheckMs: 60000', 'lateEffectCheckMs: 500'],
  ];
  config = await configFolder({
    ...Object.fromEntries(channels.map((channel) => [channel, quick])),
    portal: [['callTimeoutMs: 5000', 'callTimeoutMs: 1000']],
  });
  for (const channel of ['fuelcard', 'groceryone', 'telcostars'])
    await rm(join(config.path, `channels/${channel}.yaml`));
  compiledFolder = await compileHub();
  const options = {
    compiledFolder,
    sandboxUrl: sandbox.url,
    configFolder: config.path,
  };
  stands = await Promise.all(Array.from({ length: standsCount }, () => openCrashStand(options)));
}, 60_000);

afterAll(async () => {
  for (const stand of stands) await stand.close();
  await sandbox.close();
  await config.remove();
  await rm(compiledFolder, { recursive: true });
}, 60_000);

const placed = new Map<string, Story>();

function orderOf(story: Story) {
  const orderId = `order-${placed.size + 1}`;
  placed.set(orderId, story);
  const { userId } = stories[story];
  return { orderId, userId, deductions: stories[story].channels.map((channel) => ({ channel, points })) };
}

/** Kinds that were broken, by side. */
const broken = { before: new Map<string, number>(), after: new Map<string, number>() };

function note(side: CrashPoint['side'], kind: string): void {
  broken[side].set(kind, (broken[side].get(kind) ?? 0) + 1);
}

/** How many calls of each kind an order may have: the most of several that go through undisturbed. */
const callsMax = {
  settles: new Map<string, number>(),
  'quota refused': new Map<string, number>(),
} satisfies Record<Story, Map<string, number>>;

async function countCalls(stand: CrashStand, story: Story): Promise<void> {
  const { status, counts } = await stand.crashInOrder(orderOf(story), undefined);
  expect([story, status]).toEqual([story, stories[story].status]);
  for (const [kind, count] of counts)
    if (!besideOrders.has(kind)) callsMax[story].set(kind, Math.max(count, callsMax[story].get(kind) ?? 0));
}

interface Crash extends CrashPoint {
  readonly story: Story;
}

function crashesOf(story: Story, side: CrashPoint['side']): Crash[] {
  return [...callsMax[story]].flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => ({ story, side, kind, nth: index + 1 })),
  );
}

async function crashAt(stand: CrashStand, { story, ...point }: Crash): Promise<void> {
  const { kind, nth, side } = point;
  const order = orderOf(story);
  const { status, crashed, counts } = await (inStart.includes(kind)
    ? stand.crashInStart(order, point)
    : stand.crashInOrder(order, point, besideOrders.has(kind)));
  expect([story, point, status]).toEqual([story, point, stories[story].status]);
  if (crashed) return note(side, kind);
  // Where the calls of two deductions share a commit, an order has fewer calls than another.
  const fewer = { counted: counts.get(kind) ?? 0, isFewer: (counts.get(kind) ?? 0) < nth };
  expect([story, point, fewer]).toEqual([story, point, { ...fewer, isFewer: true }]);
}

async function entriesByOrder(): Promise<Map<string, BooksEntry[]>> {
  const text = await (await fetch(`${sandbox.url}/books/entries`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return Map.groupBy(
    lines.map((line) => JSON.parse(line) as BooksEntry),
    ({ orderId }) => orderId,
  );
}

/** What was taken was taken once, in full; and given back once where the order was cancelled. */
function expectExact(orderId: string, story: Story, channel: string, entries: readonly BooksEntry[]): void {
  const moved = (kind: BooksEntry['kind']): string[] =>
    entries
      .filter((entry) => entry.channel === channel && entry.kind === kind)
      .map((entry) => `${entry.points} of ${entry.member ?? 'the quota'}`);
  const { userId, status } = stories[story];
  const whole = [[`${points} of ${userId}`], [`${points} of the quota`]];
  const taken = [moved('deduction'), moved('quota-deduction')];
  const given = [moved('refund'), moved('quota-return')];
  const what = [orderId, story, channel];
  if (status === 'settled') expect([what, taken, given]).toEqual([what, whole, [[], []]]);
  else {
    expect([what, given]).toEqual([what, taken]);
    taken.forEach((one, leg) => {
      if (one.length > 0) expect([what, one]).toEqual([what, whole[leg]]);
    });
  }
}

test('a hub killed at any call of an order, forward or compensating, leaves books that are exact', async () => {
  const sides = ['before', 'after'] as const;
  await forEachAtOnce(stands, standsCount, async (stand) => {
    await stand.start();
    for (const story of ['settles', 'quota refused', 'settles', 'quota refused'] as const)
      await countCalls(stand, story);
  });
  const crashes: Crash[] = [
    ...sides.flatMap((side) =>
      [...besideOrders].map((kind): Crash => ({ story: 'settles', side, kind, nth: 1 })),
    ),
    { story: 'settles', side: 'after', kind: 'sql: take messages, found some', nth: 1 },
    ...sides.flatMap((side) => crashesOf('settles', side)),
    ...crashesOf('quota refused', 'after'),
    // Between the answer of one call and the leaving of the next nothing passes: here one side is enough for the others.
    ...crashesOf('quota refused', 'before').filter(({ kind }) => !callsMax.settles.has(kind)),
  ];
  // A hub that was just started looks keys up; its first order tells.
  await forEachAtOnce(stands, standsCount, async (stand) => {
    await stand.kill();
    await stand.start();
    for (let next = crashes.shift(); next !== undefined; next = crashes.shift()) await crashAt(stand, next);
  });

  const count = [...broken.before.values(), ...broken.after.values()].reduce((sum, some) => sum + some, 0);
  console.log(`crashed at ${count} points`, broken);
  for (const side of sides) {
    const met = [...broken[side].keys()];
    expect(met).toEqual(expect.arrayContaining([...besideOrders, ...mustMeet]));
  }

  const entries = await entriesByOrder();
  for (const [orderId, story] of placed) {
    for (const channel of stories[story].channels)
      expectExact(orderId, story, channel, entries.get(orderId) ?? []);
  }
  for (const { database } of stands) {
    const { rows } = await database.knex.raw<{ rows: unknown[] }>(
      `select 'an open case' as trouble, cause as what from hub.cases where state in ('open', 'ignored')
       union all
       select 'a key for another amount', key from hub.attempts group by key having count(distinct points) > 1
       union all
       select 'a key refused as used before', key from hub.attempts where cause = 'key_reused'
       union all
       select 'a message that stays', type from outbox.messages
       union all
       select 'a deduction that is not through', id::text from hub.deductions where wake_by is not null`,
    );
    expect(rows).toEqual([]);
  }
}, 600_000);
