/** Replays, compensations, channels and the audit by the real command; the programs of the hub; completion. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type ConsoleUnderTest } from '../dlq-console/testing/console-under-test.ts';
import type { Person } from '../dlq-console/testing/person.ts';
import type { Twist } from '../dlq-console/testing/twisting-line.ts';
import { cliUnderTest, type CliUnderTest } from './testing/cli-under-test.ts';

const unreadable = { status: 200, body: () => ({}) };
const never: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

let ops: ConsoleUnderTest;
let ada: CliUnderTest;
let bo: CliUnderTest;
let root: CliUnderTest;
let boHimself: Person;
let orders = 0;

beforeAll(async () => {
  ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000', 'apart');
  boHimself = await ops.person('bo', ['approver']);
  ada = await signedIn(ops.ada);
  bo = await signedIn(boHimself);
  root = await signedIn(await ops.person('root', ['admin']));
}, 60_000);
afterAll(async () => {
  for (const one of [ada, bo, root]) one.close();
  await ops.close();
}, 60_000);

async function signedIn({ name, password }: Person): Promise<CliUnderTest> {
  const made = cliUnderTest({ HUB_OPS_URL: ops.line.url.replace('/ops/v1', '') });
  const { code, err } = await made.run(['login', '--name', name, '--password-stdin'], { input: password });
  if (code !== 0) throw new Error(`${name} could not sign in: ${err}`);
  return made;
}

async function place(): Promise<string> {
  orders += 1;
  const deductions = [{ channel: 'airmiles', points: '10' }];
  await ops.hub.place({ orderId: `o-${orders}`, userId: 'eve', deductions });
  return `o-${orders}`;
}

/** @returns their ids, the oldest first */
async function openCases(count: number): Promise<readonly string[]> {
  ops.twist(never, mute);
  const placed: string[] = [];
  for (let index = 0; index < count; index += 1) placed.push(await place());
  return eventually(
    `${count} more cases are open`,
    async () => {
      const { cases } = (await ops.ask('GET', '/cases')).body as {
        cases: readonly { id: string; orderId: string }[];
      };
      const mine = cases.filter(({ orderId }) => placed.includes(orderId)).map(({ id }) => id);
      return mine.length === count && mine.toReversed();
    },
    30_000,
  );
}

