/**
 * `npm run bench`: how fast the hub is, against what this machine allows. docs/performance.md explains the method.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readArguments, usage, type Plan, type ScenarioName } from './arguments.ts';
import { checkDisk } from './disk-need.ts';
import { judge } from './goals.ts';
import { measureRawLimits } from './raw/limits.ts';
import { writeDocs } from './report/docs.ts';
import { describeMachine } from './report/machine.ts';
import { dearestStatements, profileSummary } from './report/profile.ts';
import { figureTable, goalTable, inColumns, machineInWords, rawTable, type Run } from './report/run.ts';
import { svgOf } from './report/svg.ts';
import { accept } from './scenarios/accept.ts';
import { backlog } from './scenarios/backlog.ts';
import { desk } from './scenarios/desk.ts';
import { history } from './scenarios/history.ts';
import { isolation } from './scenarios/isolation.ts';
import { memory } from './scenarios/memory.ts';
import { relay } from './scenarios/relay.ts';
import { scaleOut } from './scenarios/scale-out.ts';
import type { Plot, Scenario } from './scenarios/scenario.ts';
import { settle } from './scenarios/settle.ts';
import { wholeWay } from './scenarios/whole-way.ts';
import { openStand, type Stand } from './stand/stand.ts';

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  accept,
  relay,
  settle,
  'whole-way': wholeWay,
  history,
  'scale-out': scaleOut,
  isolation,
  memory,
  backlog,
  desk,
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.exit(await main());

async function main(): Promise<number> {
  let stand: Stand | undefined;
  const interrupted = interruption();
  try {
    // npm runs scripts in the project's folder; the person may stand in another one.
    const plan = readArguments(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
    if (plan === 'help') {
      say(usage);
      return 0;
    }
    checkDisk(plan, plan.dataFolder ?? tmpdir(), say);
    if (plan.profileFolder !== undefined) mkdirSync(plan.profileFolder, { recursive: true });
    say('Starting Postgres and RabbitMQ ...');
    const opening = openStand({ ...plan, say }).then((opened) => (stand = opened));
    const run = await Promise.race([opening.then((opened) => measure(opened, plan)), interrupted]);
    if (run === 'interrupted') {
      say('\nInterrupted; clearing up ...');
      // What is under way loses its servers now, in connections that nobody listens to as well.
      for (const trouble of ['uncaughtException', 'unhandledRejection']) process.on(trouble, () => undefined);
      await opening.catch(() => undefined);
      return 130;
    }
    publish(run, plan);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof TypeError ? 2 : 1;
  } finally {
    await stand?.close();
  }
}

async function measure(stand: Stand, plan: Plan): Promise<Run> {
  const startedAt = new Date().toISOString();
  const loadAverage = loadavg()[0] ?? 0;
  const { isQuick, sizes } = plan;
  const figures: Record<string, number> = {};
  const plots: Plot[] = [];
  say('Raw limits, before ...');
  const before = await measureRawLimits(stand, sizes.rawSeconds);
  for (const name of plan.scenarios) {
    const scenarioStartedAtMs = performance.now();
    say(`${name} ...`);
    const measured = await scenarios[name]({ stand, sizes });
    Object.assign(figures, measured.figures);
    plots.push(...(measured.plots ?? []));
    say(`  ${Math.round((performance.now() - scenarioStartedAtMs) / 1_000)} s; the books agree`);
  }
  if (plan.profileFolder !== undefined) say(inColumns(await dearestStatements(stand)));
  say('Raw limits, after ...');
  const raw = { before, after: await measureRawLimits(stand, sizes.rawSeconds) };
  return {
    startedAt,
    endedAt: new Date().toISOString(),
    isQuick,
    machine: await describeMachine(stand),
    loadAverage,
    raw,
    figures,
    verdicts: judge(figures),
    plots,
  };
}

function publish(run: Run, { outFile, profileFolder, writesDocs }: Plan): void {
  say(`\n${machineInWords(run)}\n`);
  for (const table of [figureTable(run), rawTable(run), goalTable(run)]) say(`${inColumns(table)}\n`);
  if (profileFolder !== undefined) say(profileSummary(profileFolder));
  if (outFile !== undefined) {
    mkdirSync(dirname(outFile), { recursive: true });
    writeFileSync(outFile, `${JSON.stringify(run, null, 2)}\n`);
    for (const plot of run.plots) writeFileSync(outFile.replace(/json$/, `${plot.name}.svg`), svgOf(plot));
    say(`Written to ${outFile}, plots beside it.`);
  }
  if (writesDocs) {
    writeDocs(join(import.meta.dirname, '../docs'), run);
    say('Written into docs/performance.md.');
  }
}

/** Ctrl-C, or the polite signal of a supervisor; the first one clears up, and nothing is left behind by a second one. */
function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve('interrupted'));
  });
}
