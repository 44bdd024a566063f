/**
 * `npm run simulate -- [--seeds N] [--seed FIRST] [--minutes M] [--trace]`: runs one simulated world per seed and stops
 * at the first finding. `docs/simulation.md` says what is simulated and audited.
 */
import { parseArgs } from 'node:util';
import { Coverage } from '../hub/simulation/coverage.ts';
import { ruleSets, type RuleSet } from '../hub/simulation/rules.ts';
import { simulate, type SeedResult } from '../hub/simulation/simulation.ts';

const usage = 'npm run simulate -- [--seeds N] [--seed FIRST] [--minutes M] [--trace] [--rules all|books]';

interface Wanted {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly untilMs: number;
  readonly trace: boolean;
  readonly rules: RuleSet;
}

const wanted = readArguments();
const startedAtMs = performance.now();
const coverage = new Coverage();
let red: SeedResult | undefined;

for (
  let count = 0;
  count < wanted.seeds && performance.now() < wanted.untilMs && red === undefined;
  count += 1
) {
  const seed = wanted.firstSeed + count;
  const result = await simulate(seed, {
    rules: wanted.rules,
    ...(wanted.trace ? { print: (line) => console.log(line) } : {}),
  });
  coverage.add(result);
  if (result.finding !== undefined) red = result;
  if (wanted.trace) console.log(`event log ${result.hash}`);
}
process.exitCode = report(red, coverage);

function report(found: SeedResult | undefined, { seeds, orders, stuck, things }: Coverage): number {
  const seconds = (performance.now() - startedAtMs) / 1_000;
  if (found?.finding !== undefined) {
    const { seed, finding } = found;
    console.log(`RED at seed ${seed} after ${finding.atMs} simulated ms: ${finding.rule}`);
    console.log(`  ${finding.detail}`);
    console.log(`  replay it: npm run simulate -- --seed ${seed} --seeds 1 --trace`);
    return 1;
  }
  if (seeds > 1) for (const line of coverage.lines()) console.log(line);
  const rate = Math.round(orders / seconds);
  const { user, system } = process.cpuUsage();
  const ratePerCpuSecond = Math.round((orders * 1e6) / (user + system));
  console.log(
    `${seeds} seeds from ${wanted.firstSeed}, ${orders} orders, ${things} events in ${seconds.toFixed(1)} s (${rate} orders/s, ${ratePerCpuSecond} per second of CPU); ` +
      `${stuck} wait for a person`,
  );
  const missing = coverage.missing();
  if (missing.length > 0) console.log(`RED: never met: ${missing.join(', ')}`);
  if (coverage.hasTooManyStuck())
    console.log('RED: more orders wait for a person than their channels explain');
  return missing.length > 0 || coverage.hasTooManyStuck() ? 1 : 0;
}

function readArguments(): Wanted {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        trace: { type: 'boolean', default: false },
        rules: { type: 'string', default: 'all' },
      },
    });
    const minutes = values.minutes === undefined ? Infinity : numberOf(values.minutes);
    const rules = ruleSets.find((set) => set === values.rules);
    if (rules === undefined) throw new Error(`--rules takes ${ruleSets.join(' or ')}`);
    return {
      firstSeed: numberOf(values.seed),
      seeds: values.seeds === undefined ? (minutes === Infinity ? 100 : Infinity) : numberOf(values.seeds),
      untilMs: performance.now() + minutes * 6e4,
      trace: values.trace,
      rules,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: ${usage}`);
    process.exit(2);
  }
}

function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is no whole number`);
  return Number(text);
}
