import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import {
  Points,
  readOrderRequest,
  type ChannelRules,
  type HubError,
  type OrderRequest,
} from '@points-hub/hub';
import type { Decimal } from 'decimal.js';

const columns = ['ordered_at', 'order_id', 'user_id', 'channel', 'points'] as const;

/** The orders of a file, and what they come to. */
export interface OrderFile {
  readonly orders: readonly OrderRequest[];
  readonly deductions: number;
  /** Sum of points per channel. */
  readonly pointsByChannel: ReadonlyMap<string, Decimal>;
}

/** A file that cannot be imported. Lists up to 20 lines at fault; nothing was placed. */
export class OrderFileError extends Error {
  constructor(file: string, faults: readonly string[]) {
    const shown = faults.slice(0, faultsShownMax).map(printable);
    const rest = faults.length - shown.length;
    super(
      [
        `${file} cannot be imported; nothing was placed:`,
        ...shown,
        ...(rest > 0 ? [`... and ${rest} more`] : []),
      ].join('\n  '),
    );
    this.name = 'OrderFileError';
  }
}

const faultsShownMax = 20;
const faultLengthMax = 300;

/** Faults quote the file, which may be anything: a terminal must not obey it. */
function printable(fault: string): string {
  return fault.replaceAll(/[\p{Cc}\p{Cf}\ufffd]/gu, '?').slice(0, faultLengthMax);
}

interface Line {
  readonly number: number;
  readonly fields: readonly string[];
}

/**
 * Reads a CSV of orders, one line per deduction, and checks every line before anything is placed. Lines of one order
 * may stand anywhere in the file.
 *
 * @throws OrderFileError with line numbers and reasons
 */
export async function readOrderFile(file: string, channels: ChannelRules): Promise<OrderFile> {
  const faults: string[] = [];
  const fault = (line: number, reason: string): void => void faults.push(`line ${line}: ${reason}`);
  const orders = new Map<
    string,
    { line: number; lines: number[]; userId: string; deductions: { channel: string; points: string }[] }
  >();

  for await (const { number, fields } of linesOf(file, faults)) {
    if (number === 1) {
      if (fields.join(',') !== columns.join(',')) fault(1, `the header must be ${columns.join(',')}`);
      continue;
    }
    const [orderedAt = '', orderId = '', userId = '', channel = '', points = ''] = fields;
    if (fields.length !== columns.length) {
      fault(number, `has ${fields.length} fields, ${columns.length} are needed`);
      continue;
    }
    if (!isUtcTime(orderedAt))
      fault(number, `ordered_at "${orderedAt}" is no UTC time such as 2026-01-31T09:30:00Z`);
    const order = orders.get(orderId) ?? { line: number, lines: [], userId, deductions: [] };
    if (order.userId !== userId)
      fault(number, `order ${orderId} belongs to ${order.userId} on line ${order.line}`);
    order.lines.push(number);
    order.deductions.push({ channel, points });
    orders.set(orderId, order);
  }

  const pointsByChannel = new Map<string, Decimal>();
  const requests = [...orders].map(([orderId, { userId, deductions, lines }]): OrderRequest => {
    const request = { orderId, userId, deductions };
    try {
      for (const { channel, points } of readOrderRequest(request, channels).deductions) {
        pointsByChannel.set(channel, (pointsByChannel.get(channel) ?? new Points(0)).plus(points));
      }
    } catch (error) {
      for (const { field, detail } of (error as HubError).faults ?? [])
        fault(lineAt(field, lines), `${nameOf(field)} ${detail}`);
    }
    return request;
  });
  if (faults.length > 0) throw new OrderFileError(file, faults.toSorted(byLine));
  if (requests.length === 0) throw new OrderFileError(file, ['it holds no orders']);
  const deductions = requests.reduce((sum, request) => sum + request.deductions.length, 0);
  return { orders: requests, deductions, pointsByChannel };
}

async function* linesOf(file: string, faults: string[]): AsyncGenerator<Line> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 4_096,
  });
  // An error of either stream ends the other, and reaches the loop below through the parser.
  pipeline(createReadStream(file), parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      yield { number: info.lines, fields: record };
    }
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    faults.push(lines === undefined ? message : `line ${lines}: ${message}`);
  }
}

function isUtcTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Faults of an order name its deductions by index; the index is that of its lines. */
function lineAt(field: string, lines: readonly number[]): number {
  const index = /^\/deductions\/(\d+)/.exec(field)?.[1];
  return lines[Number(index ?? 0)] ?? lines[0] ?? 0;
}

function nameOf(field: string): string {
  return { orderId: 'order_id', userId: 'user_id' }[field.slice(1)] ?? field.split('/').at(-1) ?? field;
}

function byLine(a: string, b: string): number {
  const line = (text: string): number => Number(/^line (\d+)/.exec(text)?.[1] ?? 0);
  return line(a) - line(b);
}
