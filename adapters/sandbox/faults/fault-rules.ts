import { z } from 'zod';

import { CALL_KINDS, type CallKind } from '../call-counts.ts';

/** No wait and no lag is longer. */
const DAY_MS = 86_400_000;
const delayMs = z.int().min(0).max(DAY_MS);

/** Which calls a rule is for, and how many of them: a share of all, or the next so many. Exactly one of the two. */
const aim = {
  on: z.array(z.enum(CALL_KINDS)).min(1),
  probability: z.number().gt(0).max(1).optional(),
  next: z.int().min(1).max(1_000_000).optional(),
};
const retryAfter = {
  /** Sent as whole seconds, or as the HTTP date that is so many seconds from now. Without it the header is absent. */
  retryAfter: z
    .union([
      z.strictObject({ seconds: z.int().min(0).max(86_400) }),
      z.strictObject({ dateInSeconds: z.int().min(0).max(86_400) }),
    ])
    .optional(),
};
const status = z.int().min(500).max(599);
/** Points more, or with a minus less. */
const by = z
  .string()
  .regex(/^-?(?!0+(?:\.0+)?$)\d{1,15}(?:\.\d{1,4})?$/, 'a decimal other than 0, e.g. "-0.01"');

/** Nothing happens at the remote. */
const beforeEffect = [
  /** Takes the request and never answers. */
  z.strictObject({ kind: z.literal('timeout-before-effect'), ...aim }),
  z.strictObject({ kind: z.literal('reset-before-effect'), ...aim }),
  z.strictObject({
    kind: z.literal('error-before-effect'),
    status: status.default(503),
    ...retryAfter,
    ...aim,
  }),
  z.strictObject({ kind: z.literal('rate-limited'), ...retryAfter, ...aim }),
  /** 401, as after a change of credentials that we were not told of. */
  z.strictObject({ kind: z.literal('credentials-refused'), ...aim }),
  /** Never answers, and has its effect only after so long. */
  z.strictObject({ kind: z.literal('late-effect'), afterMs: delayMs, ...aim }),
] as const;

/** What a request does whose key has been met before. */
const repeats = [
  /** 409 `DUPLICATE` instead of the first answer. */
  z.strictObject({ kind: z.literal('duplicate-as-error'), ...aim }),
  /** One more effect. */
  z.strictObject({ kind: z.literal('no-idempotency'), ...aim }),
] as const;

/** Moves another amount than asked for, and says so (`taken`) or claims that it did as asked (`asked`). */
const wrongAmount = z.strictObject({
  kind: z.literal('wrong-amount'),
  by,
  echo: z.enum(['taken', 'asked']).default('taken'),
  ...aim,
});

/** 202, and the effect (or the refusal `LIMIT_EXCEEDED`) only after so long; then the callback, if one is set. */
const async = z.strictObject({
  kind: z.literal('async'),
  afterMs: delayMs,
  ends: z.enum(['completed', 'refused']).default('completed'),
  pollAfterMs: z.int().min(1).max(3_600_000).default(1_000),
  ...aim,
});

/** What becomes of the callback of a call that `async` befalls. */
const callbacks = [
  z.strictObject({ kind: z.literal('callback-lost'), ...aim }),
  /** Sent so many times, under one `webhook-id`, or as some senders do under a new one each time. */
  z.strictObject({
    kind: z.literal('callback-duplicated'),
    copies: z.int().min(2).max(10).default(2),
    ids: z.enum(['same', 'new']).default('same'),
    ...aim,
  }),
  /** Effect and callback come before the 202, which waits for the callback's answer. */
  z.strictObject({ kind: z.literal('callback-early'), ...aim }),
  /** Held back until a later callback has been sent, or for so long at most. */
  z.strictObject({ kind: z.literal('callback-out-of-order'), holdMs: delayMs.default(5_000), ...aim }),
] as const;

/** Look-ups, scans and statements do not show what is younger. */
const queryLag = z.strictObject({ kind: z.literal('query-lag'), lagMs: delayMs.min(1), ...aim });

