import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** Checks values against the schemas of an OpenAPI document, found by JSON pointer. */
export interface SchemaCheck {
  /** @returns 'valid', or what is wrong. @throws Error if there is no schema there, or it is no JSON Schema */
  at(pointer: string, value: unknown): unknown;
}

/** Unknown keywords inside schemas are errors. */
export function schemaCheck(document: object): SchemaCheck {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    allErrors: true,
    keywords: ['openapi', 'info', 'security', 'paths', 'components'],
  });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'api' });
  return {
    at: (pointer, value) => {
      const check = ajv.getSchema(`api#${pointer}`);
      if (check === undefined) throw new Error(`there is no schema at ${pointer}`);
      return check(value) === true ? 'valid' : check.errors;
    },
  };
}
