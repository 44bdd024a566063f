/** Where a command writes to: a person's terminal, or a file or program. */
import { styleText } from 'node:util';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import { plain, plainLines, safeJson } from './text.ts';

type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

export interface Terminal {
  /** Whether a person reads standard output, so that lines may be cut and drawn anew. */
  readonly isTerminal: boolean;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  line(text?: string): void;
  /** To standard error, where it is in nobody's way. */
  aside(text: string): void;
  json(value: unknown): void;
  paint(colour: Colour, text: string): string;
}

export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    isTerminal: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    line: (text = '') => void stdout.write(`${text}\n`),
    aside: (text) => void stderr.write(`${text}\n`),
    json: (value) => void stdout.write(`${safeJson(value)}\n`),
    // Knows NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    paint: (colour, text) => styleText(colour, text, { stream: stdout, validateStream: true }),
  };
}

/** A column of a table. The value is made harmless here, so no caller can forget it. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | null | undefined;
  readonly colour?: (row: Row) => Colour | undefined;
  readonly align?: 'right';
}

const gap = 2;
const columnMin = 6;

/** On a terminal the widest columns are cut until a row fits; elsewhere nothing is. */
export function showTable<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whenEmpty: string,
): void {
  if (rows.length === 0) {
    terminal.line(whenEmpty);
    return;
  }
  const cells = rows.map((row) => columns.map(({ of }) => plain(String(of(row) ?? ''))));
  const widths = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...cells.map((line) => stringWidth(line[index] ?? ''))),
  );
  const fitted = terminal.isTerminal ? fit(widths, process.stdout.columns) : widths;
  const table = new Table({
    head: columns.map(({ title }) => terminal.paint('bold', title)),
    colWidths: fitted.map((width) => width + gap),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    chars: borderless,
  });
  for (const [index, line] of cells.entries()) {
    table.push(
      line.map((cell, at) => {
        const row = rows[index];
        const colour = row === undefined ? undefined : columns[at]?.colour?.(row);
        return colour === undefined ? cell : terminal.paint(colour, cell);
      }),
    );
  }
  for (const line of table.toString().split('\n')) terminal.line(line.trimEnd());
}

const parts = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const;
const borderless = Object.fromEntries(parts.map((part) => [part, '']));

/** Takes from the widest, one by one. */
function fit(widths: readonly number[], available: number): readonly number[] {
  const fitted = [...widths];
  const total = (): number => fitted.reduce((sum, width) => sum + width + gap, 0);
  while (total() > available) {
    const widest = Math.max(...fitted);
    if (widest <= columnMin) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}

/** Names and values below each other; what has several lines is set in. */
export function showFields(
  terminal: Terminal,
  fields: readonly (readonly [name: string, value: string | number | null | undefined])[],
): void {
  const given = fields.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...given.map(([name]) => stringWidth(name)));
  for (const [name, value] of given) {
    const [first = '', ...rest] = plainLines(String(value));
    terminal.line(`${terminal.paint('bold', name)}${' '.repeat(width - stringWidth(name) + gap)}${first}`);
    for (const line of rest) terminal.line(`${' '.repeat(width + gap)}${line}`);
  }
}
