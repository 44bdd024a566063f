/** What a list of cases, or a replay of them, asks for. */
import { caseStates, HubError, type CaseFilter, type CasePlace } from '@points-hub/hub/operations';
import { z } from 'zod';
import { plainSchema } from './requests.ts';

const name = plainSchema.min(1).max(300);
const points = z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'a plain decimal such as "12.50"');
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const filterShape = {
  /** `any` only with an order or a user. */
  state: z.enum([...caseStates, 'any']).default('open'),
  channel: name.optional(),
  cause: name.optional(),
  operation: name.optional(),
  fingerprint: name.optional(),
  claimedBy: name.optional(),
  since: time.optional(),
  until: time.optional(),
  pointsMin: points.optional(),
  pointsMax: points.optional(),
  orderId: name.optional(),
} as const;

/** Not in a URL: those are kept in logs and histories that are not ours. */
export const userShape = { user: name.optional() } as const;

const filterSchema = z.strictObject({ ...filterShape, ...userShape });

/** @throws HubError HUB_REQUEST_INVALID for the state `any` without an order or a user */
export function filterOf(asked: z.output<typeof filterSchema>): CaseFilter {
  const { state, channel, cause, operation, fingerprint, claimedBy, since, until } = asked;
  const { pointsMin, pointsMax, orderId, user } = asked;
  if (state === 'any' && orderId === undefined && user === undefined) {
    throw new HubError('HUB_REQUEST_INVALID', '/state is "any" only with orderId or user');
  }
  const named = { channel, cause, operation, fingerprint, claimedBy, orderId, user };
  return { state: state === 'any' ? undefined : state, ...named, since, until, pointsMin, pointsMax };
}

/** A place in a list as a text that says nothing to its reader. */
export function cursorOf({ seenAtUs, id }: CasePlace): string {
  return Buffer.from(`${seenAtUs}.${id}`).toString('base64url');
}

/** @throws HubError HUB_REQUEST_INVALID */
export function placeOf(cursor: string | undefined): CasePlace | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, seenAtUs, id] = /^(\d{1,17})\.(\d{1,18})$/.exec(text) ?? [];
  if (seenAtUs === undefined || id === undefined) {
    throw new HubError('HUB_REQUEST_INVALID', '/cursor is not one that an answer gave as next');
  }
  return { seenAtUs, id };
}
