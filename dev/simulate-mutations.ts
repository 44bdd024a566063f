/**
 * `npm run simulate:mutations [-- WORD]`: takes one rule of settlement away at a time, in a patched copy, and shows that
 * the simulation turns red. WORD picks the rules whose name contains it. Without it the table that comes of it is
 * written into docs/simulation.md.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { patchedCopy } from './mutations/patched-copy.ts';
import type { Mutation } from './mutations/mutation.ts';
import { mutations } from './mutations/rules.ts';

/** A rule that is missed no sooner is not proven. */
const seedsMax = 1_000;
/** So far the remotes' own books are looked at besides: many rules are about other things than points. */
const bookSeedsMax = 200;
/** A mutant that neither ends nor is found counts as not found; a busy machine is given time. */
const timeoutMs = 600_000;
const run = promisify(execFile);
const page = join(import.meta.dirname, '../docs/simulation.md');
const [begin, end] = ['<!-- mutations: begin -->', '<!-- mutations: end -->'];

interface Row {
  readonly rule: string;
  /** The first seed at which anything is found, and what. */
  readonly first: Red | undefined;
  /** The first seed at which the remotes' own books are wrong. */
  readonly books: Red | undefined;
}

interface Red {
  readonly seed: number;
  readonly finding: string;
}

const [word = ''] = process.argv.slice(2);
const rows: Row[] = [];
for (const mutation of mutations.filter(({ rule }) => rule.includes(word))) {
  const row = await mutate(mutation);
  rows.push(row);
  console.log(lineOf(row));
}
if (word === '') await writeTable(rows);
const green = rows.filter(({ first }) => first === undefined);
console.log(`${rows.length - green.length} of ${rows.length} rules are missed within ${seedsMax} seeds`);
process.exitCode = green.length === 0 && rows.length > 0 ? 0 : 1;

async function mutate({ rule, patches }: Mutation): Promise<Row> {
  const copy = patchedCopy(patches);
  try {
    const [first, books] = await Promise.all([
      simulated(copy.folder, 'all', seedsMax),
      simulated(copy.folder, 'books', bookSeedsMax),
    ]);
    return { rule, first, books };
  } finally {
    copy.remove();
  }
}

async function simulated(folder: string, rules: 'all' | 'books', seeds: number): Promise<Red | undefined> {
  const args = [join(folder, 'dev/simulate.ts'), '--seeds', String(seeds), '--rules', rules];
  const output = await run(process.execPath, args, { timeout: timeoutMs }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout?: string; readonly stderr?: string; readonly killed?: boolean }) => {
      if (error.killed !== true && !/^RED/m.test(error.stdout ?? ''))
        throw new Error(`a mutant did not run: ${error.stderr}`, { cause: error });
      return error.stdout ?? '';
    },
  );
  const found = /^RED at seed (\d+) after \d+ simulated ms: (.*)$/m.exec(output);
  return found === null ? undefined : { seed: Number(found[1]), finding: found[2] ?? '' };
}

function lineOf({ rule, first, books }: Row): string {
  const words = (red: Red | undefined): string =>
    red === undefined ? 'never' : `${red.seed} (${red.finding})`;
  return `| ${rule} | ${words(first)} | ${words(books)} |`;
}

/** Replaces what stands between the two marks of the page. */
async function writeTable(all: readonly Row[]): Promise<void> {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no marks for the table`);
  const head = [
    `| without | first red seed, of ${seedsMax} | first seed with wrong books, of ${bookSeedsMax} |`,
    '| --- | --- | --- |',
  ];
  const table = [...head, ...all.map(lineOf)].join('\n');
  const options = await resolveConfig(page);
  const written = `${before}${begin}\n\n${table}\n\n${end}${after}`;
  writeFileSync(page, await format(written, { ...options, filepath: page }));
}
