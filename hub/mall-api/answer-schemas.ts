/** What the hub answers, as the schemas that the tests hold every answer against and that /openapi.json shows. */
import { z } from 'zod';
import { legStates } from '../core/leg.ts';
import { orderStatuses } from '../core/order.ts';
import { actions } from '../core/action.ts';
import { callbackEffects } from '../core/callback.ts';
import { historyMax } from '../store/order-view.ts';

const timeSchema = z.iso.datetime();
const pointsSchema = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .describe('A decimal without trailing zeros.');

export const acceptedSchema = z
  .strictObject({
    orderId: z.string(),
    status: z.literal('accepted').describe('Stored; it will be settled or cancelled.'),
    placedAt: timeSchema,
    href: z.string().describe('Where to watch it.'),
  })
  .meta({
    id: 'Accepted',
    examples: [
      {
        orderId: 'order-1001',
        status: 'accepted',
        placedAt: '2026-03-01T09:30:00.000Z',
        href: '/v1/orders/order-1001',
      },
    ],
  });

export const legNameSchema = z.enum(['points', 'quota']).meta({
  id: 'LegName',
  description: '`points`: what the user holds at the channel; `quota`: what the portal holds for it.',
});

export const legSchema = z
  .strictObject({
    state: z.enum(legStates).describe('docs/api.md says what each state means.'),
    points: pointsSchema.optional().describe('Proven to have moved.'),
    reason: z.string().optional().describe('Why the remote refused.'),
  })
  .meta({ id: 'Leg' });

export const attemptSchema = z
  .strictObject({
    at: timeSchema.describe('Written down before the call began.'),
    finishedAt: timeSchema.optional().describe('Absent while nothing is known of its end.'),
    leg: legNameSchema,
    action: z.enum(actions),
    outcome: z
      .string()
      .optional()
      .describe('done, rejected, pending, unknown, not_sent, misconfigured, found_..., not_found'),
    cause: z.string().optional(),
  })
  .meta({ id: 'Attempt' });

export const callbackSchema = z
  .strictObject({
    at: timeSchema.describe('Kept, and answered.'),
    about: z.enum(['deduct', 'confirm', 'give_back']),
    verified: z
      .boolean()
      .describe('Signed, so worth a proof; any other is a hint, and the channel is asked.'),
    said: z.enum(['done', 'rejected', 'pending', 'hint']),
    points: pointsSchema.optional(),
    reason: z.string().optional().describe('Why the channel refused.'),
    takenInAt: timeSchema.optional().describe('Absent while it waits to be taken in.'),
    effect: z
      .enum(callbackEffects)
      .optional()
      .describe(
        'moved: it proved its leg; asked: the channel was asked at once; late_truth: it contradicts what is known, and a person looks after it; nothing_new.',
      ),
  })
  .meta({ id: 'Callback' });

export const deductionStates = [
  'waiting',
  'settling',
  'in_doubt',
  'settled',
  'undoing',
  'undone',
  'stuck',
] as const;

export const deductionSchema = z
  .strictObject({
    channel: z.string(),
    points: pointsSchema.describe('Asked for.'),
    memberRef: z.string().optional().describe('Where it differs from the userId.'),
    goal: z.enum(['settle', 'undo']),
    state: z
      .enum(deductionStates)
      .describe(
        'waiting: nothing is on its way; settling; in_doubt: a call may have happened, which is being found out; settled; undoing; undone: nothing is in effect; stuck: a person at the hub looks after it.',
      ),
    legs: z.strictObject({ points: legSchema, quota: legSchema }),
    attempts: z.int().min(0).describe('Calls so far.'),
    history: z.array(attemptSchema).max(historyMax).describe('The latest calls, oldest first.'),
    callbacks: z
      .array(callbackSchema)
      .max(historyMax)
      .optional()
      .describe('What the channel told by itself lately, oldest first; absent where it told nothing.'),
  })
  .meta({ id: 'Deduction' });

export const cancellationSchema = z
  .strictObject({
    orderId: z.string(),
    status: z
      .enum(['compensating', 'cancelled'])
      .describe('compensating: it is being undone; watch the order.'),
    href: z.string(),
  })
  .meta({ id: 'Cancellation' });

export const refundAcceptedSchema = z
  .strictObject({
    orderId: z.string(),
    refundId: z.string(),
    status: z.literal('accepted'),
    requestedAt: timeSchema,
    href: z.string().describe('The order, which shows what was given back.'),
  })
  .meta({ id: 'RefundAccepted' });

export const refundSchema = z
  .strictObject({
    refundId: z.string(),
    requestedAt: timeSchema,
    status: z.enum(['refunding', 'refunded']).describe('refunded: every line is proven given back.'),
    lines: z.array(deductionSchema).describe('Their goal is always undo.'),
  })
  .meta({ id: 'Refund' });

