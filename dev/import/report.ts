import { Points } from '@points-hub/hub';
import type { Decimal } from 'decimal.js';
import type { ChannelSums } from './books.ts';

/** The same points seen from four sides. */
export interface ReportLine {
  readonly channel: string;
  readonly inFile: Decimal;
  readonly inHub: Decimal;
  readonly deducted: Decimal;
  readonly quotaUsed: Decimal;
  readonly agrees: boolean;
}

/** Puts the sides together, a line per channel in order of their names. */
export function reportLines(
  inFile: ReadonlyMap<string, Decimal>,
  hub: ReadonlyMap<string, ChannelSums>,
  sandbox: ReadonlyMap<string, ChannelSums>,
): ReportLine[] {
  const channels = [...new Set([...inFile.keys(), ...hub.keys(), ...sandbox.keys()])].toSorted();
  const nothing = new Points(0);
  return channels.map((channel) => {
    const asked = inFile.get(channel) ?? nothing;
    const inHub = hub.get(channel);
    const deducted = sandbox.get(channel)?.deducted ?? nothing;
    const quotaUsed = sandbox.get(channel)?.quotaUsed ?? nothing;
    const sides = [inHub?.deducted ?? nothing, inHub?.quotaUsed ?? nothing, deducted, quotaUsed];
    return {
      channel,
      inFile: asked,
      inHub: inHub?.deducted ?? nothing,
      deducted,
      quotaUsed,
      agrees: sides.every((side) => side.equals(asked)),
    };
  });
}

/** The lines as a table for people, right-aligned, with a total and a verdict per line. */
export function reportTable(lines: readonly ReportLine[]): string {
  const sum = (side: 'inFile' | 'inHub' | 'deducted' | 'quotaUsed'): Decimal =>
    lines.reduce((total, line) => total.plus(line[side]), new Points(0));
  const cells = [
    ['channel', 'in the file', 'in the hub', 'deducted', 'quota used', ''],
    ...lines.map((line) => [
      line.channel,
      line.inFile.toFixed(2),
      line.inHub.toFixed(2),
      line.deducted.toFixed(2),
      line.quotaUsed.toFixed(2),
      line.agrees ? 'agrees' : 'DIFFERS',
    ]),
    [
      'all',
      ...(['inFile', 'inHub', 'deducted', 'quotaUsed'] as const).map((side) => sum(side).toFixed(2)),
      '',
    ],
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0
            ? cell.padEnd(widths[column] ?? 0)
            : column === 5
              ? cell
              : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
