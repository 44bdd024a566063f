import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { isSecret, readApiKey } from './api-key.ts';
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
function keys(args: readonly string[], url: string | undefined = database.url): Promise<Ended> {
  const { DATABASE_URL: _ambient, ...environment } = process.env;
  const env = url === undefined ? environment : { ...environment, DATABASE_URL: url };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'keys.ts'), ...args],
      { env },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

describe('create', () => {
  test('makes the mall and prints a key once; the database has only its hash', async () => {
    const { exitCode, stdout } = await keys([
      'create',
      '--mall',
      'shop',
      '--name',
      'The shop',
      '--label',
      'web',
      '--rate',
      '7',
    ]);
    expect(exitCode).toBe(0);
    const presented = readApiKey(stdout.split('\n')[0] ?? '');
    const row: unknown = await database.knex('hub.api_keys').where({ id: presented?.keyId }).first();
    expect(row).toMatchObject({ mall_id: 'shop', label: 'web', rate_per_second: 7, revoked_at: null });
    expect(isSecret(presented?.secret ?? '', (row as { secret_hash: Buffer }).secret_hash)).toBe(true);
    expect(JSON.stringify(row)).not.toContain(presented?.secret);
    expect(await database.knex('hub.malls').where({ id: 'shop' }).first()).toMatchObject({
      name: 'The shop',
    });
  });

  test('speaks JSON, and gives an existing mall one more key', async () => {
    const first = JSON.parse((await keys(['create', '--mall', 'two', '--json'])).stdout) as Record<
      string,
      string
    >;
    const second = JSON.parse((await keys(['create', '--mall', 'two', '--json'])).stdout) as Record<
      string,
      string
    >;
    expect(first).toEqual({
      keyId: expect.any(String),
      mallId: 'two',
      apiKey: expect.stringMatching(/^ph_/),
    });
    expect(second['keyId']).not.toBe(first['keyId']);
  });
});

test('list shows every key and no secret; revoke ends one, again changes nothing', async () => {
  const { apiKey, keyId } = JSON.parse(
    (await keys(['create', '--mall', 'three', '--json'])).stdout,
  ) as Record<string, string>;
  const revoked = await keys(['revoke', keyId ?? '']);
  expect(revoked).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${keyId} is revoked since`),
  });
  expect((await keys(['revoke', keyId ?? ''])).stdout).toBe(revoked.stdout);
  const { stdout } = await keys(['list']);
  expect(stdout).toMatch(new RegExp(`^${keyId} +three .* revoked `, 'm'));
  expect(stdout).not.toContain(readApiKey(apiKey ?? '')?.secret);
  const listed = JSON.parse((await keys(['list', '--json'])).stdout) as Record<string, unknown>[];
  expect(listed.find((key) => key['keyId'] === keyId)).toMatchObject({
    mallId: 'three',
    revokedAt: expect.any(String),
  });
});

describe('a command that cannot be done says why, and its exit code tells whose fault it is', () => {
  test.each<[string, string[], number, string]>([
    ['no command', [], 2, 'HUB_CONFIG_INVALID'],
    ['an unknown command', ['delete'], 2, 'HUB_CONFIG_INVALID'],
    ['an unknown option', ['list', '--loud'], 2, 'HUB_CONFIG_INVALID'],
    ['create without a mall', ['create'], 2, 'HUB_CONFIG_INVALID'],
    ['a bad mall id', ['create', '--mall', 'My Mall'], 2, 'HUB_ID_INVALID'],
    ['a rate that is no number', ['create', '--mall', 'm', '--rate', 'fast'], 2, 'HUB_REQUEST_INVALID'],
    ['a rate of zero', ['create', '--mall', 'm', '--rate', '0'], 2, 'HUB_REQUEST_INVALID'],
    ['an unknown key', ['revoke', 'aaaaaaaaaaaa'], 2, 'HUB_API_KEY_UNKNOWN'],
    ['a database that is away', ['list', '--database', 'postgres://127.0.0.1:1/none'], 1, 'HUB_UNAVAILABLE'],
  ])('%s', async (_name, args, exitCode, code) => {
    const ended = await keys(args);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toMatch(new RegExp(`^${code}: `));
    expect(ended.stderr).not.toContain('    at ');
  });

  test('no database at all', async () => {
    expect(await keys(['list'], '')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('DATABASE_URL'),
    });
  });

  test('a database without the hub', async () => {
    const empty = await createTestDatabase();
    try {
      expect(await keys(['list'], empty.url)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('migrate'),
      });
    } finally {
      await empty.drop();
    }
  });

  test('help is no error', async () => {
    expect(await keys(['--help'], '')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('create --mall'),
    });
  });
});
