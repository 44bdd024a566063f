/** Plots as plain SVG: light and dark backgrounds, no script, no font of its own. */
import { roundToThree } from '../goals.ts';
import type { Plot } from '../scenarios/scenario.ts';

const width = 720;
const height = 360;
const frame = { left: 70, right: 20, top: 50, bottom: 60 };
const colours = ['#3b82f6', '#f59e0b', '#10b981', '#ef4444'];
const inner = { width: width - frame.left - frame.right, height: height - frame.top - frame.bottom };
const labelsMax = 12;

export function svgOf(plot: Plot): string {
  const top = niceCeiling(Math.max(0, ...plot.series.flatMap(({ ys }) => ys)));
  const yOf = (value: number): number => frame.top + inner.height * (1 - value / top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#6b7280">`,
    `<title>${escape(plot.title)}</title>`,
    text(frame.left, 22, plot.title, 'start', ' font-size="15" font-weight="bold"'),
    ...gridLines(top, yOf),
    ...legend(plot),
    ...(plot.kind === 'bars' ? bars(plot, yOf) : lines(plot, yOf)),
    ...xLabels(plot),
    text(frame.left + inner.width / 2, height - 12, plot.xLabel, 'middle'),
    `<text transform="translate(16 ${frame.top + inner.height / 2}) rotate(-90)" text-anchor="middle">${escape(plot.yLabel)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value`. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5].find((one) => one * power >= value) ?? 10;
  return step * power;
}

function gridLines(top: number, yOf: (value: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const y = yOf(share * top);
    return [
      `<line x1="${frame.left}" x2="${width - frame.right}" y1="${fixed(y)}" y2="${fixed(y)}" stroke="#9ca3af" stroke-opacity="0.4"/>`,
      text(frame.left - 8, y + 4, roundToThree(share * top), 'end'),
    ];
  });
}

function legend({ series }: Plot): string[] {
  if (series.length < 2) return [];
  return series.flatMap(({ name }, index) => {
    const x = frame.left + index * 110;
    return [
      `<rect x="${x}" y="32" width="10" height="10" fill="${colours[index]}"/>`,
      text(x + 15, 41, name, 'start'),
    ];
  });
}

function bars({ xs, series }: Plot, yOf: (value: number) => number): string[] {
  const slot = inner.width / xs.length;
  const bar = Math.min(70, (slot * 0.7) / series.length);
  return series.flatMap(({ ys }, index) =>
    ys.flatMap((value, place) => {
      const x = xOf(place, xs.length) + (index - series.length / 2) * bar;
      const y = yOf(value);
      return [
        `<rect x="${fixed(x + 1)}" y="${fixed(y)}" width="${fixed(bar - 2)}" height="${fixed(yOf(0) - y)}" fill="${colours[index]}"/>`,
        text(x + bar / 2, y - 4, roundToThree(value), 'middle'),
      ];
    }),
  );
}

function lines({ xs, series }: Plot, yOf: (value: number) => number): string[] {
  return series.map(({ ys }, index) => {
    const points = ys.map((value, place) => `${fixed(xOf(place, xs.length))},${fixed(yOf(value))}`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colours[index]}" stroke-width="2"/>`;
  });
}

function xLabels({ xs }: Plot): string[] {
  const every = Math.ceil(xs.length / labelsMax);
  return xs.flatMap((label, place) =>
    place % every === 0 ? [text(xOf(place, xs.length), height - frame.bottom + 18, label, 'middle')] : [],
  );
}

/** The middle of a place on the axis. */
function xOf(place: number, places: number): number {
  return frame.left + (inner.width / places) * (place + 0.5);
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', more = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"${more}>${escape(words)}</text>`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
