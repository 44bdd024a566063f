import { z } from 'zod';

const dayMs = 86_400_000;

/** A list of the member's recent transactions, the newest first, in which our marker can be looked for. */
const scanSchema = z.strictObject({
  /** How far back the list goes. */
  reachMs: z.union([
    z
      .int()
      .min(1)
      .max(400 * dayMs),
    z.literal('forever'),
  ]),
  /** Transactions that one page holds, and pages that one scan reads at most. */
  pageSize: z.int().min(1).max(1_000).default(100),
  pagesMax: z.int().min(1).max(1_000).default(20),
});

/** The channel's statement of all members' transactions. */
const statementSchema = z.strictObject({
  /** `range`: any window can be asked for; `day`: whole days of `zone`, from midnight to midnight. */
  period: z.enum(['range', 'day']),
  /** Of `day`, by its IANA name. */
  zone: z.string().refine(isZone, 'a time zone such as Asia/Shanghai').default('UTC'),
  /** How long after its end a period is closed: from then on nothing is added to it. */
  availableAfterMs: z
    .int()
    .min(0)
    .max(31 * dayMs),
  /** How long after its end a period can be read. */
  retentionMs: z.union([
    z
      .int()
      .min(1)
      .max(4_000 * dayMs),
    z.literal('forever'),
  ]),
  pageSize: z.int().min(1).max(1_000).default(500),
  pagesMax: z.int().min(1).max(10_000).default(200),
});

/** Points can be set aside first, and are taken for good, or released, later. */
const holdSchema = z.strictObject({
  /** How long a hold lasts at least, from when the channel makes it. */
  expiresAfterMs: z
    .int()
    .min(1)
    .max(31 * dayMs),
  /** Releasing an unknown hold is a recorded no-op, after which a late hold under its key is refused. */
  releaseBarsHold: z.boolean(),
});

/**
 * What a channel's contract promises, as the hub relies on it when something is in doubt. Every field is a promise of
 * the channel, not a wish: if its documents do not say so, the cautious value is the right one.
 */
export const capabilitiesSchema = z.strictObject({
  /** What a second request under a key that the channel has met does. */
  idempotency: z.discriminatedUnion('kind', [
    z.strictObject({
      /** It has no second effect and is answered as the first was, for `retentionMs` from the first. */
      kind: z.literal('key-replays'),
      retentionMs: z.union([z.int().min(1), z.literal('forever')]),
      /** Refusals are remembered too, so a refusal of a resend speaks for every request under the key. */
      remembersRejections: z.boolean(),
    }),
    /** Every request is a new effect: nothing is ever sent a second time by itself. */
    z.strictObject({ kind: z.literal('none') }),
  ]),
  /** Whether a success names the points that moved; with `none` the amount is proven by a look-up. */
  echo: z.enum(['points', 'none']),
  /** Whether one can ask what became of a key. */
  query: z.enum(['by-key', 'none']),
  /**
   * The field of a listed transaction that shows our operation's key: the key itself, or for channels that do not keep
   * it the note, in which it is then sent along. Default `key`.
   */
  marker: z.enum(['key', 'note']).optional(),
  /** Absent: there is no such list, or nothing of ours in it. */
  scan: scanSchema.optional(),
  /** Absent: there is none that a program could read. */
  statement: statementSchema.optional(),
  /** Absent: points are taken at once. */
  hold: holdSchema.optional(),
  /** Whether points can be given back against the original deduction. */
  reversal: z.enum(['by-original', 'none']),
  /** Whether less than the whole can be given back, and several times up to the whole. */
  partialRefund: z.boolean(),
  /** How long after the last moment at which a request may have left "not found" still proves nothing. */
  notFoundFinalAfterMs: z.int().min(0).max(dayMs),
  /** How long after "not found" was taken for proof it is looked up once more; 0: never. */
  lateEffectCheckMs: z
    .int()
    .min(0)
    .max(7 * dayMs),
  /** By how much the channel's clock, which dates its transactions, may differ from ours; default five minutes. */
  clockSkewMs: z.int().min(0).max(dayMs).optional(),
  /** One call at a time per member: the channel fails or loses updates otherwise. */
  perUserLane: z.boolean(),
});

/** See `capabilitiesSchema`; the same for the hub's eyes. */
export type Capabilities = Readonly<z.infer<typeof capabilitiesSchema>>;
export type Marker = NonNullable<Capabilities['marker']>;
export type ScanTerms = NonNullable<Capabilities['scan']>;
export type StatementTerms = NonNullable<Capabilities['statement']>;

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== '';
  } catch {
    return false;
  }
}
