import { z } from 'zod';

const dayMs = 86_400_000;

/** A list of the member's recent transactions, the newest first, in which our marker can be looked for. */
const scanSchema = z.strictObject({
  reachMs: z
    .union([
      z
        .int()
        .min(1)
        .max(400 * dayMs),
      z.literal('forever'),
    ])
    .describe('How far back the list goes.'),
  pageSize: z
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Transactions that one page holds, and pages that one scan reads at most.'),
  pagesMax: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Pages that one look-up reads at most; one that ends there proves nothing.'),
});

/** The channel's statement of all members' transactions. */
const statementSchema = z.strictObject({
  period: z
    .enum(['range', 'day'])
    .describe(
      '`range`: any window can be asked for; `day`: whole days of `zone`, from midnight to midnight.',
    ),
  zone: z
    .string()
    .refine(isZone, 'a time zone such as Asia/Shanghai')
    .default('UTC')
    .describe('Of `day`, by its IANA name.'),
  availableAfterMs: z
    .int()
    .min(0)
    .max(31 * dayMs)
    .describe('How long after its end a period is closed: from then on nothing is added to it.'),
  retentionMs: z
    .union([
      z
        .int()
        .min(1)
        .max(4_000 * dayMs),
      z.literal('forever'),
    ])
    .describe('How long after its end a period can be read.'),
  pageSize: z.int().min(1).max(1_000).default(500).describe('Transactions that one page holds.'),
  pagesMax: z
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Pages that one look-up reads at most; one that ends there proves nothing.'),
});

/** Points can be set aside first, and are taken for good, or released, later. */
const holdSchema = z.strictObject({
  expiresAfterMs: z
    .int()
    .min(1)
    .max(31 * dayMs)
    .describe('How long a hold lasts at least, from when the channel makes it.'),
  releaseBarsHold: z
    .boolean()
    .describe(
      'Releasing an unknown hold is a recorded no-op, after which a late hold under its key is refused.',
    ),
});

/**
 * What a channel's contract promises, as the hub relies on it when something is in doubt. Every field is a promise of
 * the channel, not a wish: if its documents do not say so, the cautious value is the right one.
 */
export const capabilitiesSchema = z.strictObject({
  idempotency: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z
          .literal('key-replays')
          .describe(
            'It has no second effect and is answered as the first was, for `retentionMs` from the first.',
          ),
        retentionMs: z
          .union([z.int().min(1), z.literal('forever')])
          .describe('How long keys are remembered, in milliseconds, or `forever`.'),
        remembersRejections: z
          .boolean()
          .describe(
            'Refusals are remembered too, so a refusal of a resend speaks for every request under the key.',
          ),
      }),
      /** Every request is a new effect: nothing is ever sent a second time by itself. */
      z.strictObject({ kind: z.literal('none') }),
    ])
    .describe('What a second request under a key that the channel has met does.'),
  echo: z
    .enum(['points', 'none'])
    .describe(
      'Whether a success names the points that moved; with `none` the amount is proven by a look-up.',
    ),
  query: z.enum(['by-key', 'none']).describe('Whether one can ask what became of a key.'),
  marker: z
    .enum(['key', 'note'])
    .optional()
    .describe(
      "The field of a listed transaction that shows our operation's key: the key itself, or for channels that do not keep it the note, in which it is then sent along. Default `key`.",
    ),
  scan: scanSchema.optional().describe('Absent: there is no such list, or nothing of ours in it.'),
  statement: statementSchema.optional().describe('Absent: there is none that a program could read.'),
  hold: holdSchema.optional().describe('Absent: points are taken at once.'),
  reversal: z
    .enum(['by-original', 'none'])
    .describe('Whether points can be given back against the original deduction.'),
  partialRefund: z
    .boolean()
    .describe('Whether less than the whole can be given back, and several times up to the whole.'),
  notFoundFinalAfterMs: z
    .int()
    .min(0)
    .max(dayMs)
    .describe(
      'How long after the last moment at which a request may have left "not found" still proves nothing.',
    ),
  lateEffectCheckMs: z
    .int()
    .min(0)
    .max(7 * dayMs)
    .describe('How long after "not found" was taken for proof it is looked up once more; 0: never.'),
  clockSkewMs: z
    .int()
    .min(0)
    .max(dayMs)
    .optional()
    .describe(
      "By how much the channel's clock, which dates its transactions, may differ from ours; default five minutes.",
    ),
  completion: z
    .enum(['at-once', 'later'])
    .optional()
    .describe('Whether an operation can be accepted now and end later; absent: it can.'),
  expiryOnRefund: z
    .enum(['original', 'renewed'])
    .optional()
    .describe(
      'When points that are given back expire: as they would have, or counted anew; absent: not promised.',
    ),
  perUserLane: z
    .boolean()
    .describe('One call at a time per member: the channel fails or loses updates otherwise.'),
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
