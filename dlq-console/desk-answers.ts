/** What the operators' API answers about replays, compensations and timelines. */
import { compensationStates, replayItemStates, replayStates } from '@points-hub/hub/operations';
import { z } from 'zod';

const timeSchema = z.iso.datetime({ offset: true });
const pointsSchema = z.string().regex(/^\d+(\.\d+)?$/);
const text = z.string();
const count = z.int();

export const timelineSchema = z
  .strictObject({
    timeline: z.array(
      z.strictObject({
        at: timeSchema,
        type: text,
        event: text,
        by: text.nullable().describe('Who, where a person did it.'),
        details: z.record(text, z.unknown()),
      }),
    ),
  })
  .meta({ id: 'Timeline' });

export const revealedSchema = z
  .strictObject({
    mallId: text,
    userId: text.describe("The mall's own id of the user."),
    memberRef: text.nullable().describe('What the channel knows the user by; null where that is not known.'),
    hideAfterSeconds: count.describe('So long a face shows it.'),
  })
  .meta({ id: 'RevealedUser' });

const replayFields = {
  id: text,
  state: z.enum(replayStates),
  items: count,
  eligible: count,
  users: count,
  points: pointsSchema,
  channels: z.array(text),
  ineligible: z.record(text, count).describe('How many, by reason.'),
  chosen: z.unknown().describe('The filter or the cases that it was made from.'),
  begun: count,
  succeeded: count,
  failed: count,
  skipped: count,
  cancelled: count,
  waiting: count,
  underWay: count,
  estimatedSeconds: count.describe('For what is waiting, by the rate alone.'),
  canary: count,
  failedPercentMax: count,
  ratePerSecond: count,
  previewedBy: text,
  reason: text.nullable(),
  pauseCause: text.nullable(),
  previewedAt: timeSchema,
  expiresAt: timeSchema.describe('Of the preview.'),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
};

export const replaySchema = z.strictObject(replayFields).meta({ id: 'Replay' });

export const replaysSchema = z
  .strictObject({ replays: z.array(z.strictObject(replayFields)), next: text.optional() })
  .meta({ id: 'Replays' });

export const replayItemsSchema = z
  .strictObject({
    items: z.array(
      z.strictObject({
        number: count,
        caseId: text,
        channel: text.nullable(),
        orderId: text.nullable(),
        points: pointsSchema.nullable(),
        state: z.enum(replayItemStates),
        outcome: text.nullable(),
        beganAt: timeSchema.nullable(),
        endedAt: timeSchema.nullable(),
      }),
    ),
    next: count.optional(),
  })
  .meta({ id: 'ReplayItems' });

const compensationFields = {
  id: text,
  caseId: text.nullable(),
  orderRowId: text,
  deductionId: text,
  lineId: text.nullable().describe('What gives back, where something is.'),
  mallId: text,
  orderId: text,
  channel: text,
  leg: z.enum(['points', 'quota']),
  kind: z.enum(['refund_points', 'return_quota', 'mark_done', 'mark_undone']),
  points: pointsSchema.nullable(),
  remoteId: text.nullable(),
  reasonCode: text,
  reason: text,
  evidence: text,
  state: z.enum(compensationStates),
  requestedBy: text,
  requestedAt: timeSchema,
  expiresAt: timeSchema,
  decidedBy: text.nullable(),
  decidedAt: timeSchema.nullable(),
  decision: text.nullable(),
  verification: z.enum(['waiting', 'confirmed', 'contradicted', 'unconfirmed']).nullable(),
  verifyTries: count,
  verifiedAt: timeSchema.nullable(),
  finding: z.unknown().describe('What the remote answered.'),
};

export const compensationSchema = z
  .strictObject({
    ...compensationFields,
    effect: z
      .strictObject({ points: pointsSchema.optional(), orderStatus: text, legBefore: text, does: text })
      .optional()
      .describe('As things stand, until it is decided.'),
    digest: text.optional().describe('What an approval has to name.'),
  })
  .meta({ id: 'Compensation' });

export const compensationsSchema = z
  .strictObject({ compensations: z.array(z.strictObject(compensationFields)), next: text.optional() })
  .meta({ id: 'Compensations' });

export const thresholdsSchema = z
  .strictObject({
    thresholds: z.array(
      z.strictObject({ channel: text, pointsMax: pointsSchema, setBy: text, setAt: timeSchema }),
    ),
  })
  .meta({ id: 'CompensationThresholds' });
