/**
 * Formance Ledger v2: github.com/formancehq/ledger at 25f8708b (2026-08-18), openapi.yaml and
 * internal/api/v2/controllers_transactions_create.go; read 2026-11-21.
 */
import { Decimal } from 'decimal.js';

import { fieldOf, JsonNumber, parseJson, scalarText, type JsonValue } from '../../lossless-json.ts';
import { deductPath, type Shape, type ShapeAnswer, type ShapeRequest } from './shape.ts';
import type { Effect, ShapeBooks } from './shape-books.ts';

export const FORMANCE_LEDGER: Shape = {
  name: 'Formance Ledger v2',
  document: 'formance-ledger-v2.yaml',
  speaks: (description) => /^\/v2\/[^/]+\/transactions$/.test(deductPath(description)),
  capsRefunds: false,
  member: 'ann',
  // Every account exists.
  stranger: undefined,
  duplicate: failure(409, 'CONFLICT'),
  answer(request, books) {
    const [, version, , resource, address] = request.path.split('/');
    if (version !== 'v2') return failure(404, 'NOT_FOUND');
    if (resource === 'accounts' && address !== undefined) return account(address, books);
    if (resource === 'transactions' && request.method === 'POST') return create(request, books);
    if (resource === 'transactions' && request.method === 'GET') return list(request, books);
    return failure(404, 'NOT_FOUND');
  },
};

function failure(status: number, errorCode: string): ShapeAnswer {
  return { status, body: { errorCode, errorMessage: errorCode.toLowerCase() } };
}

function account(address: string, books: ShapeBooks): ShapeAnswer {
  const member = memberIn(decodeURIComponent(address)) ?? '';
  const volume = {
    input: units(books.opening, books),
    output: units(books.moved(member), books),
    balance: units(books.balance(member), books),
  };
  return { status: 200, body: { data: { address, metadata: {}, volumes: { [assetOf(books)]: volume } } } };
}

function create({ json, headers }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const posting = fieldOf(json, 'postings');
  const [first] = Array.isArray(posting) ? (posting as readonly JsonValue[]) : [];
  const [source, destination, amount, reference] = [
    fieldOf(first, 'source'),
    fieldOf(first, 'destination'),
    scalarText(fieldOf(first, 'amount')),
    scalarText(fieldOf(json, 'reference')),
  ];
  const asset = fieldOf(first, 'asset');
  if (typeof source !== 'string' || typeof destination !== 'string' || !/^\d+$/.test(amount ?? '')) {
    return failure(400, 'VALIDATION');
  }
  if (reference === undefined || asset !== assetOf(books)) return failure(400, 'VALIDATION');
  const isDeduction = source.startsWith('users:');
  const points = new Decimal(`${amount}e-${books.scale}`);
  const body = JSON.stringify(json);
  const before = books.of(reference);
  if (before !== undefined) {
    if (headers['idempotency-key'] !== before.extra['idempotencyKey']) return failure(409, 'CONFLICT');
    if (body !== before.extra['request']) return failure(400, 'VALIDATION');
    return {
      status: 200,
      headers: { 'idempotency-hit': 'true' },
      body: { data: transaction(before, books) },
    };
  }
  const effect = books.move({
    key: reference,
    kind: isDeduction ? 'deduction' : 'refund',
    member: memberIn(isDeduction ? source : destination) ?? '',
    points,
    extra: { request: body, idempotencyKey: headers['idempotency-key'] ?? '' },
  });
  if (effect === undefined) return failure(400, 'INSUFFICIENT_FUND');
  return { status: 200, body: { data: transaction(effect, books) } };
}

function list({ query }: ShapeRequest, books: ShapeBooks): ShapeAnswer {
  const match = fieldOf(parseJson(query.get('query') ?? '{}'), '$match');
  const reference = fieldOf(match, 'reference');
  const data = books.effects
    .filter(({ key }) => reference === undefined || key === reference)
    .map((effect) => transaction(effect, books));
  return { status: 200, body: { cursor: { pageSize: 15, hasMore: false, data } } };
}

function transaction(effect: Effect, books: ShapeBooks): unknown {
  const { extra, key, kind, member, points, id, at } = effect;
  const request = parseJson(extra['request'] ?? '{}');
  const [source, destination] =
    kind === 'deduction' ? [`users:${member}`, 'mall'] : ['mall', `users:${member}`];
  return {
    id: new JsonNumber(id),
    reference: key,
    insertedAt: at.toISOString(),
    timestamp: at.toISOString(),
    metadata: fieldOf(request, 'metadata') ?? {},
    postings: [{ source, destination, amount: units(points, books), asset: assetOf(books) }],
    reverted: false,
  };
}

function units(points: Decimal, { scale }: ShapeBooks): JsonNumber {
  return new JsonNumber(points.times(10 ** scale).toFixed());
}

function assetOf({ scale }: ShapeBooks): string {
  return scale === 0 ? 'PTS' : `PTS/${scale}`;
}

function memberIn(address: string): string | undefined {
  return /^users:(.+)$/.exec(address)?.[1];
}
