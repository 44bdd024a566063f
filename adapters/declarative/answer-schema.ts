/* eslint-disable unicorn/no-thenable -- `then` is a word of descriptions; what it holds is text that nobody calls. */
/**
 * What a description may say of answers: rules in order, the first that matches decides, and an answer that none
 * matches proves nothing. What no rule may say is refused when the file is read: that a gateway's bare status proves a
 * refusal, or that a server error does.
 */
import { z } from 'zod';

import { parsePath, parseInstantValue, parsePointsValue } from './value.ts';
import { parsePredicate, variablesOf, type Predicate } from './predicate.ts';
import { expressionSchema } from './request-schema.ts';

const predicateSchema = expressionSchema(parsePredicate, `E.g. "$.status == 'completed' and $.key == key".`);
const pathValueSchema = expressionSchema(parsePath, 'Where it stands in the answer, e.g. "$.data.id".');
const pointsValueSchema = expressionSchema(
  parsePointsValue,
  'E.g. "$.points", "$.amount|negated", "$.cents|minor".',
);
const instantValueSchema = expressionSchema(
  parseInstantValue,
  'E.g. "$.at", "$.time|local", "$.ts|seconds".',
);

/** First and last status, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

const statusSchema = z.union([
  z.int().min(200).max(599),
  z.string().regex(/^[2-5]xx$/, 'a status, e.g. 200, or a class, 2xx to 5xx'),
]);

const whenSchema = z
  .strictObject({
    status: z
      .union([statusSchema, z.array(statusSchema).min(1).max(50)])
      .optional()
      .describe('A status, a class such as 4xx, or a list of them.'),
    body: predicateSchema.optional(),
  })
  .describe('Which answers: by status, and by what the body says.')
  .transform(({ status, body }) => ({
    statuses: status === undefined ? undefined : [status].flat().map(rangeOf),
    body,
  }));

function rangeOf(status: number | string): StatusRange {
  if (typeof status === 'number') return { from: status, to: status };
  const from = Number(status[0]) * 100;
  return { from, to: from + 99 };
}

const rejectionReasons = [
  'insufficient_points',
  'insufficient_quota',
  'member_unknown',
  'member_blocked',
  'limit_exceeded',
  'original_not_found',
  'already_returned',
  'exceeds_original',
  'key_voided',
  'hold_expired',
  'hold_released',
  'hold_confirmed',
  'other',
] as const;

const reasonSchema = z.enum(rejectionReasons);

const doneSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('done'),
  points: pointsValueSchema.optional(),
  remoteId: pathValueSchema.optional(),
  replayed: predicateSchema.optional().describe('Whether the channel says that it had done this before.'),
});
const pendingSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('pending'),
  remoteId: pathValueSchema.optional(),
  pollAfter: pathValueSchema.optional().describe('In milliseconds, in the answer.'),
  pollAfterMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(5_000)
    .describe('When to look again, where the answer does not say.'),
});
const rejectedSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('rejected'),
  reason: z
    .union([
      reasonSchema,
      z.strictObject({
        of: pathValueSchema,
        is: z
          .record(z.string().min(1).max(128), reasonSchema)
          .describe('The channel’s code and the reason that it means.'),
      }),
    ])
    .describe(
      "One reason, or the channel's code and what each means; a code that is not listed proves nothing.",
    ),
});
const misconfiguredSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('misconfigured'),
  code: z
    .enum(['authentication', 'key_reused', 'not_supported', 'refused_request'])
    .describe('What is wrong on our side.'),
});
const notSentSchema = z.strictObject({
  when: whenSchema,
  then: z
    .literal('not_sent')
    .describe('Refused before it was looked at, as by a rate limit; `Retry-After` is heeded.'),
});
const unknownSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('unknown'),
  cause: z
    .enum(['server_error', 'unreadable_answer', 'unmapped_answer', 'duplicate_without_state', 'missing_echo'])
    .default('unmapped_answer')
    .describe('Why it proves nothing, in evidence.'),
});
const notFoundSchema = z.strictObject({ when: whenSchema, then: z.literal('not_found') });
const balanceSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('balance'),
  points: pointsValueSchema,
  asOf: instantValueSchema.optional().describe('Absent: when the answer came.'),
});
/** The answers of the list of this name, in its place. */
const seeSchema = z.strictObject({
  then: z.literal('see'),
  answers: z.string().min(1).max(64).describe('The name of a list in `answers`.'),
});

const itemRules = [doneSchema, pendingSchema, rejectedSchema, unknownSchema] as const;
/** The operation is one entry of a list. */
const listedSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('listed'),
  items: pathValueSchema,
  match: predicateSchema.describe(
    'Which entry is the operation; `$` is the entry. No entry on any page: not found. Two: it proves nothing.',
  ),
  item: z
    .array(z.discriminatedUnion('then', [...itemRules]))
    .min(1)
    .max(50)
    .describe('What that entry says; `$` is the entry.'),
  next: pathValueSchema.optional().describe('`{cursor}` of the next page; none: this was the last.'),
});

