import { z } from 'zod';

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
  /** Whether a success names the points that moved; with `none` the amount must be proven by a look-up. */
  echo: z.enum(['points', 'none']),
  /** Whether one can ask what became of a key. */
  query: z.enum(['by-key', 'none']),
  /** Whether points can be given back against the original deduction. */
  reversal: z.enum(['by-original', 'none']),
  /** Whether less than the whole can be given back, and several times up to the whole. */
  partialRefund: z.boolean(),
  /** How long after the last moment at which a request may have left "not found" still proves nothing. */
  notFoundFinalAfterMs: z.int().min(0).max(86_400_000),
  /** How long after a leg was voided for "not found" it is looked up once more. */
  lateEffectCheckMs: z.int().min(0).max(604_800_000),
  /** One call at a time per member: the channel fails or loses updates otherwise. */
  perUserLane: z.boolean(),
});

/** See `capabilitiesSchema`; the same for the hub's eyes. */
export type Capabilities = Readonly<z.infer<typeof capabilitiesSchema>>;
