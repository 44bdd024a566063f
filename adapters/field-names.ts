/** What a misspelt field was probably meant to be. */
import { z } from 'zod';

/** The field of the schema, at whatever depth, that is spelt most alike; undefined if none is nearly. */
export function nearestField(schema: z.ZodType, written: string): string | undefined {
  const near = fieldNames(schema)
    .map((name) => ({ name, away: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ away }) => away <= Math.max(1, Math.floor(written.length / 4)))
    .toSorted((one, other) => one.away - other.away);
  return near[0]?.name;
}

function fieldNames(schema: z.ZodType): string[] {
  const names = new Set<string>();
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, value] of Object.entries(node)) {
      if (name === 'properties') for (const field of Object.keys(value as object)) names.add(field);
      collect(value);
    }
  };
  collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...names];
}

/** Longer words are nobody's typing error. */
const WORD_CHARS_MAX = 40;

/** Letters to add, take away or change, by Levenshtein. */
function distance(one: string, other: string): number {
  if (Math.max(one.length, other.length) > WORD_CHARS_MAX) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, theirs] of Array.from(other).entries()) {
      const changed = (row[column] ?? 0) + (letter === theirs ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? Infinity;
}