describe('a replay', () => {
  test('is previewed, started by whoever means it, and watched to its end', async () => {
    const ids = await openCases(3);
    const previewed = await ada.json(['replay', 'preview', ...ids, '--rate', '100', '--canary', '1']);
    expect(previewed).toMatchObject({ state: 'previewed', eligible: 3, points: '30' });
    const id = String(previewed['id']);
    const start = ['replay', 'start', id, '--reason', 'they are back'];
    const unsure = await ada.run(start);
    expect(unsure).toMatchObject({ code: 2, out: '' });
    expect(unsure.err).toContain('--yes --expect-count 3');
    expect((await ada.run([...start, '--yes', '--expect-count', '4'])).code).toBe(3);
    expect(await ada.json(['replay', 'show', id])).toMatchObject({ state: 'previewed' });
    ops.twist();
    const watched = await ada.run([...start, '--yes', '--expect-count', '3', '--watch']);
    expect(watched).toMatchObject({ code: 0, err: '' });
    expect(watched.out).toContain('3 succeeded, 0 failed');
    expect((await ada.run(['replay', 'watch', id, '--json'])).code).toBe(0);
    const items = (await ada.json(['replay', 'items', id]))['items'] as readonly { caseId: string }[];
    expect(items.map(({ caseId }) => caseId)).toEqual(ids);
    expect((await ada.run(['replay', 'items', id, '--state', 'succeeded'])).out).toContain('airmiles');
    expect((await ada.run(['replay', 'list'])).out).toContain('they are back');
    const late = await ada.run([...start, '--yes', '--expect-count', '3']);
    expect(late.code).toBe(3);
    expect(late.err).toContain('HUB_REPLAY_STATE');
  });

  test('of which some fail ends with 1, shows a bar on a terminal, and those that failed are previewed anew', async () => {
    const ids = await openCases(1);
    const { id } = await ada.json(['replay', 'preview', ...ids, '--canary', '0']);
    const start = ['replay', 'start', String(id), '--reason', 'r', '--yes', '--expect-count', '1'];
    const watched = await ada.run([...start, '--watch'], { columns: 100 });
    expect(watched.code).toBe(1);
    expect(watched.out).toContain('1 failed');
    expect(watched.out).toContain('\u001b[');
    const again = await ada.json(['replay', 'retry-failed', String(id)]);
    expect(again).toMatchObject({ state: 'previewed', eligible: 1 });
    expect((await ada.run(['replay', 'cancel', String(again['id'])])).code).toBe(0);
    const cancelled = await ada.run(['replay', 'watch', String(again['id'])]);
    expect(cancelled.code).toBe(1);
    expect(cancelled.out).toMatch(/^state\s+cancelled$/m);
  });

  test('can be paused, resumed and cancelled', async () => {
    const ids = await openCases(4);
    const limits = ['--rate', '1', '--canary', '0', '--failed-percent-max', '100'];
    const { id } = await ada.json(['replay', 'preview', ...ids, ...limits]);
    const own = String(id);
    await ada.json(['replay', 'start', own, '--reason', 'r', '--yes', '--expect-count', '4']);
    expect(await ada.json(['replay', 'pause', own, '--reason', 'wait'])).toMatchObject({ state: 'paused' });
    const paused = await ada.run(['replay', 'watch', own]);
    expect(paused.code).toBe(1);
    expect(paused.out).toContain(`points-hub replay resume ${own}`);
    expect(await ada.json(['replay', 'resume', own])).toMatchObject({ state: 'running' });
    expect((await ada.run(['replay', 'cancel', own])).code).toBe(0);
  });

  test.each([
    [['replay', 'preview'], 2, 'HUB_REQUEST_INVALID'],
    [['replay', 'preview', '1', '--channel', 'airmiles'], 2, 'HUB_REQUEST_INVALID'],
    [['replay', 'preview', '1', '--rate', 'fast'], 2, 'HUB_REQUEST_INVALID'],
    [['replay', 'show', '999999'], 2, 'HUB_REPLAY_UNKNOWN'],
    [['replay', 'watch', 'x'], 2, 'HUB_REPLAY_UNKNOWN'],
  ])('%j ends with %i', async (args, code, problem) => {
    const ended = await ada.run(args);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(problem);
  });
});

