/**
 * Amounts that bring a fault of their own, for trying things by hand: thousands and unit say which call, the
 * hundredths which fault. `adapters/README.md` has the same table for people; a test ties the two.
 */
import type { OperationEntry, OperationKind } from '../entries.ts';
import { peekRequest } from '../requests.ts';
import type { Fault } from './fault-rules.ts';

const CALL_OF_POINTS: ReadonlyMap<bigint, OperationKind> = new Map([
  [8881n, 'deduction'],
  [8882n, 'refund'],
  [8883n, 'quota-deduction'],
  [8884n, 'quota-return'],
]);

/** What happens to the first request under a key, and to each later one; `look-ups` to every look-up of it. */
interface MagicAmount {
  readonly meaning: string;
  readonly first?: Fault;
  readonly later?: Fault;
  readonly lookups?: Fault<'query-lag'>;
  /** The portal has no such answer. */
  readonly channelsOnly?: true;
}

export const MAGIC_HUNDREDTHS: ReadonlyMap<bigint, MagicAmount> = new Map<bigint, MagicAmount>([
  [1n, { meaning: 'no effect, no answer', first: { kind: 'timeout-before-effect' } }],
  [2n, { meaning: 'effect, no answer', first: { kind: 'timeout-after-effect' } }],
  [3n, { meaning: 'no effect, connection reset', first: { kind: 'reset-before-effect' } }],
  [4n, { meaning: 'effect, connection reset', first: { kind: 'reset-after-effect' } }],
  [5n, { meaning: '429, Retry-After 2', first: { kind: 'rate-limited', retryAfter: { seconds: 2 } } }],
  [6n, { meaning: 'no effect, 503', first: { kind: 'error-before-effect', status: 503 } }],
  [7n, { meaning: 'effect, 500', first: { kind: 'error-after-effect', status: 500 } }],
  [8n, { meaning: 'effect, the answer shows 0.01 less', first: { kind: 'wrong-echo', by: '-0.01' } }],
  [9n, { meaning: 'effect of 0.01 less', first: { kind: 'wrong-amount', by: '-0.01', echo: 'taken' } }],
  [10n, { meaning: 'effect, 200 with HTML', first: { kind: 'html-answer' } }],
  [11n, { meaning: 'effect, 200 cut in half', first: { kind: 'truncated-answer' } }],
  [12n, { meaning: 'effect, 200 with nothing', first: { kind: 'empty-answer' } }],
  [
    13n,
    {
      meaning: 'effect, connection reset; then 409 `DUPLICATE`',
      first: { kind: 'reset-after-effect' },
      later: { kind: 'duplicate-as-error' },
    },
  ],
  [
    14n,
    {
      meaning: 'effect, connection reset; then one more effect per request',
      first: { kind: 'reset-after-effect' },
      later: { kind: 'no-idempotency' },
    },
  ],
  [
    15n,
    {
      meaning: 'effect, no answer; look-ups see it 3 s later',
      first: { kind: 'timeout-after-effect' },
      lookups: { kind: 'query-lag', lagMs: 3_000 },
    },
  ],
  [
    16n,
    {
      meaning: '202, completed after 2 s',
      first: { kind: 'async', afterMs: 2_000, ends: 'completed', pollAfterMs: 1_000 },
      channelsOnly: true,
    },
  ],
  [
    17n,
    {
      meaning: '202, refused after 2 s (`LIMIT_EXCEEDED`)',
      first: { kind: 'async', afterMs: 2_000, ends: 'refused', pollAfterMs: 1_000 },
      channelsOnly: true,
    },
  ],
  [18n, { meaning: 'no answer, effect 3 s later', first: { kind: 'late-effect', afterMs: 3_000 } }],
  [
    19n,
    {
      meaning: 'no effect, 503, every time',
      first: { kind: 'error-before-effect', status: 503 },
      later: { kind: 'error-before-effect', status: 503 },
    },
  ],
]);

/** Remembers which keys of magic amounts it has seen; there are few. */
export class MagicAmounts {
  readonly #met = new Set<string>();

  /** What goes wrong with this request, which counts as made. `remote` is the channel's id or `portal`. */
  ofRequest(operation: OperationKind | undefined, remote: string, body: string): Fault | undefined {
    // Cheap to say no to nearly every request.
    if (!body.includes('"888')) return undefined;
    const { key, units } = peekRequest(body);
    const magic = magicOf(units, operation);
    if (magic === undefined || key === undefined) return undefined;
    const name = `${remote} ${key}`;
    const isLater = this.#met.has(name);
    this.#met.add(name);
    return isLater ? magic.later : magic.first;
  }

  /** What goes wrong with looking this operation up. */
  ofLookup(entry: Pick<OperationEntry, 'askedUnits' | 'kind'> | undefined): Fault<'query-lag'> | undefined {
    return entry === undefined ? undefined : magicOf(entry.askedUnits, entry.kind)?.lookups;
  }
}

function magicOf(askedUnits: bigint | undefined, kind: OperationKind | undefined): MagicAmount | undefined {
  if (askedUnits === undefined || askedUnits % 100n !== 0n) return undefined;
  const hundredths = askedUnits / 100n;
  if (CALL_OF_POINTS.get(hundredths / 100n) !== kind || kind === undefined) return undefined;
  const magic = MAGIC_HUNDREDTHS.get(hundredths % 100n);
  const isPortals = kind === 'quota-deduction' || kind === 'quota-return';
  return isPortals && magic?.channelsOnly === true ? undefined : magic;
}
