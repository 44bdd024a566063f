import { roundToThree, type Verdict } from '../goals.ts';
import type { Figures, Plot } from '../scenarios/scenario.ts';
import { drift } from '../statistics.ts';
import type { RawLimits } from '../raw/limits.ts';
import type { Machine } from './machine.ts';

/** Everything that one run found; written as it is by --out. */
export interface Run {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly isQuick: boolean;
  readonly machine: Machine;
  /** Load average of one minute before the first measurement: what else the machine did. */
  readonly loadAverage: number;
  readonly raw: { readonly before: RawLimits; readonly after: RawLimits };
  readonly figures: Figures;
  readonly verdicts: readonly Verdict[];
  readonly plots: readonly Plot[];
}

const rawNames: readonly (readonly [keyof RawLimits, string])[] = [
  ['commitsPerSecond', 'Postgres, single-row commits/s, 16 clients'],
  ['batchedRowsPerSecond', 'Postgres, rows/s in statements of 1,000'],
  ['publishesPerSecond', 'RabbitMQ, confirmed publishes/s, window 500'],
  ['consumesPerSecond', 'RabbitMQ, acknowledged deliveries/s, prefetch 500'],
  ['requestsPerSecond', 'HTTP, requests/s of a bare undici pool'],
];

export type Table = readonly (readonly string[])[];

/** First row: headings. */
export function rawTable({ raw: { before, after } }: Run): Table {
  return [
    ['limit of the machine', 'before', 'after', 'drift'],
    ...rawNames.map(([name, words]) => [
      words,
      roundToThree(before[name]),
      roundToThree(after[name]),
      signedPercent(drift(before[name], after[name])),
    ]),
  ];
}

export function goalTable({ verdicts, isQuick }: Run): Table {
  return [
    ['goal', 'wanted', 'measured', isQuick ? 'met (a quick run proves nothing)' : 'met'],
    ...verdicts.map(({ goal, wanted, measured, met }) => [goal, wanted, measured, met]),
  ];
}

export function figureTable({ figures }: Run): Table {
  return [
    ['figure', 'measured'],
    ...Object.entries(figures).map(([name, value]) => [name, roundToThree(value)]),
  ];
}

/** In columns, for a terminal. */
export function inColumns(table: Table): string {
  const [head = [], ...rows] = padded(table);
  const rule = head.map((cell) => '─'.repeat(cell.length));
  return [head, rule, ...rows].map((cells) => cells.join('   ').trimEnd()).join('\n');
}

/** As Markdown, with its columns aligned as `npm run check:format` wants them. */
export function inMarkdown(table: Table): string {
  const [head = [], ...rows] = padded(table);
  const rule = head.map((cell) => '-'.repeat(cell.length));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const cellWidthMin = 3;

function padded(table: Table): string[][] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(cellWidthMin, ...table.map((row) => (row[column] ?? '').length)),
  );
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
}

export function machineInWords({ machine, loadAverage, startedAt }: Run): string {
  const { processors, processorModel, memoryGb, system, node, postgres, rabbitMq, durability } = machine;
  return (
    `${startedAt.slice(0, 10)}: ${processors} × ${processorModel}, ${memoryGb} GB, ${system}; Node.js ${node}, ` +
    `Postgres ${postgres} (${durability}), RabbitMQ ${rabbitMq}; load average before the run ${roundToThree(loadAverage)}.`
  );
}

function signedPercent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}
