/**
 * Brevo Loyalty: https://developers.brevo.com/reference/begin-transaction.md and the types of the official client
 * @getbrevo/brevo 6.0.3; read 2026-11-21.
 */
import { Decimal } from 'decimal.js';

import { fieldOf, JsonNumber, scalarText } from '../../lossless-json.ts';
import { deductPath, type Shape, type ShapeAnswer, type ShapeRequest } from './shape.ts';
import type { Effect, ShapeBooks } from './shape-books.ts';

const STRANGER = '404';

export const BREVO_LOYALTY: Shape = {
  name: 'Brevo Loyalty',
  document: 'brevo-loyalty.yaml',
  speaks: (description) => /^\/loyalty\/balance\/programs\/.*\/transactions$/.test(deductPath(description)),
  capsRefunds: false,
  // Above what a JavaScript number holds exactly.
  member: '9007199254740993',
  stranger: STRANGER,
  answer(request, books) {
    const [, , , , program = '', resource, contact] = request.path.split('/');
    if (resource === 'transactions' && request.method === 'POST') return create(program, request, books);
    if (resource === 'transaction-history') return history(program, request, books);
    if (resource === 'subscriptions' && contact !== undefined) return balances(program, contact, books);
    return failure(404, 'document_not_found');
  },
};

function failure(status: number, code: string): ShapeAnswer {
  return { status, body: { code, message: code } };
}

function create(program: string, { json }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const contact = fieldOf(json, 'contactId');
  const amount = fieldOf(json, 'amount');
  if (!(contact instanceof JsonNumber) || !(amount instanceof JsonNumber))
    return failure(422, 'invalid_parameter');
  if (contact.text === STRANGER) return failure(422, 'not_subscribed');
  const points = new Decimal(amount.text);
  const effect = books.move({
    key: scalarText(fieldOf(fieldOf(json, 'meta'), 'key')) ?? '',
    kind: points.isNegative() ? 'deduction' : 'refund',
    member: contact.text,
    points: points.abs(),
    extra: { balance: scalarText(fieldOf(json, 'balanceDefinitionId')) ?? '' },
  });
  if (effect === undefined) return failure(422, 'insufficient_balance');
  const more = {
    loyaltyProgramId: program,
    balanceDefinitionId: effect.extra['balance'],
    contactId: contact,
  };
  return { status: 200, body: { ...transaction(effect), ...more, balance: balanceOf(contact.text, books) } };
}

function history(program: string, { query }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const contact = query.get('contactId') ?? '';
  const all = books.effects.filter(({ member }) => member === contact).toReversed();
  const about = { loyaltyProgramId: program, contactId: new JsonNumber(contact), count: all.length };
  const transactionHistory = all.slice(0, Number(query.get('limit') ?? 50)).map(transaction);
  return { status: 200, body: { ...about, ...(all.length === 0 ? {} : { transactionHistory }) } };
}

function balances(program: string, contact: string, books: ShapeBooks): ShapeAnswer {
  const balance = [{ balanceDefinitionId: 'b1', value: balanceOf(contact, books) }];
  return { status: 200, body: { loyaltyProgramId: program, contactId: new JsonNumber(contact), balance } };
}

function balanceOf(contact: string, books: ShapeBooks): JsonNumber {
  return new JsonNumber(books.balance(contact).toFixed());
}

function transaction({ id, kind, key, points, at }: Effect): object {
  const change = kind === 'deduction' ? points.negated() : points;
  return {
    id,
    amount: new JsonNumber(change.toFixed()),
    transactionType: kind === 'deduction' ? 'debit' : 'credit',
    meta: { key },
    status: 'completed',
    createdAt: at.toISOString(),
    completedAt: at.toISOString(),
  };
}
