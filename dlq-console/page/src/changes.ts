/** Which of the things that were asked for a piece of news concerns. */

export interface Change {
  readonly kind: string;
  /** Null: so many that they are not named. */
  readonly subjects: readonly string[] | null;
}

/** Queries about one thing: their first word, and what kind of thing their second word names. */
const kindOf: Readonly<Record<string, string>> = {
  case: 'case',
  timeline: 'case',
  replay: 'replay',
  'replay-items': 'replay',
  compensation: 'compensation',
};

/** No news is about these; an order of its own looks again by itself as long as it moves. */
const never: ReadonlySet<unknown> = new Set(['me', 'ways', 'sessions', 'people', 'audit', 'notifications']);

/** Lists and counts may be about anything that changed: what is not known to be left alone is asked for again. */
export function isConcerned(queryKey: readonly unknown[], changes: readonly Change[]): boolean {
  const [name, subject] = queryKey;
  if (never.has(name)) return false;
  const kind = kindOf[String(name)];
  if (kind === undefined) return changes.length > 0;
  return changes.some(
    (change) => change.kind === kind && (change.subjects?.includes(String(subject)) ?? true),
  );
}

/** @throws SyntaxError, TypeError for what is no news */
export function readChanges(data: string): readonly Change[] {
  const { changes } = JSON.parse(data) as { readonly changes?: unknown };
  if (!Array.isArray(changes)) throw new TypeError('news without changes');
  return changes as readonly Change[];
}
