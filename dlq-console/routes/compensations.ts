/** Manual compensation: docs/compensation.md. */
import {
  compensationStates,
  HubError,
  Points,
  readPoints,
  type Compensations,
  type Thresholds,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import { compensationSchema, compensationsSchema, thresholdsSchema } from '../desk-answers.ts';
import { plainSchema } from '../requests.ts';
import { readId, readRequestKey, readVersion } from '../request-heads.ts';
import { json, route, type Answer, type Route } from '../route.ts';

const text = plainSchema.trim().min(1).max(4_000);
const wishShape = {
  points: z.string().optional(),
  reasonCode: z.string().regex(/^[A-Z][A-Z0-9_]{1,31}$/, 'capital letters, digits and _, 2 to 32'),
  reason: text,
  evidence: text,
} as const;
const markShape = {
  remoteId: z
    .string()
    .regex(/^[\x20-\x7e]{1,128}$/)
    .optional(),
} as const;
const kinds = ['refund_points', 'return_quota', 'mark_done', 'mark_undone'] as const;
const caseBody = z.strictObject({ kind: z.enum(kinds), ...wishShape, ...markShape });
const name = plainSchema.min(1).max(128);
const orderBody = z.strictObject({
  kind: z.enum(['refund_points', 'return_quota']),
  mallId: name,
  orderId: name,
  channel: name,
  ...wishShape,
});
const approveBody = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'the digest of the compensation as read'),
  note: text.optional(),
});
const rejectBody = z.strictObject({ reason: text });
const withdrawBody = z.strictObject({ reason: text.optional() });
const thresholdBody = z.strictObject({ pointsMax: z.string().nullable(), reason: text.optional() });
const listQuery = z.strictObject({
  state: z.enum(compensationStates).optional(),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function compensationRoutes(compensations: Compensations): readonly Route[] {
  const idOf = (params: Readonly<Record<string, string>>): string =>
    readId(params['compensationId'], 'HUB_COMPENSATION_UNKNOWN');
  return [
    route({
      method: 'POST',
      path: '/cases/:caseId/compensations',
      isVersioned: true,
      id: 'requestCompensation',
      summary: 'Asks for a compensation about the leg of a case',
      action: 'compensation.request',
      answer: compensationSchema,
      codes: [
        'HUB_POINTS_INVALID',
        'HUB_COMPENSATION_OPEN',
        'HUB_COMPENSATION_EXCEEDS',
        'HUB_OPERATION_REFUSED',
        'HUB_VERSION_MISSING',
        'HUB_CASE_UNKNOWN',
        'HUB_CASE_BUSY',
        'HUB_CASE_CLOSED',
        'HUB_CASE_CHANGED',
      ],
      needs: 'compensation.request',
      body: caseBody,
      perform: async ({ params, body, headers }, caller) => {
        const caseId = readId(params['caseId'], 'HUB_CASE_UNKNOWN');
        const version = readVersion(headers['if-match']);
        return json(await compensations.request(caller, caseId, version, wishOf(body)));
      },
    }),
    route({
      method: 'POST',
      path: '/compensations',
      id: 'requestRefund',
      summary: 'Asks for a refund of an order that has no case',
      action: 'compensation.request',
      answer: compensationSchema,
      codes: [
        'HUB_POINTS_INVALID',
        'HUB_COMPENSATION_OPEN',
        'HUB_COMPENSATION_EXCEEDS',
        'HUB_OPERATION_REFUSED',
        'HUB_ORDER_UNKNOWN',
        'HUB_IDEMPOTENCY_KEY_INVALID',
        'HUB_COMPENSATION_CONFLICT',
      ],
      needs: 'compensation.request',
      body: orderBody,
      perform: async ({ body: { mallId, orderId, channel, ...wish }, headers }, caller) => {
        const key = readRequestKey(headers['idempotency-key']);
        const of = { mallId, orderId, channel };
        return json(await compensations.requestRefund(caller, of, key, wishOf(wish)));
      },
    }),
    route({
      method: 'GET',
      path: '/compensations',
      id: 'listCompensations',
      summary: 'Compensations, the newest first',
      action: 'compensation.list',
      answer: compensationsSchema,
      needs: 'cases.read',
      query: listQuery,
      perform: async ({ query: { state, cursor, limit } }, caller) => {
        const found = await compensations.list(caller, state, cursor, limit);
        return json({ compensations: found, next: found.length === limit ? found.at(-1)?.id : undefined });
      },
    }),
    route({
      method: 'GET',
      path: '/compensations/:compensationId',
      id: 'showCompensation',
      summary: 'One with its effect as things stand',
      action: 'compensation.read',
      answer: compensationSchema,
      codes: ['HUB_COMPENSATION_UNKNOWN'],
      needs: 'cases.read',
      perform: async ({ params }, caller) => json(await compensations.read(caller, idOf(params))),
    }),
    route({
      method: 'POST',
      path: '/compensations/:compensationId/approve',
      id: 'approveCompensation',
      summary: 'Lets it take effect; another person than who asked, lately proven',
      action: 'compensation.approve',
      answer: compensationSchema,
      codes: [
        'HUB_COMPENSATION_UNKNOWN',
        'HUB_COMPENSATION_DECIDED',
        'HUB_COMPENSATION_EXPIRED',
        'HUB_COMPENSATION_OWN',
        'HUB_PROOF_STALE',
        'HUB_COMPENSATION_CHANGED',
        'HUB_COMPENSATION_EXCEEDS',
        'HUB_CASE_BUSY',
        'HUB_CASE_CLOSED',
        'HUB_OPERATION_REFUSED',
      ],
      needs: 'compensation.approve',
      body: approveBody,
      perform: async ({ params, body: { digest, note } }, caller) =>
        json(await compensations.approve(caller, idOf(params), digest, note)),
    }),
    route({
      method: 'POST',
      path: '/compensations/:compensationId/reject',
      id: 'rejectCompensation',
      summary: 'Another person than who asked says no',
      action: 'compensation.reject',
      answer: compensationSchema,
      codes: [
        'HUB_COMPENSATION_UNKNOWN',
        'HUB_COMPENSATION_DECIDED',
        'HUB_COMPENSATION_EXPIRED',
        'HUB_COMPENSATION_OWN',
      ],
      needs: 'compensation.approve',
      body: rejectBody,
      perform: async ({ params, body }, caller) =>
        json(await compensations.reject(caller, idOf(params), body.reason)),
    }),
    route({
      method: 'POST',
      path: '/compensations/:compensationId/withdraw',
      id: 'withdrawCompensation',
      summary: 'Who asked takes it back',
      action: 'compensation.withdraw',
      answer: compensationSchema,
      codes: [
        'HUB_COMPENSATION_UNKNOWN',
        'HUB_COMPENSATION_DECIDED',
        'HUB_COMPENSATION_EXPIRED',
        'HUB_COMPENSATION_OWN',
      ],
      needs: 'compensation.request',
      body: withdrawBody,
      perform: async ({ params, body }, caller) =>
        json(await compensations.withdraw(caller, idOf(params), body.reason)),
    }),
  ];
}

export function thresholdRoutes(thresholds: Thresholds): readonly Route[] {
  const shown = (found: readonly object[]): Answer => json({ thresholds: found });
  return [
    route({
      method: 'GET',
      path: '/compensation-thresholds',
      id: 'listThresholds',
      summary: 'Up to how many points one person may compensate alone',
      action: 'compensation.thresholds',
      answer: thresholdsSchema,
      needs: 'cases.read',
      perform: async (_asked, caller) => shown(await thresholds.list(caller)),
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/compensation-threshold',
      id: 'setThreshold',
      summary: 'Sets up to how many points, or null: none',
      action: 'compensation.threshold',
      answer: thresholdsSchema,
      codes: ['HUB_CHANNEL_UNKNOWN', 'HUB_POINTS_INVALID', 'HUB_PROOF_STALE'],
      needs: 'channels.manage',
      body: thresholdBody,
      perform: async ({ params, body: { pointsMax, reason } }, caller) => {
        const points = pointsMax === null ? undefined : pointsOf('/pointsMax', pointsMax);
        return shown(await thresholds.set(caller, params['channel'] ?? '', points, reason));
      },
    }),
  ];
}

function wishOf({ kind, points, remoteId, ...why }: z.output<typeof caseBody>) {
  const isMove = kind === 'refund_points' || kind === 'return_quota';
  if (isMove && points === undefined) {
    throw new HubError('HUB_REQUEST_INVALID', '/points is missing: say how many are given back');
  }
  return { ...why, kind, remoteId, points: points === undefined ? undefined : pointsOf('/points', points) };
}

/** The most that any channel can hold; what a deduction can give back is checked under its order's lock. */
const anyPoints = { scale: 4, max: new Points('999999999999999') };

function pointsOf(field: string, written: string) {
  const reading = readPoints(written, anyPoints);
  if (reading.type === 'points') return reading.points;
  throw new HubError('HUB_POINTS_INVALID', `${field} ${reading.reason}`, {
    faults: [{ field, code: 'HUB_POINTS_INVALID', detail: reading.reason }],
  });
}
