import type { Figures } from './scenarios/scenario.ts';

/** What is wanted of the figures of one run; ratios of the same run wherever the machine matters. */
export interface Goal {
  readonly text: string;
  readonly unit: '%' | 'ms' | 'MB';
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number };
  /** NaN when what it is made of was not measured. */
  readonly measure: (figure: (name: string) => number) => number;
}

export const goals: readonly Goal[] = [
  {
    text: 'relay, of the raw confirmed publish rate',
    unit: '%',
    wanted: { atLeast: 60 },
    measure: (figure) => percent(figure('relay.share of raw publishes'), 1),
  },
  {
    text: 'accept, of the raw commit rate of 16 clients',
    unit: '%',
    wanted: { atLeast: 40 },
    measure: (figure) => percent(figure('accept.share of raw commits'), 1),
  },
  {
    text: 'settle at latency 0, of the ceiling',
    unit: '%',
    wanted: { atLeast: 60 },
    measure: (figure) => percent(figure('settle.0ms.share of ceiling'), 1),
  },
  {
    text: "CPU of the hub's processes per settled order",
    unit: 'ms',
    wanted: { atMost: 0.8 },
    measure: (figure) => figure('settle.0ms.cpu.hub.ms/order'),
  },
  {
    text: 'share of the ceiling at 20 ms, of that at 0 ms',
    unit: '%',
    wanted: { atLeast: 90 },
    measure: (figure) =>
      percent(figure('settle.20ms.share of ceiling'), figure('settle.0ms.share of ceiling')),
  },
  {
    text: 'commit → settled at 50 orders/s, p50',
    unit: 'ms',
    wanted: { atMost: 10 },
    measure: (figure) => figure('whole-way.50 a second.p50.ms'),
  },
  {
    text: 'commit → settled at 50 orders/s, p95',
    unit: 'ms',
    wanted: { atMost: 20 },
    measure: (figure) => figure('whole-way.50 a second.p95.ms'),
  },
  {
    text: 'commit → settled at half load, p99',
    unit: 'ms',
    wanted: { atMost: 60 },
    measure: (figure) => figure('whole-way.50 %.p99.ms'),
  },
  {
    text: 'settle with the longest history, of the empty rate',
    unit: '%',
    wanted: { atLeast: 90 },
    measure: (figure) => percent(figure('history.share of empty'), 1),
  },
  {
    text: 'backlog: last third of the catch-up, of the first third',
    unit: '%',
    wanted: { atLeast: 90 },
    measure: (figure) => percent(figure('backlog.last third ÷ first third'), 1),
  },
  {
    text: 'the slowest list of a million cases, p95',
    unit: 'ms',
    wanted: { atMost: 100 },
    measure: (figure) => figure('desk.slowest list.p95.ms'),
  },
  ...['slow', 'away'].flatMap((name) =>
    [
      { of: 'with it well', figureName: 'share of well' },
      { of: 'without its orders', figureName: 'share of without' },
    ].map(({ of, figureName }): Goal => ({
      text: `one channel ${name}: rate of the others, of that ${of}`,
      unit: '%',
      wanted: { atLeast: 95 },
      measure: (figure) => percent(figure(`isolation.${name}.${figureName}`), 1),
    })),
  ),
  ...['api', 'relay', 'worker', 'sweeper'].map((role): Goal => ({
    text: `steady memory of ${role}`,
    unit: 'MB',
    wanted: { atMost: 200 },
    measure: (figure) => figure(`memory.${role}.steady.MB`),
  })),
];

/** One goal against one run. */
export interface Verdict {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: 'yes' | 'no' | 'not measured';
}

export function judge(figures: Figures): readonly Verdict[] {
  return goals.map(({ text, unit, wanted, measure }) => {
    const value = measure((name) => figures[name] ?? Number.NaN);
    const isMet = 'atLeast' in wanted ? value >= wanted.atLeast : value <= wanted.atMost;
    return {
      goal: text,
      wanted: 'atLeast' in wanted ? `≥ ${wanted.atLeast} ${unit}` : `≤ ${wanted.atMost} ${unit}`,
      measured: Number.isNaN(value) ? '' : `${roundToThree(value)} ${unit}`,
      met: Number.isNaN(value) ? 'not measured' : isMet ? 'yes' : 'no',
    };
  });
}

/** Three digits that matter; more would pretend. */
export function roundToThree(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function percent(part: number, whole: number): number {
  return (part / whole) * 100;
}
