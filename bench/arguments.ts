import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sizesOf, type Sizes } from './sizes.ts';

export const scenarioNames = [
  'accept',
  'relay',
  'settle',
  'whole-way',
  'history',
  'scale-out',
  'isolation',
  'memory',
  'backlog',
  'desk',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** What one run of the benchmark is to do. */
export interface Plan {
  /** In the order in which they run. */
  readonly scenarios: readonly ScenarioName[];
  readonly sizes: Sizes;
  readonly isQuick: boolean;
  /** Absolute; plots are written beside it. */
  readonly outFile: string | undefined;
  /** Gets the hub's CPU profiles; absolute. */
  readonly profileFolder: string | undefined;
  /** Where the databases live while the run lasts; absolute, undefined: the system's temporary folder. */
  readonly dataFolder: string | undefined;
  /** Whether docs/performance.md gets the figures of this run. */
  readonly writesDocs: boolean;
}

export const usage = `npm run bench -- [options]

Measures the hub on this machine, beside the raw limits of the same machine in the same run. Starts a Postgres, a
RabbitMQ, a sandbox and the hub's processes of its own, and removes all of it again. A full run takes about two hours
and, with the scenario history, some 25 GB of disk, which is checked first.

  --only LIST      of ${scenarioNames.join(', ')}
  --quick          everything small, in less than two minutes: shows that it works, not how fast it is
  --out FILE.json  figures, machine and noise for programs; plots (SVG) beside it
  --docs           also write tables and plots into docs/performance.md; only for a full run
  --profile FOLDER CPU profiles of the hub's processes and the dearest statements; slows everything down
  --data FOLDER    where the databases live meanwhile; default the system's temporary folder

Exit code: 0 everything was measured and all books agree, whether the goals are met or not; 1 not; 2 the command is
wrong; 130 interrupted.`;

/** @throws TypeError that names the option at fault */
export function readArguments(args: readonly string[], workingFolder: string): Plan | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      docs: { type: 'boolean', default: false },
      profile: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { quick: isQuick, out, docs: writesDocs } = values;
  if (out !== undefined && !out.endsWith('.json')) throw new TypeError(`--out ${out}: must end in .json`);
  if (writesDocs && (isQuick || values.only !== undefined || values.profile !== undefined))
    throw new TypeError('--docs is for a full run: without --quick, --only and --profile');
  const absolute = (name: string, path: string | undefined): string | undefined => {
    if (path === '') throw new TypeError(`--${name} needs a path`);
    return path === undefined ? undefined : resolve(workingFolder, path);
  };
  return {
    scenarios: values.only === undefined ? scenarioNames : readScenarios(values.only),
    sizes: sizesOf(isQuick),
    isQuick,
    outFile: absolute('out', out),
    profileFolder: absolute('profile', values.profile),
    dataFolder: absolute('data', values.data),
    writesDocs,
  };
}

function readScenarios(list: string): readonly ScenarioName[] {
  const wanted = list.split(',');
  const unknown = wanted.filter((name) => !scenarioNames.some((known) => known === name));
  if (unknown.length > 0)
    throw new TypeError(
      `--only does not know "${unknown.join(', ')}"; there are ${scenarioNames.join(', ')}`,
    );
  return scenarioNames.filter((name) => wanted.includes(name));
}
