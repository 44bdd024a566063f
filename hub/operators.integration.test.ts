import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { hashToken } from './operations/people/secrets.ts';
import { migrateHub } from './store/migrate.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrateHub(database.knex);
});
afterAll(() => database.drop());

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a person does. */
function operators(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: database.url, ...more };
  return new Promise((resolve) => {
    const file = join(import.meta.dirname, 'operators.ts');
    execFile(process.execPath, [file, ...args], { env }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function linkHashes(): Promise<readonly string[]> {
  const rows = await database.knex<{ token_hash: Buffer }>('hub.one_time_links');
  return rows.map(({ token_hash: hash }) => hash.toString('hex'));
}

describe('the first admin', () => {
  test('is made without a password, by a token that is shown once; the database has only its hash', async () => {
    expect(await database.knex('hub.operators')).toEqual([]);
    const { exitCode, stdout } = await operators(['invite', 'Grace', '--roles', 'admin']);
    expect(exitCode).toBe(0);
    const [token = ''] = stdout.split('\n');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await linkHashes()).toEqual([hashToken(token).toString('hex')]);
    expect(await database.knex('hub.credentials')).toEqual([]);
    expect(await database.knex('hub.operators')).toMatchObject([
      { name: 'Grace', roles: ['admin'], origin: 'local' },
    ]);
    expect(await database.knex('hub.audit')).toMatchObject([
      { action: 'operator.invite', via: 'cli', operator_id: null, actor: expect.stringContaining(' on ') },
    ]);
  });

  test('gets another one when it is lost, as a link where the console has an address', async () => {
    const [before] = await linkHashes();
    const { stdout } = await operators(['reset', 'grace', '--json'], {
      HUB_CONSOLE_URL: 'https://ops.example.com',
    });
    const { link, token } = JSON.parse(stdout) as { link: string; token: string };
    expect(link).toBe(`https://ops.example.com/#/welcome/${token}`);
    expect(await linkHashes()).toEqual([hashToken(token).toString('hex')]);
    expect(await linkHashes()).not.toContain(before);
  });

  test('is listed', async () => {
    expect((await operators(['list'])).stdout).toMatch(/Grace\tadmin\tactive/);
  });
});

test.each([
  ['no command', [], 'HUB_CONFIG_INVALID'],
  ['a command that there is not', ['delete', 'Grace'], 'HUB_CONFIG_INVALID'],
  ['no roles', ['invite', 'Heidi'], 'HUB_CONFIG_INVALID'],
  ['a role that there is not', ['invite', 'Heidi', '--roles', 'root'], 'HUB_CONFIG_INVALID'],
  ['roles that exclude each other', ['invite', 'Heidi', '--roles', 'admin,approver'], 'HUB_ROLES_INVALID'],
  ['a name that is taken', ['invite', 'GRACE', '--roles', 'viewer'], 'HUB_OPERATOR_TAKEN'],
  ['nobody', ['reset', 'Heidi'], 'HUB_OPERATOR_UNKNOWN'],
])('%s is refused with exit code 2', async (_, args, code) => {
  const { exitCode, stderr, stdout } = await operators(args);
  expect([exitCode, stdout, stderr.includes(code)]).toEqual([2, '', true]);
});

test('the audit is verified, and what was changed behind its back ends with exit code 1', async () => {
  const whole = await operators(['verify-audit']);
  expect(whole).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/whole: 2 rows.*[0-9a-f]{64}/) });
  await database.knex.raw('alter table hub.audit disable trigger audit_stays');
  await database.knex.raw(`update hub.audit set actor = 'somebody else' where id = 2`);
  const broken = await operators(['verify-audit', '--json']);
  expect(broken.exitCode).toBe(1);
  expect(JSON.parse(broken.stdout)).toMatchObject({ type: 'broken', firstBadId: '2' });
});