describe('a compensation', () => {
  const why = ['--reason-code', 'GOODWILL', '--reason', 'the flight was cancelled', '--evidence', 'TICKET-1'];

  async function asked(key: string): Promise<string> {
    ops.twist();
    const order = await place();
    expect(await ops.hub.ended(order)).toBe('settled');
    const of = ['--mall', 'shop', '--order', order, '--channel', 'airmiles', '--key', key];
    const request = ['compensation', 'request', '--kind', 'refund_points', '--points', '2.5', ...of, ...why];
    const made = await ada.json(request);
    expect(made).toMatchObject({ state: 'requested', points: '2.5', requestedBy: 'ada' });
    expect((await ada.json(request))['id']).toBe(made['id']);
    return String(made['id']);
  }

  const sure = ['--password-stdin', '--yes', '--expect-count', '1'];

  test('takes effect once another person has read it and proven who he is', async () => {
    const id = await asked('key-1');
    expect((await bo.run(['compensation', 'list', '--state', 'requested'])).out).toContain('refund_points');
    const { digest } = await bo.json(['compensation', 'show', id]);
    const input = boHimself.password;
    const unread = await bo.run(['compensation', 'approve', id, ...sure], { input });
    expect(unread.code).toBe(2);
    expect(unread.err).toContain('--digest');
    const wrong = ['compensation', 'approve', id, '--digest', '0'.repeat(64), ...sure];
    expect(await bo.run(wrong, { input })).toMatchObject({ code: 3, out: '' });
    const approve = ['compensation', 'approve', id, '--digest', String(digest), ...sure];
    expect((await bo.run(approve, { input: 'not his password' })).err).toContain('HUB_SIGN_IN_FAILED');
    expect(await bo.json(approve, { input })).toMatchObject({ state: 'approved', decidedBy: 'bo' });
    expect((await bo.run(approve, { input })).code).toBe(3);
    const deeds = (await ops.audit()).filter(({ action }) => action === 'compensation.approve');
    expect(new Set(deeds.map(({ via }) => via))).toEqual(new Set(['cli']));
    const { sessions } = (await boHimself.ask('GET', '/sessions')).body as { sessions: readonly unknown[] };
    expect(sessions).toHaveLength(1);
  });

  test('is not approved by who asked, and can be rejected', async () => {
    const id = await asked('key-2');
    const { digest } = await ada.json(['compensation', 'show', id]);
    const own = await ada.run(['compensation', 'approve', id, '--digest', String(digest), ...sure], {
      input: ops.ada.password,
    });
    expect(own).toMatchObject({ code: 2, out: '' });
    expect(own.err).toContain('HUB_FORBIDDEN');
    const reject = ['compensation', 'reject', id, '--reason', 'of another day', '--password-stdin'];
    expect(await bo.json(reject, { input: boHimself.password })).toMatchObject({ state: 'rejected' });
  });

  test('about a case is of the case as it was seen', async () => {
    const [id = ''] = await openCases(1);
    const request = ['compensation', 'request', id, '--kind', 'mark_undone', ...why];
    expect((await ada.run([...request, '--if-version', '999'])).code).toBe(3);
    expect((await ada.run(request)).out).toMatch(/^compensation\s+\d+\nstate\s+requested/);
    const more = await ada.run(['compensation', 'request', '--kind', 'refund_points', ...why]);
    expect(more).toMatchObject({ code: 2, out: '' });
  });
});

test('channels are listed by anybody and switched by an admin', async () => {
  ops.twist();
  expect((await ada.run(['channel', 'list'])).out).toMatch(/airmiles\s+well/);
  const denied = await ada.run(['channel', 'pause', 'airmiles', '--reason', 'r']);
  expect(denied).toMatchObject({ code: 2, out: '' });
  expect(denied.err).toContain('points-hub whoami');
  const paused = await root.run(['channel', 'pause', 'bankplus', '--reason', 'until two']);
  expect(paused.out).toMatch(/bankplus\s+paused.*root: until two/s);
  expect(await root.json(['channel', 'resume', 'bankplus'])).toMatchObject({ paused: null });
  const limit = ['channel', 'limit', 'bankplus', '--reason', 'slow today'];
  const limits = { ratePerSecond: 5, concurrencyMax: 2 };
  expect(await root.json([...limit, '--rate', '5', '--concurrency', '2'])).toMatchObject({ limits });
  expect((await ada.run(['channel', 'list'])).out).toContain('5 (file: none)');
  expect(await root.json([...limit, '--rate', 'file', '--concurrency', 'file'])).toMatchObject({
    limited: null,
  });
  expect((await root.run([...limit, '--rate', 'many'])).code).toBe(2);
  expect((await root.run([...limit, '--concurrency', '65'])).err).toContain('64');
  expect((await root.run(['channel', 'pause', 'nowhere', '--reason', 'r'])).err).toContain('channel list');
});

