/**
 * Talon.One, Management API: github.com/talon-one/talon_go, api/openapi.yaml (removeLoyaltyPoints, addLoyaltyPoints,
 * getLoyaltyPoints, getLoyaltyProgramTransactions); read 2026-11-21.
 */
import { Decimal } from 'decimal.js';

import { fieldOf, JsonNumber, scalarText } from '../../lossless-json.ts';
import { deductPath, type Shape, type ShapeAnswer, type ShapeRequest } from './shape.ts';
import type { ShapeBooks } from './shape-books.ts';

const STRANGER = 'a-stranger';

export const TALON_ONE: Shape = {
  name: 'Talon.One',
  document: 'talon-one.yaml',
  values: { program: '5' },
  speaks: (description) => deductPath(description).endsWith('/profile/{memberRef}/deduct_points'),
  capsRefunds: false,
  member: 'ann',
  stranger: STRANGER,
  answer(request, books) {
    const [, , resource, program = '', kind, profile, action] = request.path.split('/');
    if (resource !== 'loyalty_programs') return notFound();
    if (kind === 'transactions') return list(program, request, books);
    if (kind !== 'profile' || profile === undefined) return notFound();
    if (profile === STRANGER) return notFound();
    if (action === 'deduct_points') return change('deduction', profile, request, books);
    if (action === 'add_points') return change('refund', profile, request, books);
    return action === undefined ? ledger(profile, books) : notFound();
  },
};

function notFound(): ShapeAnswer {
  return { status: 404, body: { message: 'Not found' } };
}

function change(
  kind: 'deduction' | 'refund',
  member: string,
  { method, json }: ShapeRequest,
  books: ShapeBooks,
): ShapeAnswer {
  const points = scalarText(fieldOf(json, 'points')) ?? '';
  if (method !== 'PUT' || !/^\d+(?:\.\d+)?$/.test(points)) {
    return { status: 400, body: { message: 'Bad request' } };
  }
  const key = scalarText(fieldOf(json, 'name')) ?? '';
  const effect = books.move({ key, kind, member, points: new Decimal(points), extra: {} });
  return effect === undefined ? { status: 400, body: { message: 'Not enough points' } } : { status: 204 };
}

function ledger(profile: string, books: ShapeBooks): ShapeAnswer {
  const [active, spent] = [books.balance(profile), books.moved(profile)].map((points) => points.toFixed());
  const none = new JsonNumber('0');
  const totals = {
    total: new JsonNumber(active ?? ''),
    totalActivePoints: new JsonNumber(active ?? ''),
    totalPendingPoints: none,
    totalSpentPoints: new JsonNumber(spent ?? ''),
    totalExpiredPoints: none,
    totalNegativePoints: none,
  };
  return { status: 200, body: { ledger: totals } };
}

/** Of all members, as the Management API has it. */
function list(program: string, { query }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const since = Date.parse(query.get('startDate') ?? '1970-01-01');
  const [size, skip] = [Number(query.get('pageSize') ?? 50), Number(query.get('skip') ?? 0)];
  const until = Date.parse(query.get('endDate') ?? '9999-12-31');
  const all = books.effects.filter(({ at }) => at.getTime() >= since && at.getTime() <= until);
  const data = all.slice(skip, skip + size).map(({ id, at, kind, key, member, points }) => ({
    id: new JsonNumber(id),
    transactionUUID: `uuid-${id}`,
    created: at.toISOString(),
    programId: new JsonNumber(program),
    customerProfileId: member,
    type: kind === 'deduction' ? 'subtraction' : 'addition',
    amount: new JsonNumber(points.toFixed()),
    name: key,
    startDate: 'immediate',
    expiryDate: 'unlimited',
    subledgerId: '',
  }));
  return { status: 200, body: { hasMore: all.length > skip + size, data } };
}
