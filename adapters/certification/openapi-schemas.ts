/** From the schemas of OpenAPI 3.0 and 3.1 to JSON Schema 2020-12 without references. */
export type Json = string | number | boolean | null | readonly Json[] | JsonRecord;
export interface JsonRecord {
  readonly [name: string]: Json;
}

/** With what its references point to in their place. Where one leads back into itself, anything is right. */
export function resolved(schema: Json, root: JsonRecord, within: readonly string[] = []): Json {
  if (Array.isArray(schema)) return schema.map((one: Json) => resolved(one, root, within));
  if (typeof schema !== 'object' || schema === null) return schema;
  const record = schema as JsonRecord;
  const reference = record['$ref'];
  if (typeof reference !== 'string') {
    return Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, resolved(value, root, within)]),
    );
  }
  if (within.includes(reference)) return {};
  let target: Json | undefined = root;
  for (const step of reference.replace(/^#\//, '').split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    target = typeof target === 'object' && target !== null ? (target as JsonRecord)[name] : undefined;
  }
  return resolved(target ?? {}, root, [...within, reference]);
}

/**
 * The same schema, but what it does not name is an error: a misspelt field is otherwise one more that a document allows.
 * `nullable` of 3.0 becomes a choice with null.
 */
export function closed(schema: Json, isPart = false): Json {
  if (Array.isArray(schema)) return schema.map((one: Json) => closed(one));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, properties, exclusiveMinimum, exclusiveMaximum, ...rest } = schema as JsonRecord;
  const inner: Record<string, Json> = {};
  for (const [name, value] of Object.entries(rest)) {
    inner[name] = ['allOf', 'oneOf', 'anyOf'].includes(name)
      ? (value as readonly Json[]).map((one) => closed(one, true))
      : ['items', 'additionalProperties', 'not'].includes(name)
        ? closed(value)
        : value;
  }
  // Booleans in 3.0, bounds in 3.1.
  if (typeof exclusiveMinimum === 'number') inner['exclusiveMinimum'] = exclusiveMinimum;
  if (typeof exclusiveMaximum === 'number') inner['exclusiveMaximum'] = exclusiveMaximum;
  if (typeof properties === 'object' && properties !== null) {
    inner['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, closed(value)]),
    );
  }
  const names = Object.keys((properties ?? {}) as JsonRecord);
  const isChoice = 'allOf' in inner || 'oneOf' in inner || 'anyOf' in inner;
  if (!isPart && (names.length > 0 || isChoice) && !('additionalProperties' in inner)) {
    inner['unevaluatedProperties'] = false;
  }
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner;
}
