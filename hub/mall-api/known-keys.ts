import type { ValidApiKey } from '../store/malls.ts';

export interface KnownKeysOptions {
  /** Asks the database; undefined for an unknown or revoked key. */
  readonly read: (keyId: string) => Promise<ValidApiKey | undefined>;
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
}

export interface KnownKeys {
  /** What is remembered of a key, if that is fresh. Costs no query. */
  recall(keyId: string): Recollection;
  /**
   * Asks the database, once for all who ask for the same key meanwhile.
   *
   * @returns 'busy' when too many unknown keys are being looked up already
   */
  lookUp(keyId: string): Promise<ValidApiKey | undefined> | 'busy';
}

export type Recollection =
  | { readonly type: 'valid'; readonly key: ValidApiKey }
  | { readonly type: 'invalid' }
  /** Never met, forgotten or too long ago. `wasValid`: it opened the door when it was last looked up. */
  | { readonly type: 'unsure'; readonly wasValid: boolean };

/** A revoked key stops working, and a new one begins to, within this time. */
export const keyFreshMs = 4_000;
/** Entries of each kind at most. */
const entriesMax = 10_000;
/** Look-ups of keys that never opened the door, at once: guessing must not flood the database. */
const unknownLookUpsMax = 8;

interface Entry {
  readonly key: ValidApiKey;
  readonly freshUntilMs: number;
}

/** Remembers for a short time which keys are valid and which are not, both within bounds. */
export function knownKeys({ read, monotonicMs }: KnownKeysOptions): KnownKeys {
  const valid = new Map<string, Entry>();
  const invalidUntilMs = new Map<string, number>();
  const lookUps = new Map<string, Promise<ValidApiKey | undefined>>();
  let unknownLookUps = 0;

  async function ask(keyId: string, wasValid: boolean): Promise<ValidApiKey | undefined> {
    if (!wasValid) unknownLookUps += 1;
    try {
      // Before the query: what it reads may be as old as its start.
      const askedMs = monotonicMs();
      const key = await read(keyId);
      valid.delete(keyId);
      invalidUntilMs.delete(keyId);
      if (key === undefined) remember(invalidUntilMs, keyId, askedMs + keyFreshMs);
      else remember(valid, keyId, { key, freshUntilMs: askedMs + keyFreshMs });
      return key;
    } finally {
      lookUps.delete(keyId);
      if (!wasValid) unknownLookUps -= 1;
    }
  }

  return {
    recall: (keyId) => {
      const nowMs = monotonicMs();
      const entry = valid.get(keyId);
      if (entry !== undefined) {
        return nowMs < entry.freshUntilMs
          ? { type: 'valid', key: entry.key }
          : { type: 'unsure', wasValid: true };
      }
      const untilMs = invalidUntilMs.get(keyId);
      return untilMs !== undefined && nowMs < untilMs
        ? { type: 'invalid' }
        : { type: 'unsure', wasValid: false };
    },
    lookUp: (keyId) => {
      const underWay = lookUps.get(keyId);
      if (underWay !== undefined) return underWay;
      const wasValid = valid.has(keyId);
      if (!wasValid && unknownLookUps >= unknownLookUpsMax) return 'busy';
      const lookUp = ask(keyId, wasValid);
      lookUps.set(keyId, lookUp);
      return lookUp;
    },
  };
}

/** Forgets the entry that has stood longest when there is no room. */
function remember<Value>(map: Map<string, Value>, keyId: string, value: Value): void {
  if (map.size >= entriesMax) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(keyId, value);
}