describe('the audit', () => {
  test('is listed by whoever may, with what was refused', async () => {
    await ada.run(['channel', 'pause', 'airmiles', '--reason', 'r']);
    const rows = (await bo.json(['audit', 'list', '--outcome', 'refused', '--since', '1h']))['rows'];
    expect(rows).toContainEqual(
      expect.objectContaining({
        actor: 'ada',
        action: 'channel.pause',
        code: 'HUB_SCOPE_TOO_SMALL',
        via: 'cli',
      }),
    );
    const table = await bo.run(['audit', 'list', '--limit', '1']);
    expect(table.out).toMatch(/^\s*ROW {2}AT /);
    expect(table.err).toContain('--after');
    expect((await ada.run(['audit', 'list'])).code).toBe(2);
  });

  test('is taken along whole, to a file of one’s own or to a program', async () => {
    const file = join(bo.configHome, 'audit.csv');
    expect(await bo.run(['audit', 'export', '--format', 'csv', '--output', file])).toMatchObject({
      code: 0,
      out: '',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const printed = await bo.run(['audit', 'export', '--format', 'csv']);
    expect(printed.out.startsWith(readFileSync(file, 'utf8').slice(0, 200))).toBe(true);
    const lines = (await bo.run(['audit', 'export'])).out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).length).toBeGreaterThan(1);
    expect((await bo.run(['audit', 'export', '--format', 'pdf'])).code).toBe(2);
  });

  test('is found whole, and broken where somebody changed it', async () => {
    expect((await bo.run(['audit', 'verify'])).out).toMatch(/^The audit is whole: \d+ rows/);
    const { knex } = ops.hub.database;
    await knex.raw('alter table hub.audit disable trigger all');
    await knex('hub.audit').where({ action: 'channel.limit', outcome: 'done' }).update({ reason: 'nothing' });
    const broken = await bo.run(['audit', 'verify', '--json']);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ type: 'broken' });
    await knex('hub.audit')
      .where({ action: 'channel.limit', outcome: 'done' })
      .update({ reason: 'slow today' });
    await knex.raw('alter table hub.audit enable trigger all');
    expect(await bo.json(['audit', 'verify'])).toMatchObject({ type: 'whole' });
  });
});

describe('the programs of the hub', () => {
  test('run under the same command, with their own help, options and exit codes', async () => {
    const env = { DATABASE_URL: ops.hub.database.url };
    expect((await ada.run(['migrate'], { env })).code).toBe(0);
    expect((await ada.run(['operators', 'list', '--json'], { env })).out).toContain('"name":"ada"');
    expect((await ada.run(['keys', 'list'], { env })).code).toBe(0);
    expect((await ada.run(['keys', 'lst'], { env })).code).toBe(2);
    for (const name of ['api', 'relay', 'worker', 'console', 'import']) {
      const help = await ada.run([name, '--help']);
      expect([name, help.code]).toEqual([name, 0]);
      expect(help.out).toContain('--');
    }
    expect(await ada.run(['simulate', '--rules', 'none'])).toMatchObject({ code: 2, out: '' });
    expect((await ada.run(['api', '--port', 'x'], { env })).err).toContain('HUB_CONFIG_INVALID');
  }, 60_000);
});

describe('the shell', () => {
  test.each(['bash', 'zsh', 'fish'])('of kind %s is told how to complete', async (shell) => {
    const { code, out } = await ada.run(['complete', shell]);
    expect(code).toBe(0);
    expect(out).toContain('points-hub');
    if (shell === 'bash') expect(spawnSync('bash', ['-n'], { input: out }).status).toBe(0);
  });

  test('completes commands, options and choices', async () => {
    const complete = async (...words: readonly string[]): Promise<string> =>
      (await ada.run(['complete', '--', ...words])).out;
    const wordsOf = (out: string): string[] => out.split('\n').flatMap((line) => line.split('\t', 1));
    expect(wordsOf(await complete('cases', 're'))).toEqual(
      expect.arrayContaining(['retry', 'resolve', 'restore']),
    );
    expect(wordsOf(await complete('replay', 'start', '--'))).toEqual(
      expect.arrayContaining(['--yes', '--watch']),
    );
    expect(await complete('compensation', 'request', '--kind', '')).toContain('mark_undone');
  });
});
