/**
 * `npm run certify -- path/to/channel.yaml [--json] [--against sandbox|test-environment] [--member REF]`: tries a
 * channel's adapter for every behaviour that its capabilities imply. Exit code 1 if one is missing, 2 if it cannot be
 * tried.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { readChannelDescription } from '../channel-description.ts';
import { certify } from './certify.ts';
import { environmentFor } from './environment.ts';
import { isCertified, writeTable } from './report.ts';
import { playerOf } from './shapes/index.ts';
import { testEnvironmentOf } from './shapes/test-environment.ts';

const usage =
  'npm run certify -- path/to/channel.yaml [--json] [--against sandbox|test-environment] [--member REF]';

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      against: { type: 'string', default: 'sandbox' },
      member: { type: 'string' },
    },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0 || !['sandbox', 'test-environment'].includes(values.against)) {
    throw new Error(usage);
  }
  const text = readFileSync(path, 'utf8');
  const description = readChannelDescription(text, path);
  const isSandbox = values.against === 'sandbox';
  const given = process.env;
  if (!isSandbox && values.member === undefined) {
    throw new Error(`--against test-environment needs --member, whose points may be spent\n${usage}`);
  }
  const env = isSandbox
    ? environmentFor(text, given)
    : Object.fromEntries(
        Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
  const play = isSandbox ? playerOf(description) : testEnvironmentOf(description, env, values.member ?? '');
  if (play === undefined) {
    throw new Error(
      'the sandbox does not speak this API; try --against test-environment, or add a shape to adapters/certification/shapes',
    );
  }
  const certification = await certify({ description, play, env, atOnce: isSandbox ? 8 : 1 });
  console.log(values.json ? JSON.stringify(certification, undefined, 2) : writeTable(certification));
  return isCertified(certification) ? 0 : 1;
}
