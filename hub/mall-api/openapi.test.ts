import { describe, expect, test } from '@jest/globals';
import { openApiDocument } from './openapi.ts';
import { schemaCheck } from './testing/schema-check.ts';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Json; example?: unknown }[];
  requestBody?: { content: Record<string, { schema: Json; examples: Record<string, { value: unknown }> }> };
  responses: Record<
    string,
    { description: string; headers?: Json; content?: Record<string, { schema: Json }> }
  >;
  security?: Record<string, string[]>[];
}
interface Document {
  openapi: string;
  info: Json;
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Json & { examples?: unknown[] }>;
    securitySchemes: Record<string, Json>;
  };
}

const document = openApiDocument(['airmiles', 'telco']) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
);
const check = schemaCheck(document);

test('the document is JSON that says OpenAPI 3.1', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
});

test('every reference leads to something, and every named schema is used', () => {
  const text = JSON.stringify(document);
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
  );
  expect(referred).toEqual(new Set(Object.keys(document.components.schemas)));
  expect(text).not.toMatch(/"\$ref":"(?!#\/components\/schemas\/)/);
});

test('every named schema is a valid JSON Schema, and its examples fit it', () => {
  for (const [name, { examples = [] }] of Object.entries(document.components.schemas)) {
    const pointer = `/components/schemas/${name}`;
    expect(() => check.at(pointer, null)).not.toThrow();
    for (const example of examples) expect([name, check.at(pointer, example)]).toEqual([name, 'valid']);
  }
});

test('operation ids are unique', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(operations)('$name', ({ path, operation }) => {
  test('declares every parameter of its path, and no other', () => {
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(declared.map(({ name, required }) => [name, required])).toEqual(
      inPath.map((name) => [name, true]),
    );
  });

  test('has request examples that fit their schema', () => {
    for (const { schema, examples } of Object.values(operation.requestBody?.content ?? {})) {
      for (const { value } of Object.values(examples)) {
        expect(check.at(String(schema['$ref']).slice(1), value)).toBe('valid');
      }
    }
  });

  test('has a success and the failures that any request can meet, each described', () => {
    const statuses = Object.keys(operation.responses);
    expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
    expect(statuses).toEqual(expect.arrayContaining(['400', '408', '431', '500']));
    for (const { description } of Object.values(operation.responses)) expect(description).not.toBe('');
  });

  test('answers failures as problems, except for readiness', () => {
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      if (status.startsWith('2') || (path === '/readyz' && status === '503')) continue;
      expect(content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
    }
  });

  test('says whether it needs a key or a signature; with a key it has 401 and 429, with a signature 403', () => {
    const security = operation.security ?? document.security;
    const schemes = security.flatMap((requirement) => Object.keys(requirement));
    expect(Object.keys(document.components.securitySchemes)).toEqual(expect.arrayContaining(schemes));
    expect(path.startsWith('/v1/')).toBe(schemes.length > 0);
    const isKeyed = schemes.includes('apiKey');
    expect(['401', '429'].map((status) => status in operation.responses)).toEqual([isKeyed, isKeyed]);
    expect('403' in operation.responses).toBe(schemes.includes('webhookSignature'));
  });
});
