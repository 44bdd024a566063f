/** The audit: read, taken along, and checked. */
import {
  exportFormats,
  auditOutcomes,
  timeOf,
  type AuditText,
  type AuditTrail,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import { auditSchema, verdictSchema } from '../answers.ts';
import { fileOf } from '../export-file.ts';
import { idSchema, plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const pageMax = 200;
const wordSchema = plainSchema.min(1).max(120);
const timeSchema = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const filterFields = {
  operator: idSchema.optional().describe('The id of a person.'),
  action: wordSchema.optional(),
  subject: wordSchema.optional().describe('E.g. case:17.'),
  outcome: z.enum(auditOutcomes).optional(),
  since: timeSchema.optional(),
  until: timeSchema.optional(),
};

export function auditRoutes(trail: AuditTrail): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      id: 'listAudit',
      summary: 'What people did and were refused, the newest first',
      action: 'audit.list',
      needs: 'audit.read',
      query: z.strictObject({
        ...filterFields,
        before: idSchema.optional(),
        limit: z.coerce.number().int().min(1).max(pageMax).default(pageMax),
      }),
      answer: auditSchema,
      perform: async ({ query: { before, limit, ...filter } }, caller) => {
        const rows = await trail.list(caller, filter, before, limit);
        // A full page may be the last one; the next is then empty.
        return json({ rows: rows.map(shown), next: rows.length === limit ? rows.at(-1)?.id : undefined });
      },
    }),
    route({
      method: 'GET',
      path: '/audit/export',
      id: 'exportAudit',
      summary: 'The audit as CSV that a spreadsheet does not run, or as lines of JSON; the oldest first',
      action: 'audit.export',
      needs: 'audit.read',
      query: z.strictObject({ ...filterFields, format: z.enum(exportFormats) }),
      perform: async ({ query: { format, ...filter } }, caller) =>
        fileOf('points-hub-audit', format, await trail.export(caller, format, filter)),
    }),
    route({
      method: 'GET',
      path: '/audit/verification',
      id: 'verifyAudit',
      summary: 'Whether the audit is as it was written, row by row',
      action: 'audit.verify',
      needs: 'audit.read',
      answer: verdictSchema,
      perform: async (_asked, caller) => json(await trail.verify(caller)),
    }),
  ];
}

function shown({ previousHash: _previous, ...row }: AuditText) {
  return { ...row, at: timeOf(row), details: JSON.parse(row.details) as unknown };
}
