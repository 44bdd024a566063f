import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { runCertify, type Terminal } from './command.ts';
import { playShape, type PlayedChannel } from './shapes/shape.ts';
import { SQUARE_LOYALTY } from './shapes/square-loyalty.ts';

const SQUARE = fileURLToPath(new URL('../declarative/descriptions/square-loyalty.yaml', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('./documents/square-loyalty.yaml', import.meta.url));
const { member } = SQUARE_LOYALTY;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certify-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let printed: string[];
let asked: string[];
beforeEach(() => {
  printed = [];
  asked = [];
});
const terminal = (answer?: string): Terminal => ({
  print: (text) => printed.push(text),
  ask:
    answer === undefined
      ? undefined
      : (question) => {
          asked.push(question);
          return Promise.resolve(answer);
        },
});

describe('against the sandbox', () => {
  test('a description is certified with secrets that are made up', async () => {
    expect(await runCertify([SQUARE], {}, terminal())).toBe(0);
    expect(printed.join('\n')).toMatch(/C11 +passed[^]*requests and answers are as Square Loyalty 2\.0 says/);
  });

  test('an exchange that is not as the document says fails it, and is told', async () => {
    const file = join(folder, 'narrow.yaml');
    writeFileSync(file, readFileSync(DOCUMENT, 'utf8').replace('maximum: 30', 'maximum: 5'));
    expect(await runCertify([SQUARE, '--json', '--document', file], {}, terminal())).toBe(1);
    const { documented } = JSON.parse(printed[0] ?? '') as { documented: { faults: string[] } };
    expect(documented.faults).toEqual(['POST /v2/loyalty/events/search: the request /limit must be <= 5']);
  });

  test.each([
    [[], /^npm run certify -- /],
    [['a.yaml', 'b.yaml'], /^npm run certify -- /],
    [[SQUARE, '--against', 'production'], /^npm run certify -- /],
    [[SQUARE, '--against', 'test-environment'], /needs --member/],
    [[SQUARE, '--document', SQUARE], /is no OpenAPI 3 document/],
    [['/nowhere.yaml'], /ENOENT.*nowhere/],
  ])('%j cannot be tried', async (args, message) => {
    await expect(runCertify(args, {}, terminal('y'))).rejects.toThrow(message);
    expect(printed).toEqual([]);
  });

  test('an API that it does not speak is told with what to do', async () => {
    const file = join(folder, 'other.yaml');
    writeFileSync(file, readFileSync(SQUARE, 'utf8').replaceAll('/adjust', '/other'));
    await expect(runCertify([file], {}, terminal())).rejects.toThrow(/try --against test-environment/);
  });
});

describe('against the channel’s own test environment', () => {
  let played: PlayedChannel;
  let env: Record<string, string>;
  const args = [SQUARE, '--against', 'test-environment', '--member', member];
  beforeEach(async () => {
    played = await playShape(SQUARE_LOYALTY, 0);
    env = {
      SQUARE_URL: played.origin,
      SQUARE_ACCESS_TOKEN: 'acc3ss',
      SQUARE_NOTIFICATION_URL: 'https://hub.example/v1/callbacks/square',
      SQUARE_SIGNATURE_KEY: 's1gnature',
      // Stands in every answer, and is no secret of the channel's.
      SHLVL: '1',
    };
  });
  afterEach(() => played.close());

  test('a member of one’s own is spent from after a yes, and few points', async () => {
    expect(await runCertify([...args, '--document', DOCUMENT], env, terminal('y'))).toBe(0);
    expect(asked[0]).toContain(`points of ${member}, who has 1000, at ${played.origin}`);
    expect(printed.join('\n')).toContain('against its test environment');
    const spent = (await played.moved()).toNumber();
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThan(300);
    expect(printed.at(-1)).toContain(`${member} has ${1_000 - spent} points now`);
  });

  test.each([
    ['n', 'Nothing was sent.'],
    ['', 'Nothing was sent.'],
    [undefined, 'say --yes to agree'],
  ])('after %j nothing is deducted', async (answer, message) => {
    await expect(runCertify(args, env, terminal(answer))).rejects.toThrow(message);
    expect((await played.moved()).toNumber()).toBe(0);
  });

  test('a secret that is not set is told by its name', async () => {
    const { SQUARE_ACCESS_TOKEN: _, ...rest } = env;
    await expect(runCertify([...args, '--yes'], rest, terminal())).rejects.toThrow(
      'environment variable SQUARE_ACCESS_TOKEN is not set',
    );
  });

  test('a member that is not known, or that is out of reach, is told with what the channel said', async () => {
    const stranger = [...args.slice(0, -1), SQUARE_LOYALTY.stranger ?? ''];
    await expect(runCertify(stranger, env, terminal('y'))).rejects.toThrow(
      /rejected, member_unknown, HTTP 404/,
    );
    const away = { ...env, SQUARE_URL: 'http://127.0.0.1:1' };
    await expect(runCertify(args, away, terminal('y'))).rejects.toThrow(
      /not_sent, connect_failed, ECONNREFUSED/,
    );
  });

  test('a member with more than a mistake may cost is refused', async () => {
    const rich = { ...SQUARE_LOYALTY, answer: () => RICH };
    const other = await playShape(rich, 0);
    try {
      const attempt = runCertify([...args, '--yes'], { ...env, SQUARE_URL: other.origin }, terminal());
      await expect(attempt).rejects.toThrow(
        /has 1000000 points; take a test member of your own with 300 to 10000/,
      );
    } finally {
      await other.close();
    }
  });
});

const RICH = { status: 200, body: { loyalty_account: { id: member, program_id: 'p1', balance: 1_000_000 } } };
