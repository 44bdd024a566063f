import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const folders = ['adapters', 'bench', 'cli', 'dev', 'dlq-console', 'hub', 'outbox'];

/** One file per rule that breaks it; the rest is what those files import. */
const breaches: Readonly<Record<string, readonly [file: string, source: string]>> = {
  'no-cycles': ['outbox/circle-other.ts', "import './circle.ts';"],
  'no-unresolvable': ['outbox/nowhere.ts', "import './missing.ts';"],
  'declared-packages-only': ['outbox/undeclared.ts', "import 'yaml';"],
  'console-through-operations': ['dlq-console/shortcut.ts', "import '../hub/store/orders.ts';"],
  'page-runs-in-browsers': ['dlq-console/page/src/server.ts', "import '../../shortcut.ts';"],
  'console-knows-no-broker-or-database': ['dlq-console/sql.ts', "import type { Client } from 'pg';"],
  'command-line-over-http': ['cli/database.ts', "import '../hub/store/orders.ts';"],
  'command-line-is-no-library': ['dlq-console/terminal.ts', "import '../cli/exit-codes.ts';"],
  'hub-not-upwards': ['hub/upwards.ts', "import '../dlq-console/page.ts';"],
  'hub-through-front-doors': ['hub/back-door.ts', "import '../outbox/deep.ts';"],
  'adapters-know-only-http': ['adapters/fate.ts', "import '@points-hub/outbox';"],
  'outbox-stands-alone': ['outbox/points.ts', "import { Decimal } from 'decimal.js';"],
  'core-is-pure': ['hub/core/clock.ts', "import { performance } from 'node:perf_hooks';"],
  'core-knows-only-outcomes': ['hub/core/rows.ts', "import type { Row } from '../store/orders.ts';"],
  'sql-in-the-store-only': ['hub/settlement/sql.ts', "import { Client } from 'pg';"],
  'rabbitmq-behind-the-port': ['hub/settlement/queue.ts', "import type { Channel } from 'amqplib';"],
  'sandbox-shares-nothing-with-the-hub': ['adapters/sandbox/sums.ts', "import '../../hub/store/orders.ts';"],
  'sandbox-judges-by-itself': ['adapters/sandbox/amounts.ts', "export * from '../index.ts';"],
  'adapters-call-no-sandbox': ['adapters/pretend.ts', "export const door = import('./sandbox/amounts.ts');"],
  'dev-is-for-development': ['hub/demo.ts', "import '../dev/ports.ts';"],
  'bench-measures-from-outside': ['dev/measure.ts', "import '../bench/statistics.ts';"],
  'testing-is-for-tests': ['hub/fake.ts', "import './testing/fake-remote.ts';"],
  'tests-are-nobodys-library': ['outbox/reuse.ts', "import './some.test.ts';"],
};

const harmless: readonly (readonly [file: string, source: string])[] = [
  ['outbox/circle.ts', "import './circle-other.ts';"],
  ['outbox/index.ts', 'export type Connection = string;'],
  ['outbox/deep.ts', 'export {};'],
  ['outbox/some.test.ts', 'export {};'],
  ['adapters/index.ts', 'export type Outcome = string;'],
  ['dlq-console/page.ts', 'export {};'],
  ['hub/errors.ts', 'export {};'],
  ['cli/exit-codes.ts', "import '../hub/errors.ts';"],
  ['hub/store/orders.ts', "import { Client } from 'pg'; export type Row = Client;"],
  [
    'hub/core/order.ts',
    "import type { Outcome } from '@points-hub/adapters'; import { Decimal } from 'decimal.js';",
  ],
  [
    'hub/intake.ts',
    "import type { Knex } from 'knex'; import type { Connection } from '@points-hub/outbox';",
  ],
  ['hub/intake.test.ts', "import '../dev/ports.ts'; import { Client } from 'pg';"],
  ['hub/testing/fake-remote.ts', "import '../../adapters/sandbox/books.ts';"],
  ['adapters/sandbox/books.ts', 'export {};'],
  ['dev/ports.ts', 'export {};'],
  ['bench/statistics.ts', 'export {};'],
  ['bench/stand.ts', "import '../dev/ports.ts'; import '../hub/store/orders.ts';"],
];

describe('the walls between the folders', () => {
  let folder: string;
  let broken: Set<string>;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'points-hub-walls-')));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [file, source] of [...Object.values(breaches), ...harmless]) write(file, source);
    for (const name of folders) {
      const packages = ['pg', 'knex', 'decimal.js', 'amqplib', '@points-hub/outbox', '@points-hub/adapters'];
      write(
        `${name}/package.json`,
        JSON.stringify({
          name: `@points-hub/${name}`,
          type: 'module',
          exports: { '.': './index.ts' },
          dependencies: Object.fromEntries(packages.map((one) => [one, '*'])),
        }),
      );
      link(join(folder, name), `node_modules/@points-hub/${name}`);
    }
    for (const name of ['pg', 'knex', 'decimal.js', 'amqplib', 'yaml']) {
      write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
      );
      write(`node_modules/${name}/index.js`, '');
    }
    broken = await check(folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function write(file: string, source: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }

  function link(target: string, file: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    symlinkSync(target, join(folder, file));
  }

  test.each(Object.entries(breaches))('%s is broken by %j', (rule, [file]) => {
    expect([...broken]).toContain(`${rule} ${file}`);
  });

  test('files that respect them are left in peace', () => {
    const files = new Set([...broken].map((line) => line.split(' ')[1]));
    for (const [file] of harmless) expect(files).not.toContain(file);
  });

  test('every rule is proven here and says why', async () => {
    const { default: config } = (await import(join(root, '.dependency-cruiser.mjs'))) as {
      default: { forbidden: { name: string; comment: string }[] };
    };
    expect(config.forbidden.map(({ name }) => name).toSorted()).toEqual(Object.keys(breaches).toSorted());
    for (const { comment } of config.forbidden) expect(comment.length).toBeGreaterThan(40);
  });
});

/** `RULE FILE` for each breach that dependency-cruiser finds with the project's own rules. */
async function check(folder: string): Promise<Set<string>> {
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--config', config, '--output-type', 'json', ...folders],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  );
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`));
}