/** Everything has happened; the answer is lost or wrong. */
const afterEffect = [
  z.strictObject({ kind: z.literal('timeout-after-effect'), ...aim }),
  z.strictObject({ kind: z.literal('reset-after-effect'), ...aim }),
  z.strictObject({ kind: z.literal('error-after-effect'), status: status.default(500), ...aim }),
  /** The answer, and only the answer, shows another amount. */
  z.strictObject({ kind: z.literal('wrong-echo'), by, ...aim }),
  /** Of a success, the status and content type stay, and the body is something else, cut in half, or nothing. */
  z.strictObject({ kind: z.literal('html-answer'), ...aim }),
  z.strictObject({ kind: z.literal('truncated-answer'), ...aim }),
  z.strictObject({ kind: z.literal('empty-answer'), ...aim }),
] as const;

const FAULT_KINDS = [
  ...beforeEffect,
  ...repeats,
  wrongAmount,
  async,
  ...callbacks,
  queryLag,
  ...afterEffect,
].map((rule) => rule.shape.kind.value);

/** One line of a plan. */
export const faultRuleSchema = z.discriminatedUnion(
  'kind',
  [...beforeEffect, ...repeats, wrongAmount, async, ...callbacks, queryLag, ...afterEffect],
  { error: `kind must be one of ${FAULT_KINDS.join(', ')}` },
);

export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultKind = FaultRule['kind'];
/** The rule of this kind, without which calls it is for. */
export type Fault<Kind extends FaultKind = FaultKind> = Kind extends FaultKind
  ? Omit<Extract<FaultRule, { kind: Kind }>, keyof typeof aim>
  : never;

export type BeforeEffect = Fault<(typeof beforeEffect)[number]['shape']['kind']['value']>;
export type Repeat = Fault<(typeof repeats)[number]['shape']['kind']['value']>;
export type CallbackFault = Fault<(typeof callbacks)[number]['shape']['kind']['value']>;
export type AfterEffect = Fault<(typeof afterEffect)[number]['shape']['kind']['value']>;

/** Of the rules that hit one call, the first of each stage counts. */
export type Stage = 'before' | 'repeat' | 'amount' | 'async' | 'callback' | 'view' | 'after';

const STAGES: Readonly<Record<FaultKind, Stage>> = {
  'timeout-before-effect': 'before',
  'reset-before-effect': 'before',
  'error-before-effect': 'before',
  'rate-limited': 'before',
  'credentials-refused': 'before',
  'late-effect': 'before',
  'duplicate-as-error': 'repeat',
  'no-idempotency': 'repeat',
  'wrong-amount': 'amount',
  async: 'async',
  'callback-lost': 'callback',
  'callback-duplicated': 'callback',
  'callback-early': 'callback',
  'callback-out-of-order': 'callback',
  'query-lag': 'view',
  'timeout-after-effect': 'after',
  'reset-after-effect': 'after',
  'error-after-effect': 'after',
  'wrong-echo': 'after',
  'html-answer': 'after',
  'truncated-answer': 'after',
  'empty-answer': 'after',
};

export function stageOf(kind: FaultKind): Stage {
  return STAGES[kind];
}

const EVERY_CALL: readonly CallKind[] = CALL_KINDS;
const MEMBERS_EFFECTS: readonly CallKind[] = ['deductions', 'refunds', 'holds', 'confirmations', 'releases'];
const EFFECTS: readonly CallKind[] = [...MEMBERS_EFFECTS, 'returns'];

/** The calls that a fault can befall: those that have no effect cannot lose one. */
export function callsOf(kind: FaultKind): readonly CallKind[] {
  switch (kind) {
    case 'timeout-before-effect':
    case 'reset-before-effect':
    case 'error-before-effect':
    case 'rate-limited':
    case 'credentials-refused':
    case 'html-answer':
    case 'truncated-answer':
    case 'empty-answer':
      return EVERY_CALL;
    case 'query-lag':
      return ['lookups', 'scans', 'statements'];
    case 'late-effect':
    case 'duplicate-as-error':
    case 'no-idempotency':
    case 'wrong-amount':
    case 'timeout-after-effect':
    case 'reset-after-effect':
    case 'error-after-effect':
    case 'wrong-echo':
      return EFFECTS;
    case 'async':
    case 'callback-lost':
    case 'callback-duplicated':
    case 'callback-early':
    case 'callback-out-of-order':
      return MEMBERS_EFFECTS;
  }
}
