import { describe, expect, test } from '@jest/globals';
import type { Plot } from '../scenarios/scenario.ts';
import { sectionOf, withSection } from './docs.ts';
import { selfMsByPlace } from './profile.ts';
import { inColumns, inMarkdown, type Run } from './run.ts';
import { niceCeiling, svgOf } from './svg.ts';

const plot: Plot = {
  name: 'settle',
  title: 'Settled <per> second',
  xLabel: 'latency',
  yLabel: 'orders/s',
  kind: 'bars',
  xs: ['0 ms', '20 ms'],
  series: [
    { name: 'hub', ys: [100, 50] },
    { name: 'ceiling', ys: [200, 80] },
  ],
};

const limits = {
  commitsPerSecond: 8_000,
  batchedRowsPerSecond: 100_000,
  publishesPerSecond: 30_000,
  consumesPerSecond: 70_000,
  requestsPerSecond: 10_000,
};

const run: Run = {
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: '2026-01-02T04:04:05.000Z',
  isQuick: false,
  machine: {
    processors: 2,
    processorModel: 'a processor',
    memoryGb: 8,
    system: 'Linux',
    node: 'v24',
    postgres: '18',
    rabbitMq: '4',
    durability: 'fsync on',
  },
  loadAverage: 0.5,
  raw: { before: limits, after: { ...limits, commitsPerSecond: 6_000 } },
  figures: { 'settle.0ms.hub.orders/s': 1_234 },
  verdicts: [{ goal: 'a goal', wanted: '≥ 60 %', measured: '61 %', met: 'yes' }],
  plots: [plot],
};

test('a table lines up on a terminal, and is a table in Markdown', () => {
  const table = [
    ['goal', 'met'],
    ['a longer one', 'yes'],
  ];
  expect(inColumns(table)).toBe('goal           met\n────────────   ───\na longer one   yes');
  expect(inMarkdown(table)).toBe('| goal         | met |\n| ------------ | --- |\n| a longer one | yes |');
});

describe('the page of results', () => {
  const [begin, end] = [
    '<!-- Written by `npm run bench -- --docs`; edits between these marks are lost. -->',
    '<!-- End of what the benchmark writes. -->',
  ];

  test('keeps what people wrote and replaces what the benchmark wrote', () => {
    const page = `# Title\n\n${begin}\n\nold\n\n${end}\n\nthe end\n`;
    expect(withSection(page, 'new')).toBe(`# Title\n\n${begin}\n\nnew\n\n${end}\n\nthe end\n`);
    expect(() => withSection('# Title', 'new')).toThrow('has lost the marks');
  });

  test('shows machine, noise, goals, plots and every figure', () => {
    const section = sectionOf(run);
    expect(section).toContain('2026-01-02: 2 × a processor, 8 GB');
    expect(section).toMatch(
      /\| Postgres, single-row commits\/s, 16 clients +\| 8000 +\| 6000 +\| -25.0 % \|/,
    );
    expect(section).toContain('| a goal | ≥ 60 % | 61 %     | yes |');
    expect(section).toContain('(performance/settle.svg)');
    expect(section).toContain('| settle.0ms.hub.orders/s | 1234     |');
  });
});

describe('a plot', () => {
  test('draws each value as high as it is, and escapes its words', () => {
    const svg = svgOf(plot);
    const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)" fill="#3b82f6"/g)].map(([, height]) =>
      Number(height),
    );
    expect(svg).toContain('Settled &lt;per&gt; second');
    // The first is the legend's.
    expect(heights).toEqual([10, 125, 62.5]);
  });

  test('has a polyline for each series of lines', () => {
    expect(svgOf({ ...plot, kind: 'lines' }).match(/<polyline/g)).toHaveLength(2);
  });

  test.each([
    [0, 1],
    [0.3, 0.5],
    [1, 1],
    [1.1, 2],
    [240, 250],
    [5_001, 10_000],
  ])('whose largest value is %d reaches to %d', (value, top) => {
    expect(niceCeiling(value)).toBeCloseTo(top);
  });
});

test('a profile is summed by package, module of Node, or file of ours; waiting does not count', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 1 });
  const nodes = [
    frame('(idle)', ''),
    frame('query', 'file:///x/node_modules/pg/lib/client.js'),
    frame('parse', 'file:///x/node_modules/pg/lib/result.js'),
    frame('think', 'file:///x/hub/settlement/settle.ts'),
    frame('writev', 'node:net'),
    frame('(garbage collector)', ''),
  ].map((callFrame, id) => ({ id, callFrame }));
  const places = selfMsByPlace({
    nodes,
    samples: [0, 1, 2, 3, 4, 5],
    timeDeltas: [9_000, 1_000, 2_000, 3_000, 4_000, 5_000],
  });
  expect(Object.fromEntries(places)).toEqual({
    pg: 3,
    'hub/settlement/settle.ts': 3,
    'node:net': 4,
    '(garbage collector)': 5,
  });
});
