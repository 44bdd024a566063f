/**
 * JSON without loss: a number stays the digits that were written, for 9007199254740993 as a JavaScript number is
 * 9007199254740992, and 1.10 is 1.1. By the source text that JSON.parse shows its reviver, and JSON.rawJSON (ECMAScript
 * "JSON.parse source text access", in Node.js since 22), so that parser and writer are the engine's own.
 */

/** A JSON number as its digits. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** What JSON.stringify writes: the same digits. */
  toJSON(): unknown {
    return json.rawJSON(this.text);
  }
}

export type JsonValue = string | boolean | null | JsonNumber | readonly JsonValue[] | JsonObject;
/** Read it by `fieldOf`: its names are the remote's, `__proto__` among them. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

// TypeScript's libraries do not have these yet.
const json = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { source: string }) => unknown,
  ): JsonValue;
  rawJSON(text: string): unknown;
};

/** Undefined for what is no JSON, or so deep that reading it would exhaust the stack. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return json.parse(text, (_, value, { source }) =>
      typeof value === 'number' ? new JsonNumber(source) : value,
    );
  } catch {
    return undefined;
  }
}

export function writeJson(value: JsonValue): string {
  return JSON.stringify(value);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

/** An own field, never one of a prototype. */
export function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A string, or a number's digits: how ids that do not fit into a JavaScript number stay themselves. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof JsonNumber ? value.text : undefined;
}
