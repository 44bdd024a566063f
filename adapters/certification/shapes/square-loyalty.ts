/**
 * Square Loyalty: github.com/square/connect-api-specification, api.json (AdjustLoyaltyPoints, SearchLoyaltyEvents,
 * RetrieveLoyaltyAccount); read 2026-11-21.
 */
import { Decimal } from 'decimal.js';

import { fieldOf, JsonNumber, scalarText } from '../../lossless-json.ts';
import { deductPath, type Shape, type ShapeAnswer, type ShapeRequest } from './shape.ts';
import type { Effect, ShapeBooks } from './shape-books.ts';

const STRANGER = 'a-stranger';

export const SQUARE_LOYALTY: Shape = {
  name: 'Square Loyalty',
  document: 'square-loyalty.yaml',
  speaks: (description) => deductPath(description) === '/v2/loyalty/accounts/{memberRef}/adjust',
  capsRefunds: false,
  member: '5adcb100-07f1-4ee7-b8c6-6bb9ebc474bd',
  stranger: STRANGER,
  answer(request, books) {
    const [, , , resource, id, action] = request.path.split('/');
    if (resource === 'events') return search(request, books);
    if (resource !== 'accounts' || id === undefined) return failure(404, 'NOT_FOUND');
    if (id === STRANGER) return failure(404, 'NOT_FOUND');
    if (action === 'adjust') return adjust(id, request, books);
    const balance = new JsonNumber(books.balance(id).toFixed());
    return { status: 200, body: { loyalty_account: { id, program_id: 'p1', balance } } };
  },
};

function failure(status: number, code: string): ShapeAnswer {
  return { status, body: { errors: [{ category: 'INVALID_REQUEST_ERROR', code, detail: code }] } };
}

function adjust(member: string, { json }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const adjustment = fieldOf(json, 'adjust_points');
  const idempotencyKey = fieldOf(json, 'idempotency_key');
  const change = scalarText(fieldOf(adjustment, 'points')) ?? '';
  if (typeof idempotencyKey !== 'string' || !/^-?[1-9]\d*$/.test(change)) return failure(400, 'BAD_REQUEST');
  const request = JSON.stringify(json);
  const before = books.effects.find(({ extra }) => extra['idempotencyKey'] === idempotencyKey);
  if (before !== undefined) {
    return before.extra['request'] === request
      ? { status: 200, body: { event: event(before) } }
      : failure(400, 'IDEMPOTENCY_KEY_REUSED');
  }
  const points = new Decimal(change);
  const effect = books.move({
    key: scalarText(fieldOf(adjustment, 'reason')) ?? '',
    kind: points.isNegative() ? 'deduction' : 'refund',
    member,
    points: points.abs(),
    extra: { idempotencyKey, request },
  });
  return effect === undefined ? failure(400, 'BAD_REQUEST') : { status: 200, body: { event: event(effect) } };
}

function search({ json }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const filter = fieldOf(fieldOf(json, 'query'), 'filter');
  const account = fieldOf(fieldOf(filter, 'loyalty_account_filter'), 'loyalty_account_id');
  const limit = Math.min(30, Number(scalarText(fieldOf(json, 'limit')) ?? 30));
  const start = Number(fieldOf(json, 'cursor') ?? 0);
  const events = books.effects
    .filter(({ member }) => account === undefined || member === account)
    .toReversed()
    .map(event);
  if (events.length === 0) return { status: 200, body: {} };
  const end = start + limit;
  const more = end < events.length ? { cursor: String(end) } : {};
  return { status: 200, body: { events: events.slice(start, end), ...more } };
}

function event({ id, at, kind, points, key, member }: Effect): unknown {
  const change = new JsonNumber((kind === 'deduction' ? points.negated() : points).toFixed());
  return {
    id,
    type: 'ADJUST_POINTS',
    created_at: at.toISOString(),
    adjust_points: { loyalty_program_id: 'p1', points: change, reason: key },
    loyalty_account_id: member,
    source: 'LOYALTY_API',
  };
}
