/** Bulk replay by the API: what is frozen, what keeps it from running on, and that nothing is replayed twice. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type Answer, type ConsoleUnderTest } from './testing/console-under-test.ts';
import type { Twist } from './testing/twisting-line.ts';

let ops: ConsoleUnderTest;
afterEach(() => ops.close(), 60_000);

/** Answers of which nothing can be read open no breaker: they may come from who knows whom. */
const unreadable = { status: 200, body: () => ({}) };
const lost: Twist = { on: /POST \/channels\/airmiles/, takesEffect: true, ...unreadable };
const never: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

interface Replay {
  readonly id: string;
  readonly state: string;
  readonly eligible: number;
  readonly items: number;
  readonly ineligible: Readonly<Record<string, number>>;
  readonly waiting: number;
  readonly underWay: number;
  readonly begun: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly users: number;
  readonly points: string;
  readonly pauseCause: string | null;
}

async function place(from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    const deductions = [{ channel: 'airmiles', points: '1.5' }];
    await ops.hub.place({ orderId: `o-${number}`, userId: `user-${number % 3}`, deductions });
  }
}

/** So many cases about deductions of which every second one took effect all the same. */
async function openCases(count: number): Promise<void> {
  ops.twist(lost, mute);
  await place(1, Math.floor(count / 2));
  await opened(Math.floor(count / 2));
  ops.twist(never, mute);
  await place(Math.floor(count / 2) + 1, count);
  await opened(count);
}

async function opened(count: number): Promise<void> {
  await eventually(
    `${count} cases are open`,
    async () => (await ops.hub.database.knex('hub.cases').where({ state: 'open' })).length === count,
    30_000,
  );
}

function asReplay({ body }: Answer): Replay {
  return body as unknown as Replay;
}

async function preview(body: object = { filter: {} }): Promise<Replay> {
  const answer = await ops.ask('POST', '/replays', body);
  expect(answer.status).toBe(200);
  return asReplay(answer);
}

function startAs(replay: Replay, name: string, more: object = {}): Promise<Answer> {
  const given = {
    expectCount: replay.eligible,
    reason: 'the channel is back',
    canary: 0,
    ratePerSecond: 500,
  };
  const [path, body] = [`/replays/${replay.id}/start`, { ...given, ...more }];
  return name === 'ada' ? ops.ask('POST', path, body) : ops.askAs(name, ['operator'], 'POST', path, body);
}

const start = (replay: Replay, more: object = {}): Promise<Answer> => startAs(replay, 'ada', more);

const act = ({ id }: Replay, name: string, body: object = {}): Promise<Answer> =>
  ops.ask('POST', `/replays/${id}/${name}`, body);

function until({ id }: Replay, what: string, is: (replay: Replay) => boolean): Promise<Replay> {
  return eventually(
    `replay ${id} is ${what}`,
    async () => {
      const now = asReplay(await ops.ask('GET', `/replays/${id}`));
      return is(now) && now;
    },
    45_000,
  );
}

const untilState = (replay: Replay, state: string): Promise<Replay> =>
  until(replay, state, (now) => now.state === state);

/** Retries per case. */
async function retries(): Promise<readonly number[]> {
  const { rows } = await ops.hub.database.knex.raw<{ rows: { count: number }[] }>(
    `select count(operation.id)::integer as count
     from hub.cases left join hub.case_operations as operation on operation.case_id = cases.id and kind = 'retry'
     group by cases.id order by cases.id`,
  );
  return rows.map(({ count }) => count);
}

/** Every order settled, and the channel and the portal hold exactly what was asked for. */
async function expectBooks(orders: number): Promise<void> {
  const { rows } = await ops.hub.database.knex.raw<{ rows: { status: string; count: number }[] }>(
    `select status, count(*)::integer as count from hub.orders group by status`,
  );
  expect(rows).toEqual([{ status: 'settled', count: orders }]);
  const sum = String(orders * 1.5);
  expect(ops.inEffect('airmiles')).toEqual([sum, sum]);
}

test('replays what the preview froze and nothing that joined after it', async () => {
  ops = await consoleUnderTest();
  await openCases(6);
  const replay = await preview();
  expect(replay).toMatchObject({ state: 'previewed', items: 6, eligible: 6, users: 3, points: '9' });
  await place(7, 7);
  await opened(7);
  ops.twist();
  expect((await start(replay)).body).toMatchObject({ state: 'running' });
  expect(await untilState(replay, 'done')).toMatchObject({
    succeeded: 6,
    failed: 0,
    waiting: 0,
    underWay: 0,
  });
  expect(await retries()).toEqual([1, 1, 1, 1, 1, 1, 0]);
  const rest = await preview({ filter: { user: 'user-1' }, ratePerSecond: 7 });
  expect(rest).toMatchObject({ items: 1, eligible: 1 });
  expect(JSON.stringify(rest)).not.toContain('user-1');
  const begun = await ops.ask('POST', `/replays/${rest.id}/start`, {
    expectCount: 1,
    reason: 'as previewed',
  });
  expect(begun.body).toMatchObject({ state: 'running', ratePerSecond: 7, canary: 5 });
  await untilState(rest, 'done');
  await expectBooks(7);
  const { items } = (await ops.ask('GET', `/replays/${replay.id}/items?limit=4`)).body as { items: object[] };
  expect(items).toHaveLength(4);
  expect(items[0]).toMatchObject({
    number: 1,
    channel: 'airmiles',
    state: 'succeeded',
    outcome: 'recovered',
  });
}, 60_000);

