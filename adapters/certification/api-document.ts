/**
 * Holds exchanges against an API's own OpenAPI document, so that an adapter and the fake it is tried on cannot share a
 * mistake: both are wrong in the eyes of a third.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';

import type { SeenExchange } from './fault-proxy.ts';
import { closed, resolved, type Json, type JsonRecord } from './openapi-schemas.ts';

// A CommonJS module whose types say otherwise under nodenext.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
/** Of HTTP itself; documents name them elsewhere, if at all. */
const HEADERS_OF_THE_WAY =
  /^(?:accept|authorization|connection|content-length|content-type|host|traceparent)$/;

interface Operation {
  readonly shown: string;
  readonly path: RegExp;
  readonly pathNames: readonly string[];
  readonly method: string;
  readonly operation: JsonRecord;
  readonly parameters: readonly JsonRecord[];
}

export class ApiDocument {
  /** As the document calls itself. */
  readonly title: string;
  readonly #root: JsonRecord;
  readonly #operations: readonly Operation[];
  readonly #checks = new Map<string, ValidateFunction>();
  readonly #bodies = new Ajv2020({ strict: false, allErrors: true, logger: false });
  /** What stands in an address or a header is text, and meant as whatever it reads as. */
  readonly #texts = new Ajv2020({ strict: false, allErrors: true, logger: false, coerceTypes: true });

  /** @throws Error if the text is no OpenAPI 3 document; `source` names it. */
  constructor(text: string, source: string) {
    addFormats(this.#bodies);
    addFormats(this.#texts);
    const root = parse(text, { maxAliasCount: -1, logLevel: 'error' }) as Json;
    if (!isRecord(root) || !/^3\.[01]\./.test(textAt(root, 'openapi')) || !isRecord(root['paths'])) {
      throw new Error(`${source} is no OpenAPI 3 document`);
    }
    this.#root = root;
    const info = isRecord(root['info']) ? root['info'] : {};
    this.title = `${textAt(info, 'title')} ${textAt(info, 'version')}`.trim();
    this.#operations = Object.entries(root['paths']).flatMap(([path, item]) =>
      operationsOf(path, item, root),
    );
  }

  /**
   * What is wrong with the exchange by this document; empty if nothing is. Headers that authorise, `own`, documents have as
   * security schemes, or not at all.
   */
  faultsOf(exchange: SeenExchange, own: readonly string[] = []): string[] {
    const url = new URL(exchange.path, 'http://document');
    const found = this.#find(exchange.method, url.pathname);
    if (found === undefined) return [`${exchange.method} ${url.pathname} is not in the document`];
    const told = (fault: string): string => `${exchange.method} ${found.shown}: ${fault}`;
    return [
      ...this.#parameterFaults(found, url, exchange.headers, own),
      ...this.#bodyFaults(found, 'request', this.#contentOf(found.operation['requestBody']), exchange.body),
      ...this.#answerFaults(found, exchange),
    ].map(told);
  }

  /** The most literal path wins, as in every router. */
  #find(method: string, path: string): Operation | undefined {
    return this.#operations
      .filter((one) => one.method === method.toLowerCase() && one.path.test(path))
      .toSorted((one, other) => one.pathNames.length - other.pathNames.length)[0];
  }

