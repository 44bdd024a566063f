/**
 * Whether the audit is whole. Each row's hash covers the one before, so a row that was changed, taken out or put in
 * shows from there on. Whoever owns the database can still write a whole new chain: that shows only against an `end`
 * that was kept elsewhere, which is why a verdict names it.
 */
import { createHash } from 'node:crypto';
import type { SqlConnection } from '@points-hub/outbox';
import { readAudit, readAuditEnd, type AuditEnd, type AuditText } from '../store/audit-log.ts';

export type AuditVerdict =
  | { readonly type: 'whole'; readonly rows: number; readonly end: AuditEnd }
  | {
      readonly type: 'broken';
      /** The first row that is not as it was written, or that should be there. */
      readonly firstBadId: string;
      readonly reason: string;
    };

const noHash = '0'.repeat(64);

/** Reads the whole table in pages. Rows that are added meanwhile may or may not be looked at. */
export async function verifyAudit(connection: SqlConnection, pageRows?: number): Promise<AuditVerdict> {
  // Read first: what is added later is beyond it.
  const end = await readAuditEnd(connection);
  if (end === undefined) return { type: 'broken', firstBadId: '1', reason: 'the end of the chain is gone' };
  let last: AuditEnd = { id: '0', hash: noHash };
  let hashAtEnd = end.id === '0' ? noHash : undefined;
  for await (const page of readAudit(connection, {}, pageRows)) {
    for (const row of page) {
      const reason = faultOf(row, last);
      if (reason !== undefined) {
        return { type: 'broken', firstBadId: String(BigInt(last.id) + 1n), reason };
      }
      last = { id: row.id, hash: row.hash };
      if (row.id === end.id) hashAtEnd = row.hash;
    }
  }
  if (hashAtEnd === undefined) {
    const firstBadId = String(BigInt(last.id) + 1n);
    return { type: 'broken', firstBadId, reason: `the rows up to ${end.id} are gone` };
  }
  if (hashAtEnd !== end.hash) {
    return { type: 'broken', firstBadId: end.id, reason: 'it is not the row that the chain ended with' };
  }
  return { type: 'whole', rows: Number(last.id), end: last };
}

function faultOf(row: AuditText, last: AuditEnd): string | undefined {
  if (BigInt(row.id) !== BigInt(last.id) + 1n) return `the row is gone; the next one is ${row.id}`;
  if (row.previousHash !== last.hash) return 'it does not follow upon the row before';
  if (row.hash !== hashOf(row)) return 'its content is not what was hashed';
  return undefined;
}

/** As hub.chain_audit computes it. */
function hashOf(row: AuditText): string {
  const fields = [
    row.id,
    row.at,
    row.operatorId,
    row.via,
    row.outcome,
    row.actor,
    row.action,
    row.subject,
    row.reason,
    row.code,
    row.address,
    row.userAgent,
    row.requestId,
    row.details,
  ];
  const text = fields
    .map((field) => `${field === null ? '-' : `${Buffer.byteLength(field)}:${field}`},`)
    .join('');
  return createHash('sha256').update(Buffer.from(row.previousHash, 'hex')).update(text).digest('hex');
}