test('a canary that fails stops the rest; resumed, the rest goes, and those that failed can be replayed alone', async () => {
  ops = await consoleUnderTest();
  await openCases(6);
  const replay = await preview();
  await start(replay, { canary: 2 });
  const paused = await untilState(replay, 'paused');
  expect(paused).toMatchObject({ pauseCause: 'canary_failed', begun: 2, waiting: 4 });
  await until(replay, 'at rest', ({ underWay, failed }) => underWay === 0 || failed > 0);
  ops.twist();
  expect((await act(replay, 'resume')).body).toMatchObject({ state: 'running', pauseCause: null });
  const done = await untilState(replay, 'done');
  expect(done.failed + done.succeeded).toBe(6);
  expect(done.failed).toBeGreaterThan(0);
  const again = asReplay(await act(replay, 'retry-failed'));
  expect(again).toMatchObject({ state: 'previewed', eligible: done.failed });
  await start(again);
  expect(await untilState(again, 'done')).toMatchObject({ succeeded: done.failed });
  await expectBooks(6);
}, 60_000);

test('pauses by itself when too many fail, and while a remote is left alone', async () => {
  ops = await consoleUnderTest();
  await openCases(20);
  const { knex } = ops.hub.database;
  const replay = await preview();
  await knex('hub.channel_states').insert({
    remote: 'channel:airmiles',
    paused_at: new Date(),
    paused_by: 'bo',
  });
  await start(replay, { ratePerSecond: 100 });
  const held = await untilState(replay, 'paused');
  expect(held).toMatchObject({ pauseCause: 'held: channel:airmiles', begun: 0 });
  const meanwhile = await preview();
  expect(meanwhile).toMatchObject({ eligible: 0, ineligible: { channel_paused: 20 } });
  expect(await start(meanwhile)).toMatchObject({ status: 422, body: { code: 'HUB_REPLAY_EMPTY' } });
  await knex('hub.channel_states').delete();
  // Not all at once, so that the first ten have failed before the last ones go.
  await knex('hub.replays').where({ id: replay.id }).update({ rate_per_second: 2 });
  await act(replay, 'resume');
  expect(await untilState(replay, 'paused')).toMatchObject({ pauseCause: 'too_many_failed' });
  ops.twist();
  await act(replay, 'resume');
  await untilState(replay, 'done');
}, 60_000);

test('cancelled, it ends with what has begun and touches nothing else', async () => {
  ops = await consoleUnderTest();
  await openCases(6);
  const replay = await preview();
  ops.twist();
  await start(replay, { canary: 1, ratePerSecond: 1 });
  await until(replay, 'begun', ({ succeeded }) => succeeded > 0);
  expect((await act(replay, 'pause', { reason: 'lunch' })).body).toMatchObject({ pauseCause: 'by ada' });
  expect((await act(replay, 'cancel')).status).toBe(200);
  const ended = await untilState(replay, 'cancelled');
  expect(ended.cancelled + ended.succeeded).toBe(6);
  expect(ended.cancelled).toBeGreaterThan(0);
  expect((await retries()).filter((count) => count === 1)).toHaveLength(ended.succeeded);
  expect(await act(replay, 'resume')).toMatchObject({ status: 409, body: { code: 'HUB_REPLAY_STATE' } });
}, 60_000);