  #parameterFaults(
    { parameters, path, pathNames, shown }: Operation,
    url: URL,
    headers: SeenExchange['headers'],
    own: readonly string[],
  ) {
    const inPath = path.exec(url.pathname)?.slice(1) ?? [];
    const faults: string[] = [];
    const check = (place: string, name: string, value: string): void => {
      const parameter = parameters.find((one) => one['in'] === place && sameName(place, one['name'], name));
      if (parameter === undefined) {
        if (place !== 'path') faults.push(`${place} ${name} is not in the document`);
        return;
      }
      const schema = resolved(parameter['schema'] ?? {}, this.#root);
      const isRight = this.#check(
        `${shown} ${place} ${name}`,
        { properties: { value: schema } },
        this.#texts,
      );
      if (!isRight({ value })) faults.push(`${place} ${name}: ${why(isRight).replace('/value ', '')}`);
    };
    pathNames.forEach((name, index) => check('path', name, decodeURIComponent(inPath[index] ?? '')));
    for (const [name, value] of url.searchParams) check('query', name, value);
    for (const [name, value] of Object.entries(headers)) {
      if (!HEADERS_OF_THE_WAY.test(name) && !own.includes(name)) check('header', name, value);
    }
    const sent = (place: unknown, name: string): boolean =>
      place === 'query' ? url.searchParams.has(name) : place !== 'header' || name.toLowerCase() in headers;
    for (const one of parameters) {
      const name = textAt(one, 'name');
      if (one['required'] === true && !sent(one['in'], name))
        faults.push(`${textAt(one, 'in')} ${name} is missing`);
    }
    return faults;
  }

  #answerFaults(found: Operation, { answer }: SeenExchange): string[] {
    const answers = (found.operation['responses'] ?? {}) as JsonRecord;
    const described =
      answers[String(answer.status)] ?? answers[`${String(answer.status)[0]}XX`] ?? answers['default'];
    // Documents leave out most of what goes wrong; what they do say of it counts.
    if (described === undefined)
      return answer.status < 300 ? [`the answer ${answer.status} is not in the document`] : [];
    return this.#bodyFaults(found, `answer ${answer.status}`, this.#contentOf(described), answer.body);
  }

  /** The schema of JSON in a request or an answer; undefined where there is none. */
  #contentOf(described: Json | undefined): Json | undefined {
    const { content } = (resolved(described ?? {}, this.#root) ?? {}) as JsonRecord;
    if (!isRecord(content)) return undefined;
    const [json] = Object.entries(content).flatMap(([type, one]) => (type.includes('json') ? [one] : []));
    return isRecord(json) ? json['schema'] : undefined;
  }

  #bodyFaults({ shown, method }: Operation, what: string, schema: Json | undefined, body: string): string[] {
    if (body === '') return schema === undefined || method === 'get' ? [] : [`the ${what} has no body`];
    if (schema === undefined) return [`the ${what} has a body, and the document knows none`];
    const isRight = this.#check(`${method} ${shown} ${what}`, closed(resolved(schema, this.#root)));
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      return [`the ${what} is no JSON`];
    }
    return isRight(value) ? [] : [`the ${what} ${why(isRight)}`];
  }

  #check(name: string, schema: Json, ajv = this.#bodies): ValidateFunction {
    const known = this.#checks.get(name);
    if (known !== undefined) return known;
    const made = ajv.compile(isRecord(schema) ? schema : {});
    this.#checks.set(name, made);
    return made;
  }
}

function operationsOf(path: string, item: Json, root: JsonRecord): Operation[] {
  if (!isRecord(item)) return [];
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replace(/\{[^}]+\}/g, '([^/]+)');
  return METHODS.flatMap((method) => {
    const operation = item[method];
    if (!isRecord(operation)) return [];
    const listed = [item['parameters'], operation['parameters']].flatMap((some) =>
      Array.isArray(some) ? (some as readonly Json[]) : [],
    );
    const parameters = listed.map((one) => resolved(one, root)).filter(isRecord);
    return [
      { shown: path, path: new RegExp(`^${literal}$`), pathNames: names, method, operation, parameters },
    ];
  });
}

function sameName(place: string, one: unknown, other: string): boolean {
  return place === 'header' && typeof one === 'string' ? one.toLowerCase() === other : one === other;
}

function why({ errors }: ValidateFunction): string {
  const some = (errors ?? []).slice(0, 5).map(({ instancePath, message = '', params }) => {
    const { additionalProperty, unevaluatedProperty } = params as Record<string, unknown>;
    const field = additionalProperty ?? unevaluatedProperty;
    // Which entry of a list it was says nothing of the document.
    const place = instancePath.replace(/\/\d+/g, '/*');
    return `${place} ${message}${typeof field === 'string' ? `: ${field}` : ''}`.trim();
  });
  return [...new Set(some)].join(', ');
}

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textAt(record: JsonRecord, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : '';
}