export const orderSchema = z
  .strictObject({
    orderId: z.string(),
    userId: z
      .string()
      .optional()
      .describe('Absent for an id that was cancelled before any order came with it.'),
    status: z.enum(orderStatuses).describe('settled and cancelled are final.'),
    reason: z
      .strictObject({ code: z.string(), channel: z.string().optional(), leg: legNameSchema.optional() })
      .optional()
      .describe('The first thing that kept the order from settling.'),
    placedAt: timeSchema,
    deadlineAt: timeSchema.describe('An order that has not settled by then is undone.'),
    endedAt: timeSchema.optional(),
    deductions: z.array(deductionSchema),
    refunds: z.array(refundSchema).optional().describe('Absent as long as nothing was asked back.'),
  })
  .meta({
    id: 'Order',
    examples: [
      {
        orderId: 'order-1001',
        userId: 'user-7',
        status: 'settled',
        placedAt: '2026-03-01T09:30:00.000Z',
        deadlineAt: '2026-03-01T09:45:00.000Z',
        endedAt: '2026-03-01T09:30:00.041Z',
        deductions: [
          {
            channel: 'airmiles',
            points: '12.5',
            goal: 'settle',
            state: 'settled',
            legs: {
              points: { state: 'applied', points: '12.5' },
              quota: { state: 'applied', points: '12.5' },
            },
            attempts: 2,
            history: [
              {
                at: '2026-03-01T09:30:00.009Z',
                finishedAt: '2026-03-01T09:30:00.021Z',
                leg: 'points',
                action: 'deduct',
                outcome: 'done',
              },
              {
                at: '2026-03-01T09:30:00.021Z',
                finishedAt: '2026-03-01T09:30:00.039Z',
                leg: 'quota',
                action: 'deduct',
                outcome: 'done',
              },
            ],
          },
        ],
      },
    ],
  });

export type RefundAnswer = z.output<typeof refundSchema>;
export type OrderAnswer = z.output<typeof orderSchema>;
export type DeductionAnswer = z.output<typeof deductionSchema>;
export type LegAnswer = z.output<typeof legSchema>;
export type DeductionState = (typeof deductionStates)[number];

const balanceSchema = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe('A decimal; some channels let a balance go below zero.');

export const availabilitySchema = z
  .discriminatedUnion('state', [
    z.strictObject({ state: z.literal('known'), points: balanceSchema, asOf: timeSchema }),
    z.strictObject({
      state: z.literal('refused'),
      reason: z.string().describe('Nothing can be spent, e.g. member_unknown or member_blocked.'),
      asOf: timeSchema,
    }),
    z.strictObject({ state: z.literal('unknown'), cause: z.string().describe('e.g. timeout') }),
  ])
  .meta({ id: 'Availability' });

export const sufficesSchema = z.enum(['yes', 'no', 'unknown']).meta({ id: 'Suffices' });

export const quotedDeductionSchema = z
  .strictObject({
    channel: z.string(),
    points: pointsSchema.describe('Asked for.'),
    memberRef: z.string().optional().describe('Where it differs from the userId.'),
    balance: availabilitySchema.describe('What the user holds at the channel.'),
    quota: availabilitySchema.describe('What may still be spent of this channel at the malls.'),
    suffices: sufficesSchema,
    reason: z.string().optional().describe('With `no`: the first cause.'),
  })
  .meta({ id: 'QuotedDeduction' });

export const quoteSchema = z
  .strictObject({
    userId: z.string(),
    suffices: sufficesSchema.describe('no if any deduction says no, else unknown if any says unknown.'),
    asOf: timeSchema.describe('The age of its oldest fact. A quote is a hint; the deduction itself decides.'),
    deductions: z.array(quotedDeductionSchema),
  })
  .meta({
    id: 'Quote',
    examples: [
      {
        userId: 'user-7',
        suffices: 'unknown',
        asOf: '2026-03-01T09:30:00.000Z',
        deductions: [
          {
            channel: 'airmiles',
            points: '12.5',
            balance: { state: 'known', points: '300', asOf: '2026-03-01T09:30:00.000Z' },
            quota: { state: 'unknown', cause: 'timeout' },
            suffices: 'unknown',
          },
        ],
      },
    ],
  });

export type Availability = z.output<typeof availabilitySchema>;
export type Suffices = z.output<typeof sufficesSchema>;
export type QuotedDeduction = z.output<typeof quotedDeductionSchema>;
export type Quote = z.output<typeof quoteSchema>;

export const aliveSchema = z.strictObject({ status: z.literal('alive') }).meta({ id: 'Alive' });

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'not_ready']),
    checks: z.record(z.string(), z.enum(['ready', 'not_ready'])),
  })
  .meta({ id: 'Readiness', examples: [{ status: 'ready', checks: { database: 'ready', broker: 'ready' } }] });

export type Readiness = z.output<typeof readinessSchema>;
