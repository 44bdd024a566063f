import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';

// A CommonJS module whose types say otherwise under nodenext.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

interface ProblemCase {
  readonly properties: {
    readonly status: { readonly const?: number; readonly minimum?: number };
    readonly code: { readonly const?: string; readonly enum?: readonly string[] };
  };
}
interface Document {
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly properties?: object; readonly enum?: readonly string[] }>
    > & {
      readonly Problem: { readonly oneOf: readonly ProblemCase[] };
    };
  };
}

/** One of the two written HTTP contracts, to hold answers against. */
export class OpenapiDocument {
  readonly #document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(url: URL) {
    this.#document = parse(readFileSync(url, 'utf8')) as Document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(this.#document, 'contract');
  }

  /** What is wrong with `value` as the named schema, undocumented fields included; empty if nothing is. */
  faults(schema: string, value: unknown): string[] {
    const validate = this.#ajv.getSchema(`contract#/components/schemas/${schema}`);
    if (validate === undefined) throw new Error(`no schema ${schema}`);
    const documented = Object.keys(this.#document.components.schemas[schema]?.properties ?? {});
    const undocumented = Object.keys(value as object).filter((field) => !documented.includes(field));
    const errors = validate(value) === true ? [] : (validate.errors ?? []);
    return [
      ...errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
      ...undocumented.map((field) => `${field} is not in the document`),
    ];
  }

  /** Every documented `<status> <code>` of the problems below 500. */
  problems(): string[] {
    return this.#document.components.schemas.Problem.oneOf.flatMap(({ properties: { status, code } }) =>
      status.const === undefined ? [] : (code.enum ?? [code.const]).map((one) => `${status.const} ${one}`),
    );
  }

  /** Every documented code. */
  codes(): readonly string[] {
    return this.#document.components.schemas['Code']?.enum ?? [];
  }
}

export const JSON_CHANNEL_DOCUMENT = new OpenapiDocument(
  new URL('../json-channel/openapi.yaml', import.meta.url),
);
export const PORTAL_DOCUMENT = new OpenapiDocument(new URL('../portal/openapi.yaml', import.meta.url));
