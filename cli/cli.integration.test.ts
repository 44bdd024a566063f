/** The real command against a real console over a socket, on a real Postgres. */
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type ConsoleUnderTest } from '../dlq-console/testing/console-under-test.ts';
import type { Person } from '../dlq-console/testing/person.ts';
import { openDatabase } from '../hub/store/database.ts';
import { openMessageCase } from '../hub/store/message-cases.ts';
import { freePort } from '../dev/ports.ts';
import type { Twist } from '../dlq-console/testing/twisting-line.ts';
import { cliUnderTest, type CliUnderTest, type Ended } from './testing/cli-under-test.ts';

/** Answers of which nothing can be read open no breaker. */
const unreadable = { status: 200, body: () => ({}) };
const never: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

const escape = '\u001b';

let ops: ConsoleUnderTest;
let url: string;
let bo: Person;
let root: Person;
let cli: CliUnderTest;
let asBo: CliUnderTest;
let asRoot: CliUnderTest;
let orders = 0;

beforeAll(async () => {
  ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000', 'apart');
  url = ops.line.url.replace('/ops/v1', '');
  bo = await ops.person('bo', ['approver']);
  root = await ops.person('root', ['admin']);
  cli = await signedIn(ops.ada);
  asBo = await signedIn(bo);
  asRoot = await signedIn(root);
}, 60_000);
afterAll(async () => {
  for (const one of [cli, asBo, asRoot]) one.close();
  await ops.close();
}, 60_000);

async function signedIn({ name, password }: Person): Promise<CliUnderTest> {
  const made = cliUnderTest({ HUB_OPS_URL: url });
  const { code, err } = await made.run(['login', '--name', name, '--password-stdin'], {
    input: `${password}\n`,
  });
  if (code !== 0) throw new Error(`${name} could not sign in: ${err}`);
  return made;
}

/** So many cases about deductions that were never made. @returns their ids */
async function openCases(count: number, orderId = ''): Promise<readonly string[]> {
  ops.twist(never, mute);
  const placed: string[] = [];
  for (let index = 0; index < count; index += 1) {
    orders += 1;
    placed.push(`${orderId}o-${orders}`);
    const deductions = [{ channel: 'airmiles', points: '1.5' }];
    await ops.hub.place({ orderId: placed.at(-1) ?? '', userId: 'eve', deductions });
  }
  const opened = await eventually(
    `${count} more cases are open`,
    async () => {
      const { cases } = (await ops.ask('GET', '/cases?limit=200')).body as {
        cases: readonly { id: string; orderId: string }[];
      };
      const mine = cases.filter((one) => placed.includes(one.orderId));
      return mine.length === count && mine;
    },
    30_000,
  );
  return opened.map(({ id }) => id).toReversed();
}

/** @returns the id of its case */
async function deadMessage(): Promise<string> {
  const database = openDatabase({ url: ops.hub.database.url, applicationName: 'test', poolMax: 1 });
  try {
    const of = { cause: 'unreadable_message', error: 'not JSON', fingerprint: 'v1 unreadable' } as const;
    await openMessageCase(database, { key: 'dead', evidence: {}, ...of });
  } finally {
    await database.close();
  }
  const { cases } = (await ops.ask('GET', '/cases?cause=unreadable_message')).body as {
    cases: readonly { id: string }[];
  };
  return cases[0]?.id ?? '';
}

const channelIsBack = (): void => ops.twist();

