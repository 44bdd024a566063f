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
  document: 'voucherify-loyalty-v2.yaml',
  values: { program: 'lprg_1' },
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
    if (cardId === undefined) return memberOf(memberId ?? '', books);
    return failure(404, 'not_found', { resource_type: 'card' });
  },
};

function failure(code: number, key: string, more: object = {}): ShapeAnswer {
  return { status: code, body: { code, key, message: key, ...more } };
}

/** With the one card that it has. */
function memberOf(id: string, books: ShapeBooks): ShapeAnswer {
  const [of, card_id = ''] = VOUCHERIFY_LOYALTY.member.split('/');
  if (id !== of) return failure(404, 'not_found', { resource_type: 'member' });
  const since = '2026-06-11T15:59:41.298Z';
  const sums = ['total', 'earned', 'added', 'purchased', 'purchased_reversed', 'subtracted', 'expired'];
  const others = ['spent', 'refunded', 'returned', 'locked', 'unlocked'];
  const lifetime_bucket = {
    points: Object.fromEntries([...sums, ...others].map((name) => [name, 0])),
    pending_points: { total: 0, activated: 0, canceled: 0 },
  };
  const points = new JsonNumber(books.balance(VOUCHERIFY_LOYALTY.member).toFixed());
  const card = {
    id: card_id,
    card_definition_id: 'lcdef_1',
    card_type: 'INDIVIDUAL',
    code: null,
    lifetime_bucket,
    balance: { points, pending_points: 0 },
    next_expiration: null,
    next_activation: null,
    object: 'card',
  };
  const held = { member_role: 'OWNER', created_at: since, card, object: 'member_card' };
  const member = { id, customer_id: 'cust_1', program_id: 'lprg_1', status: 'ACTIVE', metadata: {} };
  const dates = { created_at: since, updated_at: null };
  return { status: 200, body: { ...member, ...dates, object: 'member', cards: [held] } };
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
  const message = 'Points adjustment transaction created';
  return { status: 200, body: { transaction: accepted, status: 'TRANSACTION_CREATED', message } };
}

function list(card: string, { query }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const start = Number(/\d+$/.exec(query.get('cursor') ?? '0')?.[0]);
  const end = start + Number(query.get('limit') ?? 10);
  const all = books.effects.filter(({ member }) => member === card).toReversed();
  const data = all.slice(start, end).map((effect) => ({ ...transaction(effect), status: 'APPROVED' }));
  const cursor = end < all.length ? { next: `lcrsctx_${end}` } : null;
  return { status: 200, body: { object: 'list', data, cursor } };
}

function transaction({ id, kind, key, member, points, at }: Omit<Effect, 'extra'>): object {
  const [member_id, card_id] = member.split('/');
  const total = new JsonNumber((kind === 'deduction' ? points.negated() : points).toFixed());
  return {
    id: `lctx_${id}`,
    card_id,
    program_id: 'lprg_1',
    member_id,
    card_definition_id: 'lcdef_1',
    card_type: 'INDIVIDUAL',
    type: kind === 'deduction' ? 'ADMIN_DEBIT' : 'ADMIN_CREDIT',
    details: { reason: key, rejection: null, metadata: {}, points: { total } },
    created_at: at.toISOString(),
    updated_at: null,
    object: 'card_transaction',
  };
}
