/** The audit as text for other tools: lines of JSON, or CSV that a spreadsheet shows and never runs. */
import type { SqlConnection } from '@points-hub/outbox';
import { readAudit, type AuditFilter, type AuditText } from '../store/audit-log.ts';
import { byteOrderMark, csvLine } from './csv.ts';

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const columns = [
  'id',
  'at',
  'operatorId',
  'actor',
  'via',
  'action',
  'subject',
  'outcome',
  'code',
  'reason',
  'address',
  'userAgent',
  'requestId',
  'details',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof AuditText)[];

/** One text per page of rows. CSV begins with the names of its columns. */
export async function* exportAudit(
  connection: SqlConnection,
  format: ExportFormat,
  filter: AuditFilter,
): AsyncGenerator<string> {
  if (format === 'csv') yield byteOrderMark + csvLine(columns);
  for await (const page of readAudit(connection, filter)) {
    yield page
      .map((row) => (format === 'csv' ? csvLine(columns.map((name) => row[name])) : jsonLine(row)))
      .join('');
  }
}

/** A time as every answer writes it. */
export function timeOf({ at }: Pick<AuditText, 'at'>): string {
  return `${at}Z`;
}

function jsonLine(row: AuditText): string {
  return `${JSON.stringify({ ...row, details: JSON.parse(row.details) as unknown })}\n`;
}
