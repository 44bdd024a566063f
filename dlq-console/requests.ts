/** What an operator's request says in its body. Unknown fields are errors: a typo must not be ignored. */
import { HubError, readPoints, Points, type Truth } from '@points-hub/hub/operations';
import { z } from 'zod';
import { read } from './route.ts';

const textSchema = z.string().trim().min(1).max(4_000);

/** @throws HubError HUB_REQUEST_INVALID */
export function readReason(body: unknown): string | undefined {
  return read(z.strictObject({ reason: textSchema.optional() }), body).reason;
}

/** @throws HubError HUB_REQUEST_INVALID */
export function readRequiredReason(body: unknown): string {
  return read(z.strictObject({ reason: textSchema }), body).reason;
}

/** @throws HubError HUB_REQUEST_INVALID */
export function readNote(body: unknown): string {
  return read(z.strictObject({ text: textSchema }), body).text;
}

const resolutionSchema = z.strictObject({
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

/** @throws HubError HUB_REQUEST_INVALID, HUB_POINTS_INVALID */
export function readResolution(body: unknown) {
  const { reason, evidence, truth } = read(resolutionSchema, body);
  return { reason, evidence, truth: truth === undefined ? undefined : readTruth(truth) };
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
