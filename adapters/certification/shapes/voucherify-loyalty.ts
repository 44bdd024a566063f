/**
 * Voucherify Loyalty v2: github.com/voucherifyio/voucherify-openapi at 65c33a7a (2026-08-21),
 * documentation/openapi/loyalties-v2.json; read 2026-11-21.
 */
import { Decimal } from 'decimal.js';

import { fieldOf, JsonNumber, scalarText } from '../../lossless-json.ts';
import { deductPath, type Shape, type ShapeAnswer, type ShapeRequest } from './shape.ts';
import type { Effect, ShapeBooks } from './shape-books.ts';

export const VOUCHERIFY_LOYALTY: Shape = {
  name: 'Voucherify Loyalty v2',
  speaks: (description) => /^\/v2\/loyalties\/programs\/.*\/points$/.test(deductPath(description)),
  capsRefunds: false,
  member: 'lmbr_1/lcrd_1',
  stranger: 'lmbr_0/lcrd_0',
  answer(request, books) {
    const [, , , , , , memberId, , cardId, action] = request.path.split('/');
    if (memberId === 'lmbr_0') return failure(404, 'not_found', { resource_type: 'member' });
    const member = `${memberId}/${cardId}`;
    if (action === 'points') return adjust(member, request, books);
    if (action === 'transactions') return list(member, request, books);
    return failure(404, 'not_found', { resource_type: 'card' });
  },
};

function failure(code: number, key: string, more: object = {}): ShapeAnswer {
  return { status: code, body: { code, key, message: key, ...more } };
}

function adjust(member: string, { json }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const change = scalarText(fieldOf(json, 'points')) ?? '';
  if (!/^-?[1-9]\d*$/.test(change)) return failure(400, 'invalid_payload');
  const points = new Decimal(change);
  const asked = {
    key: scalarText(fieldOf(json, 'reason')) ?? '',
    kind: points.isNegative() ? ('deduction' as const) : ('refund' as const),
    member,
    points: points.abs(),
    extra: {},
  };
  // Whether there are enough is found out after it was accepted; what is refused then moved nothing.
  const effect = books.move(asked) ?? { ...asked, id: '0', at: new Date() };
  const accepted = { ...transaction({ ...effect, points: asked.points }), status: 'PENDING' };
  return { status: 200, body: { transaction: accepted, status: 'TRANSACTION_CREATED' } };
}

function list(card: string, { query }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const start = Number(/\d+$/.exec(query.get('cursor') ?? '0')?.[0]);
  const end = start + Number(query.get('limit') ?? 10);
  const all = books.effects.filter(({ member }) => member === card).toReversed();
  const data = all.slice(start, end).map((effect) => ({ ...transaction(effect), status: 'APPROVED' }));
  const cursor = end < all.length ? { next: `lcrsctx_${end}` } : null;
  return { status: 200, body: { object: 'list', data, cursor } };
}

function transaction({ id, kind, key, points, at }: Effect): object {
  const total = new JsonNumber((kind === 'deduction' ? points.negated() : points).toFixed());
  return {
    id: `lctx_${id}`,
    type: kind === 'deduction' ? 'ADMIN_DEBIT' : 'ADMIN_CREDIT',
    details: { reason: key, rejection: null, metadata: {}, points: { total } },
    created_at: at.toISOString(),
    object: 'card_transaction',
  };
}
