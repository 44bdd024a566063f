/** The part of docs/performance.md that the benchmark itself writes. */
import { readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { figureTable, goalTable, inMarkdown, machineInWords, rawTable, type Run } from './run.ts';
import { svgOf } from './svg.ts';

const begin = '<!-- Written by `npm run bench -- --docs`; edits between these marks are lost. -->';
const end = '<!-- End of what the benchmark writes. -->';

/** Puts tables and plots of the run into the page. @throws Error when the page has lost its marks */
export function writeDocs(docsFolder: string, run: Run): void {
  const page = join(docsFolder, 'performance.md');
  const plots = join(docsFolder, 'performance');
  writeFileSync(page, withSection(readFileSync(page, 'utf8'), sectionOf(run)));
  mkdirSync(plots, { recursive: true });
  for (const old of readdirSync(plots)) if (old.endsWith('.svg')) rmSync(join(plots, old));
  for (const plot of run.plots) writeFileSync(join(plots, `${plot.name}.svg`), svgOf(plot));
}

export function withSection(page: string, section: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/performance.md has lost the marks of the benchmark');
  return `${page.slice(0, from + begin.length)}\n\n${section}\n\n${page.slice(to)}`;
}

export function sectionOf(run: Run): string {
  return [
    machineInWords(run),
    inMarkdown(goalTable(run)),
    inMarkdown(rawTable(run)),
    ...run.plots.map(({ name, title }) => `![${title}](performance/${name}.svg)`),
    `<details><summary>All figures</summary>\n\n${inMarkdown(figureTable(run))}\n\n</details>`,
  ].join('\n\n');
}