describe('whoever signs in', () => {
  test('has a token of his own in a file that nobody else can read, until he signs out', async () => {
    const own = await signedIn(ops.ada);
    const file = join(own.configHome, 'points-hub', 'credentials.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(own.configHome, 'points-hub')).mode & 0o777).toBe(0o700);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { consoles: Record<string, { token: string }> };
    const token = kept.consoles[url]?.token ?? '';
    expect(token).toMatch(/^pht_/);
    expect(await own.json(['whoami'])).toMatchObject({
      name: 'ada',
      roles: ['operator'],
      proof: { type: 'token' },
    });
    expect((await own.run(['whoami'])).out).toMatch(/^you are\s+ada\nat\s+http:/);
    // He is found where he signed in last, without being told.
    expect((await own.run(['whoami'], { env: { HUB_OPS_URL: url } })).code).toBe(0);

    expect(await own.run(['logout'])).toMatchObject({ code: 0, err: '' });
    const after = await ops.line.send('GET', '/me', undefined, { authorization: `Bearer ${token}` });
    expect(after.body['code']).toBe('HUB_ACCESS_TOKEN_WRONG');
    expect(await own.run(['whoami'])).toMatchObject({ code: 2, out: '' });
    expect((await own.run(['logout'])).code).toBe(2);
    own.close();
  });

  test('leaves no session behind, and a token made elsewhere is as good', async () => {
    const { sessions } = (await ops.ask('GET', '/sessions')).body as { sessions: readonly unknown[] };
    expect(sessions).toHaveLength(1);
    const scopes = ['cases.read'];
    const made = (await ops.ask('POST', '/tokens', { name: 'elsewhere', scopes, days: 1 })).body;
    const token = String(made['token']);
    const other = cliUnderTest({});
    const kept = await other.run(['login', '--url', url, '--token-stdin'], { input: token });
    expect(kept).toMatchObject({ code: 0, err: '' });
    expect(kept.out).not.toContain(token);
    expect(await other.json(['whoami'])).toMatchObject({ permissions: scopes });
    const refused = await other.run(['cases', 'note', '1', 'text']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('HUB_SCOPE_TOO_SMALL');
    expect(refused.err).toContain('points-hub whoami');
    other.close();
  });

  test.each([
    ['with a wrong password', ['login', '--name', 'ada', '--password-stdin'], 'HUB_SIGN_IN_FAILED'],
    ['without saying who', ['login'], 'HUB_REQUEST_INVALID'],
    ['with what is no token', ['login', '--token', 'secret'], 'HUB_ACCESS_TOKEN_WRONG'],
    [
      'with a token of nobody',
      ['login', '--token', `pht_${'a'.repeat(12)}_${'b'.repeat(43)}`],
      'HUB_ACCESS_TOKEN_WRONG',
    ],
    ['where nobody can be asked', ['login', '--name', 'ada'], 'NOT_CONFIRMED'],
    [
      'over a line that others read',
      ['login', '--url', 'http://ops.example.com', '--name', 'ada', '--password-stdin'],
      'HUB_CONFIG_INVALID',
    ],
    ['nowhere', ['login', '--url', 'ops.example.com', '--name', 'ada'], 'HUB_CONFIG_INVALID'],
  ])('%s is refused, and nothing is kept', async (_how, args, code) => {
    const other = cliUnderTest({ HUB_OPS_URL: url });
    const ended = await other.run(args, { input: 'not his password\n' });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(`(${code})`);
    expect(existsSync(join(other.configHome, 'points-hub'))).toBe(false);
    other.close();
  });

  test('is told where his file can be read by others', async () => {
    const other = await signedIn(ops.ada);
    const file = join(other.configHome, 'points-hub', 'credentials.json');
    chmodSync(file, 0o644);
    const ended = await other.run(['whoami']);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('chmod 600');
    other.close();
  });
});

describe('a console that cannot be used', () => {
  test.each([
    ['is away', 'away', 1, 'HUB_UNAVAILABLE', 'Is the console running there?'],
    ['is something else', 'elsewhere', 2, 'HUB_ROUTE_UNKNOWN', 'the API of the mall is another one'],
  ])('%s: the command says so and what to do', async (_what, where, code, problem, cure) => {
    const HUB_OPS_URL = where === 'away' ? `http://127.0.0.1:${await freePort()}` : ops.hub.sandbox.url;
    const env = { HUB_OPS_URL, HUB_OPS_TOKEN: 'pht_x_y' };
    const ended = await cli.run(['cases', 'list'], { env });
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(problem);
    expect(ended.err).toContain(cure);
    const inJson = await cli.run(['cases', 'list', '--json'], { env });
    expect(JSON.parse(inJson.err)).toMatchObject({ code: problem, exitCode: code });
  });

  test('a wrong token is refused with what to do next', async () => {
    const ended = await cli.run(['cases', 'list'], { env: { HUB_OPS_TOKEN: 'pht_wrong_token' } });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('points-hub login');
  });
});

describe('cases', () => {
  test('are listed, shown and grouped, for people and for programs', async () => {
    const [id = ''] = await openCases(1);
    const listed = await cli.json(['cases', 'list', '--channel', 'airmiles']);
    expect(listed['cases']).toContainEqual(expect.objectContaining({ id, points: '1.5', state: 'open' }));
    const table = await cli.run(['cases', 'list']);
    expect(table.out).toMatch(/^\s*CASE {2}STATE /);
    expect(table.out).not.toContain(escape);
    expect(table.out).toContain('airmiles');
    expect((await cli.json(['cases', 'list', '--since', '1s', '--until', '1d']))['cases']).toEqual([]);
    expect((await cli.run(['cases', 'list', '--state', 'resolved'])).out).toBe('There are no such cases.\n');

    expect(await cli.json(['cases', 'show', id])).toEqual((await ops.ask('GET', `/cases/${id}`)).body);
    const shown = await cli.run(['cases', 'show', id]);
    expect(shown.out).toContain('attempts_used_up');
    expect(shown.out).toMatch(/attempt/);
    expect((await cli.json(['cases', 'groups']))['groups']).toContainEqual(
      expect.objectContaining({ cause: 'attempts_used_up', channels: ['airmiles'] }),
    );
    expect((await cli.run(['cases', 'groups'])).out).toContain('attempts_used_up');
  });

  test('come page after page', async () => {
    await openCases(3);
    const first = await cli.json(['cases', 'list', '--limit', '2']);
    const second = await cli.json(['cases', 'list', '--limit', '2', '--after', String(first['next'])]);
    const all = await cli.json(['cases', 'list', '--all']);
    const idsOf = ({ cases }: Readonly<Record<string, unknown>>): readonly string[] =>
      (cases as readonly { id: string }[]).map(({ id }) => id);
    expect(idsOf(all).slice(0, 4)).toEqual([...idsOf(first), ...idsOf(second)]);
    expect((await cli.run(['cases', 'list', '--limit', '2'])).err).toContain('--after');
  });

  test('take notes and claims, are looked up, ignored, restored and retried', async () => {
    const [id = ''] = await openCases(1);
    expect(await cli.json(['cases', 'note', id, 'called them'])).toMatchObject({ outcome: 'noted' });
    expect((await cli.run(['cases', 'claim', id])).out).toContain('claimed');
    expect((await cli.run(['cases', 'query-channel', id])).out).toContain('unknown');
    expect((await cli.run(['cases', 'ignore', id])).err).toContain("required option '--reason <text>'");
    expect(await cli.json(['cases', 'ignore', id, '--reason', 'known'])).toMatchObject({ state: 'ignored' });
    const again = await cli.run(['cases', 'ignore', id, '--reason', 'known']);
    expect(again.code).toBe(3);
    expect(again.err).toContain('HUB_CASE_CLOSED');
    expect(await cli.json(['cases', 'restore', id])).toMatchObject({ state: 'open' });
    channelIsBack();
    const retried = await cli.run(['cases', 'retry', id, '--reason', 'they are back']);
    expect(retried).toMatchObject({ code: 0, err: '' });
    expect(retried.out).toContain('under way');
    await ops.until(id, 'recovered');
    const deed = (await ops.audit()).filter(({ subject }) => subject === `case:${id}`).at(-1);
    expect(deed).toMatchObject({ actor: 'ada', via: 'cli', action: 'case.retry', reason: 'they are back' });
  });

  test('are resolved by one person where there is no leg, and by two where nothing bears it out', async () => {
    const [id = ''] = await openCases(1);
    const why = ['--reason', 'their statement', '--evidence', 'line 7'];
    const alone = await cli.run(['cases', 'resolve', id, '--took-effect', '1.5', ...why]);
    expect(alone).toMatchObject({ code: 2, out: '' });
    expect(alone.err).toContain('HUB_SECOND_PERSON_NEEDED');
    expect(alone.err).toContain('points-hub compensation request');
    const wrong = await cli.run(['cases', 'resolve', id, '--took-effect', '1.5e0', ...why]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('HUB_POINTS_INVALID');
    const both = await cli.run(['cases', 'resolve', id, '--took-effect', '1', '--no-effect', ...why]);
    expect(both.code).toBe(2);
    const none = await cli.run(['cases', 'resolve', id, '--no-effect', ...why]);
    expect(none.err).toContain('HUB_SECOND_PERSON_NEEDED');
    const dead = await deadMessage();
    expect(await cli.json(['cases', 'resolve', dead, ...why])).toMatchObject({ state: 'resolved' });
  });

  test('that changed since they were seen are left alone', async () => {
    const [id = ''] = await openCases(1);
    const { version } = (await cli.json(['cases', 'show', id])) as { version: number };
    expect((await cli.run(['cases', 'claim', id, '--if-version', String(version)])).code).toBe(0);
    const stale = await cli.run([
      'cases',
      'ignore',
      id,
      '--reason',
      'r',
      '--if-version',
      String(version),
      '--json',
    ]);
    expect(stale).toMatchObject({ code: 3, out: '' });
    expect(JSON.parse(stale.err)).toMatchObject({ code: 'HUB_CASE_CHANGED', exitCode: 3 });
    expect(await ops.read(id)).toMatchObject({ state: 'open', version: version + 1 });
  });

  test('many at once need somebody who means it, and some may fail', async () => {
    const ids = await openCases(2);
    const ignore = ['cases', 'ignore', ...ids, '--reason', 'known'];
    const unsure = await cli.run(ignore);
    expect(unsure.code).toBe(2);
    expect(unsure.err).toContain('--yes --expect-count 2');
    expect((await cli.run([...ignore, '--yes'])).code).toBe(2);
    expect((await cli.run([...ignore, '--yes', '--expect-count', '3'])).code).toBe(3);
    for (const id of ids) expect(await ops.read(id)).toMatchObject({ state: 'open' });
    const done = await cli.run([...ignore, '--yes', '--expect-count', '2', '--json']);
    expect(done.code).toBe(0);
    expect(linesOf(done)).toMatchObject(ids.map((caseId) => ({ caseId, done: { state: 'ignored' } })));
    const some = await cli.run([
      'cases',
      'restore',
      ...ids,
      '999999',
      '--yes',
      '--expect-count',
      '3',
      '--json',
    ]);
    expect(some.code).toBe(1);
    expect(linesOf(some).at(-1)).toMatchObject({ caseId: '999999', problem: { code: 'HUB_CASE_UNKNOWN' } });
    const none = await cli.run(['cases', 'restore', ...ids, '--yes', '--expect-count', '2']);
    expect(none.code).toBe(3);
  });

  test.each([
    [['cases', 'show', '999999'], 'HUB_CASE_UNKNOWN'],
    [['cases', 'show', '../operators'], 'HUB_CASE_UNKNOWN'],
    [['cases', 'list', '--state', 'lost'], 'HUB_REQUEST_INVALID'],
    [['cases', 'list', '--since', 'yesterday'], 'HUB_REQUEST_INVALID'],
    [['cases', 'retry', '1', '--if-version', 'x'], 'HUB_REQUEST_INVALID'],
    [['cases', 'claim', '1', '1'], 'HUB_REQUEST_INVALID'],
  ])('%j is refused as %s', async (args, code) => {
    const ended = await cli.run(args);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(code);
  });
});

function linesOf({ out }: Ended): readonly unknown[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('on a terminal', () => {
  test('the password and a yes are asked for', async () => {
    const other = cliUnderTest({ HUB_OPS_URL: url });
    const gone = await other.run(['login', '--name', 'ada'], {
      columns: 100,
      replies: [['Password of ada', '\u0003']],
    });
    expect(gone).toMatchObject({ code: 2 });
    const { password } = ops.ada;
    const signing = await other.run(['login', '--name', 'ada'], {
      columns: 100,
      replies: [['Password of ada', `${password}\r`]],
    });
    expect(signing).toMatchObject({ code: 0 });
    expect(signing.out).toContain('Password of ada');
    expect(signing.out).not.toContain(password);
    const ids = await openCases(2);
    const ignore = ['cases', 'ignore', ...ids, '--reason', 'known'];
    expect((await other.run(ignore, { columns: 100, replies: [['ignore 2 cases?', 'n']] })).code).toBe(2);
    for (const id of ids) expect(await ops.read(id)).toMatchObject({ state: 'open' });
    const done = await other.run(ignore, { columns: 100, replies: [['ignore 2 cases?', 'y']] });
    expect(done).toMatchObject({ code: 0 });
    for (const id of ids) expect(await ops.read(id)).toMatchObject({ state: 'ignored' });
    other.close();
  });

  test('there is colour, lines fit, and no text of a case acts on it', async () => {
    const [id = ''] = await openCases(1);
    await ops.hub.database
      .knex('hub.cases')
      .where({ id })
      .update({ error: `${escape}[2J${escape}]0;owned\u0007\u202egnp.exe${'x'.repeat(150)}` });
    const { code, out } = await cli.run(['cases', 'list'], { columns: 100 });
    expect(code).toBe(0);
    expect(out).toContain(`${escape}[33mopen`);
    const texts = out.replaceAll(/\p{Cc}\[\d+m/gu, '');
    expect(texts.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(texts).toContain('\\u{1b}[2J');
    for (const line of texts.split('\r\n')) expect(line.length).toBeLessThanOrEqual(100);
    const plain = await cli.run(['cases', 'list'], { columns: 100, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain(escape);
    const asJson = await cli.run(['cases', 'show', id, '--json']);
    expect(asJson.out.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect((JSON.parse(asJson.out) as { error: string }).error).toContain(`${escape}[2J`);
  });
});
