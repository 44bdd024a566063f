import { describe, expect, test } from '@jest/globals';

import { ApiDocument } from './api-document.ts';
import type { SeenExchange } from './fault-proxy.ts';

const DOCUMENT = `
openapi: 3.0.3
info: { title: Points, version: '7' }
paths:
  /members/{member}/points:
    parameters: [{ in: path, name: member, required: true, schema: { type: string, pattern: '^m_' } }]
    post:
      parameters:
        - { in: query, name: dry, schema: { type: boolean } }
        - { in: header, name: Idempotency-Key, required: true, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Change' } } } }
      responses:
        '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Done' } } } }
        '4XX': { content: { application/json: { schema: { $ref: '#/components/schemas/Trouble' } } } }
  /members/{member}/{other}:
    get: { responses: { '204': {} } }
components:
  schemas:
    Change:
      type: object
      required: [points]
      properties: { points: { type: integer, minimum: 1 }, note: { type: string, nullable: true } }
    Done:
      allOf:
        - { $ref: '#/components/schemas/Change' }
        - { type: object, required: [id], properties: { id: { type: string }, parent: { $ref: '#/components/schemas/Done' } } }
    Trouble: { type: object, required: [code], properties: { code: { enum: [TOO_FEW] } } }
`;
const document = new ApiDocument(DOCUMENT, 'points.yaml');
const GOOD: SeenExchange = {
  method: 'POST',
  path: '/members/m_1/points?dry=true',
  headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
  body: '{"points":9007199254740993,"note":null}',
  answer: { status: 200, headers: {}, body: '{"id":"t1","points":1,"parent":{"id":"t0","points":2}}' },
};
const answer = (status: number, body: string) => ({ answer: { status, headers: {}, body } });

test('what the document describes is right, references, nullable and allOf included', () => {
  expect(document.title).toBe('Points 7');
  expect(document.faultsOf(GOOD)).toEqual([]);
  expect(document.faultsOf({ ...GOOD, ...answer(422, '{"code":"TOO_FEW"}') })).toEqual([]);
});

describe.each<readonly [string, Partial<SeenExchange>, string]>([
  ['a path', { path: '/nowhere' }, 'POST /nowhere is not in the document'],
  ['a method', { method: 'DELETE' }, 'DELETE /members/m_1/points is not in the document'],
  ['a part of the path', { path: '/members/1/points' }, 'path member: must match pattern'],
  ['a query field that nobody knows', { path: '/members/m_1/points?dryy=true' }, 'query dryy is not in'],
  ['a query field of another kind', { path: '/members/m_1/points?dry=maybe' }, 'query dry: must be boolean'],
  ['a header that is missing', { headers: {} }, 'header Idempotency-Key is missing'],
  ['a header that nobody knows', { headers: { ...GOOD.headers, 'x-odd': '1' } }, 'header x-odd is not in'],
  [
    'a misspelt field',
    { body: '{"points":1,"nota":""}' },
    'the request must NOT have unevaluated properties: nota',
  ],
  ['a value out of bounds', { body: '{"points":0}' }, 'the request /points must be >= 1'],
  ['no body', { body: '' }, 'the request has no body'],
  ['a body that is no JSON', { body: '{' }, 'the request is no JSON'],
  [
    'an answer without a field',
    answer(200, '{"points":1}'),
    "the answer 200 must have required property 'id'",
  ],
  ['an answer with one more', answer(200, '{"id":"t","points":1,"x":1}'), 'unevaluated properties: x'],
  ['an answer of an unknown status', answer(201, '{}'), 'the answer 201 is not in the document'],
  ['a code that it does not have', answer(400, '{"code":"ODD"}'), '/code must be equal to one of'],
])('%s', (_, change, fault) => {
  test('is told', () => {
    expect(document.faultsOf({ ...GOOD, ...change }).join('\n')).toContain(fault);
  });
});

test('a body where there is none is told, and the more literal path counts', () => {
  const read = { ...GOOD, method: 'GET', path: '/members/m_1/history', body: '', headers: {} };
  expect(document.faultsOf({ ...read, ...answer(204, '') })).toEqual([]);
  expect(document.faultsOf({ ...read, ...answer(204, '{}') })).toEqual([
    'GET /members/{member}/{other}: the answer 204 has a body, and the document knows none',
  ]);
});

test.each(['', '[]', 'swagger: "2.0"', 'openapi: 3.1.0'])('%j is no document', (text) => {
  expect(() => new ApiDocument(text, 'x.yaml')).toThrow('x.yaml is no OpenAPI 3 document');
});
