/** What an operator's request says of cases in its query and its body. */
import { HubError, readPoints, Points, type Truth } from '@points-hub/hub/operations';
import { z } from 'zod';

/** Postgres keeps no NUL in a text. */
export const plainSchema = z.string().regex(/^[^\0]*$/, 'has a character that is not allowed');
export const idSchema = z.string().regex(/^[1-9]\d{0,17}$/, 'a whole number');

const textSchema = plainSchema.trim().min(1).max(4_000);

export const reasonSchema = z.strictObject({ reason: textSchema.optional() });
export const requiredReasonSchema = z.strictObject({ reason: textSchema });
export const noteSchema = z.strictObject({ text: textSchema });

export const resolutionSchema = z.strictObject({
  reason: textSchema,
  evidence: textSchema,
  /** Absent for a dead message. */
  truth: z
    .discriminatedUnion('tookEffect', [
      z.strictObject({
        tookEffect: z.literal(true),
        points: z.string(),
        remoteId: z
          .string()
          .regex(/^[\x20-\x7e]{1,128}$/)
          .optional(),
      }),
      z.strictObject({ tookEffect: z.literal(false) }),
    ])
    .optional(),
});

/** The most that any channel can hold; a channel's own bound does not bind the truth. */
const anyPoints = { scale: 4, max: new Points('999999999999999') };

/** @throws HubError HUB_POINTS_INVALID */
export function truthOf({ truth }: z.infer<typeof resolutionSchema>): Truth | undefined {
  return truth === undefined ? undefined : readTruth(truth);
}

function readTruth(truth: NonNullable<z.infer<typeof resolutionSchema>['truth']>): Truth {
  if (!truth.tookEffect) return { tookEffect: false };
  const reading = readPoints(truth.points, anyPoints);
  if (reading.type === 'refused') {
    throw new HubError('HUB_POINTS_INVALID', `/truth/points ${reading.reason}`, {
      faults: [{ field: '/truth/points', code: 'HUB_POINTS_INVALID', detail: reading.reason }],
    });
  }
  return { tookEffect: true, points: reading.points, remoteId: truth.remoteId };
}
