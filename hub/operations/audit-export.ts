/** The audit as text for other tools: lines of JSON, or CSV that a spreadsheet shows and never runs. */
import type { SqlConnection } from '@points-hub/outbox';
import { readAudit, type AuditFilter, type AuditText } from '../store/audit-log.ts';

export const auditFormats = ['csv', 'jsonl'] as const;
export type AuditFormat = (typeof auditFormats)[number];

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
  format: AuditFormat,
  filter: AuditFilter,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(columns);
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

/** RFC 4180: every cell in quotes, CRLF at the end. */
function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => `"${harmless(cell ?? '').replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/**
 * A cell that begins like a formula begins with an apostrophe instead, which spreadsheets take for "this is text".
 * Source: https://owasp.org/www-community/attacks/CSV_Injection; the full-width signs count in East Asian versions.
 */
export function harmless(cell: string): string {
  const text = cell.replaceAll('\0', '');
  return /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
