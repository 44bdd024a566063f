/** The description of the operators' API against what the server does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemaCheck } from '../hub/mall-api/testing/schema-check.ts';
import { permissions } from '../hub/operations/rights.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly 'x-needs'?: string;
  readonly security?: unknown[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<'get' | 'post', Operation>>>>;
  readonly components: { readonly schemas: Json; readonly securitySchemes: Json };
}

let ops: ConsoleUnderTest;
let document: Document;
let operations: readonly { path: string; method: 'GET' | 'POST'; operation: Operation }[];
beforeAll(async () => {
  ops = await consoleUnderTest();
  document = (await ops.line.send('GET', '/openapi.json', undefined, {})).body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      return { path, method: method.toUpperCase() as 'GET' | 'POST', operation };
    }),
  );
});
afterAll(() => ops.close());

test('is OpenAPI 3.1, whose references all lead to something and whose schemas are all used', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
  expect(referred).toEqual(new Set(Object.keys(document.components.schemas)));
  const check = schemaCheck(document);
  for (const name of Object.keys(document.components.schemas)) {
    expect(() => check.at(`/components/schemas/${name}`, null)).not.toThrow();
  }
});

test('names for every route the permission that it needs, and declares its parameters and failures', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const opened = operations.filter(({ operation }) => operation.security !== undefined);
  expect(opened.map(({ operation }) => operation.operationId)).toEqual([
    'signInWays',
    'signIn',
    'redeemLink',
    'beginOidc',
    'finishOidc',
    'signInCommand',
  ]);
  for (const { path, method, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(inPath);
    expect(operation.requestBody !== undefined).toBe(method === 'POST');
    const statuses = Object.keys(operation.responses);
    expect(statuses).toEqual(expect.arrayContaining(['400', '408', '422', '429', '431', '500', '503']));
    if (operation.security !== undefined) continue;
    expect([...permissions, 'signed-in']).toContain(operation['x-needs']);
    expect(statuses).toEqual(expect.arrayContaining(['401', '403']));
  }
});

test('lists nothing that lets anybody in without a session, and nothing that is not there', async () => {
  for (const { path, method, operation } of operations) {
    const asked = path.replace('/ops/v1', '').replaceAll(/\{\w+\}/g, '1');
    const answer = await ops.line.send(method, asked, method === 'POST' ? {} : undefined, {
      'sec-fetch-site': 'same-origin',
    });
    const isOpen = operation.security !== undefined;
    expect([
      operation.operationId,
      answer.status === 401 && answer.body['code'] === 'HUB_SIGN_IN_NEEDED',
    ]).toEqual([operation.operationId, !isOpen]);
    expect(answer.body['code']).not.toBe('HUB_ROUTE_UNKNOWN');
  }
});

test('every answer forbids to be run, framed or guessed at', async () => {
  const { headers } = await ops.ask('GET', '/me');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
});