describe('refuses', () => {
  test('what the starter did not see, what is not his, what was started before, and what it cannot read', async () => {
    ops = await consoleUnderTest();
    await openCases(2);
    const replay = await preview();
    const [{ id: first } = { id: '' }] = await ops.opened(2);
    const refused = async (answer: Promise<Answer>, status: number, code: string): Promise<void> =>
      expect(await answer).toMatchObject({ status, body: { code } });
    await refused(start(replay, { expectCount: 3 }), 409, 'HUB_REPLAY_COUNT_DIFFERS');
    await refused(startAs(replay, 'bo'), 403, 'HUB_REPLAY_NOT_YOURS');
    await refused(start(replay, { reason: '' }), 422, 'HUB_REQUEST_INVALID');
    await refused(start(replay, { reason: 'x'.repeat(4_001) }), 422, 'HUB_REQUEST_INVALID');
    await refused(start(replay, { ratePerSecond: 0 }), 422, 'HUB_REQUEST_INVALID');
    await refused(start({ ...replay, id: '999999' }), 404, 'HUB_REPLAY_UNKNOWN');
    await refused(start({ ...replay, id: '1e3' }), 404, 'HUB_REPLAY_UNKNOWN');
    await refused(act(replay, 'pause'), 409, 'HUB_REPLAY_STATE');
    await refused(ops.ask('POST', '/replays', { filter: { chanel: 'x' } }), 422, 'HUB_REQUEST_INVALID');
    await refused(ops.ask('POST', '/replays', { caseIds: ['1 or 1'] }), 422, 'HUB_REQUEST_INVALID');
    await refused(ops.ask('GET', '/replays/999999/items'), 404, 'HUB_REPLAY_UNKNOWN');
    await ops.hub.database.knex('hub.replays').update({ expires_at: new Date(Date.now() - 60_000) });
    await refused(start(replay), 409, 'HUB_REPLAY_EXPIRED');
    await ops.hub.database.knex('hub.replays').update({ expires_at: new Date(Date.now() + 60_000) });
    expect(await retries()).toEqual([0, 0]);

    ops.twist();
    const named = await preview({ caseIds: [first] });
    expect(named).toMatchObject({ items: 1, eligible: 1 });
    const twice = await Promise.all([start(replay), start(replay)]);
    expect(twice.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    await untilState(replay, 'done');
    // Whatever the other preview froze has recovered meanwhile.
    await start(named);
    expect(await untilState(named, 'done')).toMatchObject({ skipped: 1, begun: 0 });
    expect(await retries()).toEqual([1, 1]);
    await expectBooks(2);
  }, 60_000);
});

test('a batch and single retries of the same cases at once retry each once', async () => {
  ops = await consoleUnderTest();
  await openCases(8);
  const replay = await preview();
  const cases = await ops.opened(8);
  ops.twist();
  const [started, ...singles] = await Promise.all([
    start(replay),
    ...cases.map(({ id, version }) => ops.act(id, 'retry', {}, version)),
  ]);
  expect(started?.status).toBe(200);
  for (const { status } of singles) expect([200, 409]).toContain(status);
  const done = await untilState(replay, 'done');
  expect(done.succeeded + done.skipped).toBe(8);
  expect(done.skipped).toBe(singles.filter(({ status }) => status === 200).length);
  expect(await retries()).toEqual(cases.map(() => 1));
  await expectBooks(8);
}, 60_000);

test('a console that is killed in every stage goes on where it was: each case is retried once, the books balance', async () => {
  ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000', 'apart');
  const { apart } = ops;
  if (apart === undefined) throw new Error('the console is a process of its own');
  const count = 30;
  await openCases(count);
  const killed = async (): Promise<void> => {
    await apart.kill();
    await apart.start();
  };

  // While it freezes: the preview is whole, or was never made.
  const cut = ops.ask('POST', '/replays', { filter: {} }).catch(() => undefined);
  await Promise.all([cut, apart.kill()]);
  await apart.start();
  const { rows } = await ops.hub.database.knex.raw<{ rows: { items: number; frozen: number }[] }>(
    `select items, (select count(*)::integer from hub.replay_items where replay_id = replays.id) as frozen
     from hub.replays`,
  );
  for (const { items, frozen } of rows) expect([items, frozen]).toEqual([count, count]);

  const replay = await preview();
  await killed();
  // The canary waits for its outcomes, for the channel is mute.
  ops.twist();
  await start(replay, { canary: 2, ratePerSecond: 10 });
  await until(replay, 'begun', ({ begun }) => begun > 0);
  await killed();
  await until(replay, 'half way', ({ begun }) => begun >= 8);
  await killed();
  await act(replay, 'pause');
  await killed();
  expect(await untilState(replay, 'paused')).toMatchObject({ pauseCause: 'by ada' });
  await act(replay, 'resume');
  await until(replay, 'all begun', ({ waiting }) => waiting === 0);
  await killed();
  expect(await untilState(replay, 'done')).toMatchObject({ succeeded: count, failed: 0, skipped: 0 });
  await killed();
  expect(await retries()).toEqual(Array.from({ length: count }, () => 1));
  await expectBooks(count);
}, 120_000);

test('a console that is killed while a cancelled replay runs out ends it, and leaves the rest as it was', async () => {
  ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000', 'apart');
  await openCases(10);
  const replay = await preview();
  ops.twist();
  await start(replay, { ratePerSecond: 2 });
  await until(replay, 'begun', ({ begun }) => begun > 1);
  expect((await act(replay, 'cancel')).status).toBe(200);
  await ops.apart?.kill();
  await ops.apart?.start();
  const ended = await untilState(replay, 'cancelled');
  expect(ended.succeeded + ended.failed + ended.cancelled).toBe(10);
  expect((await retries()).filter((times) => times === 1)).toHaveLength(ended.begun);
}, 120_000);