/** One transaction of a list; `$` is the entry. An entry that these do not read spoils the list: it might be ours. */
const entrySchema = z.strictObject({
  id: pathValueSchema.describe("The channel's id of it."),
  kind: z
    .union([
      z.strictObject({ deduction: predicateSchema, refund: predicateSchema }),
      z.strictObject({ sign: pathValueSchema }),
    ])
    .describe(
      'Each a predicate, of which exactly one holds; or the sign of the points, a deduction being below zero.',
    ),
  points: pointsValueSchema,
  at: instantValueSchema,
  marker: pathValueSchema.describe(
    "Where the key stands that was sent along; others' transactions may have nothing there.",
  ),
});
/** A page of a list of transactions. */
const pageSchema = z.strictObject({
  when: whenSchema,
  then: z.literal('page'),
  items: pathValueSchema,
  skip: predicateSchema
    .optional()
    .describe('Which entries are no transactions of points and are passed over; `$` is the entry.'),
  entry: entrySchema.describe('How an entry is read; `$` is the entry.'),
  next: pathValueSchema.optional().describe('`{cursor}` of the next page; none: this was the last.'),
  more: predicateSchema
    .optional()
    .describe(
      'Where pages are counted, by `{skip}` or `{page}`: whether there is another; absent: a full page has one after it.',
    ),
  completeUntil: instantValueSchema
    .optional()
    .describe(
      'Of a statement: up to when nothing is added any more; absent: `capabilities.statement` alone says so.',
    ),
});

const operationRules = [...itemRules, misconfiguredSchema, notSentSchema, seeSchema] as const;

type Item = z.output<(typeof itemRules)[number]>;
type Rule =
  | Item
  | z.output<
      | typeof misconfiguredSchema
      | typeof notSentSchema
      | typeof notFoundSchema
      | typeof balanceSchema
      | typeof listedSchema
      | typeof pageSchema
    >;

/** Rules with what no rule may conclude; `Listed` is checked the same way, entry by entry. */
function answersSchema<
  Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(options: Options) {
  return z
    .array(z.discriminatedUnion('then', options as unknown as [typeof doneSchema]))
    .min(1)
    .max(100)
    .superRefine((rules, context) => {
      (rules as unknown as (Rule | z.output<typeof seeSchema>)[]).forEach((rule, index) => {
        const problem = rule.then === 'see' ? undefined : unsafetyOf(rule);
        if (problem !== undefined)
          context.addIssue({ code: 'custom', path: [index, 'when'], message: problem });
      });
    }) as unknown as z.ZodType<z.output<Options[number]>[], z.input<Options[number]>[]>;
}

/** Why this conclusion must not be drawn from this answer; undefined if it may. */
function unsafetyOf({ then, when }: Rule): string | undefined {
  if (then === 'unknown') return undefined;
  if (when.statuses === undefined) return 'needs a status: what a body says counts with its status only';
  if (when.body !== undefined) return undefined;
  const speaks = (status: number): boolean =>
    when.statuses?.every(({ from, to }) => from === status && to === status) ?? false;
  if (then === 'misconfigured' && (speaks(401) || speaks(403))) return undefined;
  if (then === 'not_sent' && speaks(429)) return undefined;
  return `needs a body: whoever stands between may answer with this status, and "${then}" would be believed`;
}

export const deductAnswersSchema = answersSchema(operationRules);
export const queryAnswersSchema = answersSchema([...operationRules, notFoundSchema, listedSchema]);
export const balanceAnswersSchema = answersSchema([
  balanceSchema,
  rejectedSchema,
  misconfiguredSchema,
  notSentSchema,
  unknownSchema,
  seeSchema,
]);
/** What a callback says; it counts as an answer with 200. */
export const callbackAnswersSchema = answersSchema(itemRules);
export const listAnswersSchema = answersSchema([
  pageSchema,
  notFoundSchema,
  misconfiguredSchema,
  notSentSchema,
  unknownSchema,
  seeSchema,
]);
/** Rules that hold for every operation: none of them says what became of one. */
export const sharedAnswersSchema = answersSchema([
  rejectedSchema,
  misconfiguredSchema,
  notSentSchema,
  unknownSchema,
]);

export type OperationRule = z.output<typeof deductAnswersSchema>[number];
export type QueryRule = z.output<typeof queryAnswersSchema>[number];
export type BalanceRule = z.output<typeof balanceAnswersSchema>[number];
export type SharedRule = z.output<typeof sharedAnswersSchema>[number];
export type ListRule = z.output<typeof listAnswersSchema>[number];
export type PageRule = z.output<typeof pageSchema>;
export type ItemRule = Item;
export type ListedRule = z.output<typeof listedSchema>;
export type When = z.output<typeof whenSchema>;

/** Every variable that rules name. */
export function answerVariables(
  rules: readonly QueryRule[] | readonly BalanceRule[] | readonly ListRule[],
): string[] {
  return rules.flatMap((rule: QueryRule | BalanceRule | ListRule): string[] => {
    if (rule.then === 'see') return [];
    const predicates: (Predicate | undefined)[] = [rule.when.body];
    if (rule.then === 'done') predicates.push(rule.replayed);
    if (rule.then === 'listed') {
      predicates.push(rule.match);
      return [...predicates.flatMap(named), ...answerVariables(rule.item)];
    }
    if (rule.then === 'page') {
      const { kind } = rule.entry;
      predicates.push(rule.skip, rule.more, ...('sign' in kind ? [] : [kind.deduction, kind.refund]));
    }
    return predicates.flatMap(named);
  });
}

function named(predicate: Predicate | undefined): string[] {
  return predicate === undefined ? [] : variablesOf(predicate);
}
