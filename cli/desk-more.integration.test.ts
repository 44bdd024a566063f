/** Users revealed, cases taken along, requests withdrawn, thresholds and a channel certified, by the real command. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from '../dlq-console/testing/console-under-test.ts';
import type { Person } from '../dlq-console/testing/person.ts';
import { cliUnderTest, type CliUnderTest } from './testing/cli-under-test.ts';

let ops: ConsoleUnderTest;
let ada: CliUnderTest;
let root: CliUnderTest;
let rootHimself: Person;
let id: string;

beforeAll(async () => {
  ops = await consoleUnderTest();
  rootHimself = await ops.person('root', ['admin']);
  ada = await signedIn(ops.ada);
  root = await signedIn(rootHimself);
  const never = { takesEffect: false, status: 200, body: () => ({}) };
  ops.twist({ on: /\/channels\/airmiles/, ...never });
  const deductions = [{ channel: 'airmiles', points: '5', memberRef: 'AM-4711-0042' }];
  await ops.hub.place({ orderId: 'o-1', userId: 'eve@example.com', deductions });
  const [opened] = await ops.opened(1);
  id = opened?.id ?? '';
}, 60_000);
afterAll(async () => {
  ada.close();
  root.close();
  await ops.close();
});

async function signedIn({ name, password }: Person): Promise<CliUnderTest> {
  const made = cliUnderTest({ HUB_OPS_URL: ops.line.url.replace('/ops/v1', '') });
  const { code, err } = await made.run(['login', '--name', name, '--password-stdin'], { input: password });
  if (code !== 0) throw new Error(`${name} could not sign in: ${err}`);
  return made;
}

const reveals = async (): Promise<number> =>
  (await ops.audit()).filter(({ action, outcome }) => action === 'case.reveal' && outcome === 'done').length;

describe('the user of a case', () => {
  test('is masked until there is a reason to see him', async () => {
    const masked = await ada.run(['cases', 'show', id]);
    expect(masked.out).toMatch(/user +•••/);
    expect(masked.out).not.toContain('eve@');
    const shown = await ada.run(['cases', 'show', id, '--reveal', '--reason', 'he called']);
    expect(shown.out).toMatch(/user +eve@example\.com\nmember +AM-4711-0042/);
    expect((await ops.audit()).at(-1)).toMatchObject({ via: 'cli', reason: 'he called' });
    const view = await ada.json(['cases', 'show', id, '--reveal', '--reason', 'again']);
    expect(view).toMatchObject({ id, user: '•••', revealed: { userId: 'eve@example.com' } });
    expect(await reveals()).toBe(2);
  });

  test.each([
    ['without a reason', ['--reveal']],
    ['where only a reason is given', ['--reason', 'r']],
  ])('is not asked for %s', async (_, options) => {
    const before = await reveals();
    expect(await ada.run(['cases', 'show', id, ...options])).toMatchObject({ code: 2, out: '' });
    expect(await reveals()).toBe(before);
  });

  test('is shown to nobody who may not see him', async () => {
    const denied = await root.run(['cases', 'show', id, '--reveal', '--reason', 'r']);
    expect(denied).toMatchObject({ code: 2, out: '' });
    expect(denied.err).toContain('HUB_SCOPE_TOO_SMALL');
  });
});

describe('cases', () => {
  test('are taken along to a new file, or to a program', async () => {
    const file = join(ada.configHome, 'cases.csv');
    const toFile = ['cases', 'export', '--format', 'csv', '--channel', 'airmiles', '--output', file];
    expect(await ada.run(toFile)).toMatchObject({ code: 0, out: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text.startsWith('\u{feff}"id","state"')).toBe(true);
    expect(text).toContain('"o-1"');
    const piped = await ada.run(['cases', 'export', '--format', 'csv', '--channel', 'airmiles']);
    expect(piped.out.replace('\u{feff}', '')).toBe(text.replace('\u{feff}', ''));
    const lines = await ada.run(['cases', 'export', '--user', 'eve@example.com']);
    expect(JSON.parse(lines.out)).toMatchObject({ id, orderId: 'o-1' });
  });

  test('overwrite nothing, and leave nothing behind where they are refused', async () => {
    const file = join(ada.configHome, 'mine.csv');
    writeFileSync(file, 'mine');
    const refused = await ada.run(['cases', 'export', '--output', file]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const other = join(ada.configHome, 'other.csv');
    const wrong = await ada.run(['cases', 'export', '--state', 'gone', '--output', other]);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect([other, `${other}.part`].some((one) => existsSync(one))).toBe(false);
  });
});

test('a request is withdrawn by who asked, once', async () => {
  const why = ['--reason-code', 'MISTAKE', '--reason', 'r', '--evidence', 'e'];
  const made = await ada.json(['compensation', 'request', id, '--kind', 'mark_undone', ...why]);
  const withdraw = ['compensation', 'withdraw', String(made['id']), '--reason', 'too soon'];
  const other = await signedIn(await ops.person('olga', ['operator']));
  expect(await other.run(withdraw)).toMatchObject({ code: 2, out: '' });
  other.close();
  expect(await ada.json(withdraw)).toMatchObject({ state: 'withdrawn', decidedBy: 'ada' });
  expect(await ada.run(withdraw)).toMatchObject({ code: 3, out: '' });
});

test('a threshold is set by an admin who proves that he is the one, and shown to everybody', async () => {
  const set = ['compensation', 'threshold', 'airmiles', '50', '--reason', 'finance', '--password-stdin'];
  const input = rootHimself.password;
  expect((await root.run(set, { input: 'not his password' })).err).toContain('HUB_SIGN_IN_FAILED');
  expect((await ada.run(set, { input: ops.ada.password })).err).toContain('HUB_FORBIDDEN');
  expect((await ada.run(['compensation', 'thresholds'])).out).toContain('takes two people');
  expect((await root.run(set, { input })).out).toMatch(/airmiles +50 +root/);
  expect(
    (await ops.audit()).filter(({ action }) => action === 'compensation.threshold').at(-1),
  ).toMatchObject({
    outcome: 'done',
    reason: 'finance',
    via: 'cli',
  });
  expect(await ada.json(['compensation', 'thresholds'])).toMatchObject({
    thresholds: [{ channel: 'airmiles', pointsMax: '50', setBy: 'root' }],
  });
  const none = set.map((word) => (word === '50' ? 'none' : word));
  expect(await root.json(none, { input })).toEqual({ thresholds: [] });
});

test('a channel is certified under the same command', async () => {
  const file = join(import.meta.dirname, '../dev/config/channels/airmiles.yaml');
  const { code, out } = await ada.run(['certify', file]);
  expect(out).toMatch(/\d+ passed, 0 failed/);
  expect(code).toBe(0);
  expect(await ada.run(['certify'])).toMatchObject({ code: 2, out: '' });
}, 60_000);

test('who leaves everywhere has no token and no session left', async () => {
  const zoe = await ops.person('zoe', ['viewer']);
  const [here, there] = [await signedIn(zoe), await signedIn(zoe)];
  expect((await here.run(['logout', '--everywhere'])).out).toContain('every token and session of yours');
  expect((await there.run(['whoami'])).err).toContain('HUB_ACCESS_TOKEN_WRONG');
  expect((await zoe.ask('GET', '/me')).status).toBe(401);
  expect((await ada.run(['whoami'])).code).toBe(0);
  here.close();
  there.close();
});
