/** What the operators' API answers about orders. */
import { deductionStates, legStates, orderStatuses } from '@points-hub/hub/operations';
import { z } from 'zod';
import { casesSchema } from './answers.ts';

const timeSchema = z.iso.datetime({ offset: true });
const pointsSchema = z.string().regex(/^\d+(\.\d+)?$/);
const text = z.string();

const summaryFields = {
  id: text.describe("Of the hub's own: names one order of all malls."),
  mallId: text,
  orderId: text,
  status: z.enum(orderStatuses),
  placedAt: timeSchema,
  endedAt: timeSchema.nullable(),
};

export const ordersSchema = z
  .strictObject({ orders: z.array(z.strictObject(summaryFields)) })
  .meta({ id: 'Orders' });

const legSchema = z.strictObject({
  state: z.enum(legStates),
  moved: pointsSchema.nullable().describe('Points that were proven to have moved.'),
  refusal: text.nullable(),
});

const partSchema = z.strictObject({
  channel: text,
  goal: z.enum(['settle', 'undo']),
  points: pointsSchema.describe('Asked for.'),
  state: z.enum(deductionStates).describe('Both legs and the goal in one word.'),
  attempts: z.int(),
  legs: z.strictObject({ points: legSchema, quota: legSchema }),
});

export const orderSchema = z
  .strictObject({
    ...summaryFields,
    user: text
      .nullable()
      .describe('Masked; null for an id that was cancelled before any order came with it.'),
    reason: z
      .strictObject({ code: text, channel: text.optional(), leg: z.enum(['points', 'quota']).optional() })
      .nullable()
      .describe('The first thing that kept the order from settling.'),
    deadlineAt: timeSchema,
    deductions: z.array(partSchema),
    refunds: z.array(z.strictObject({ refundId: text, requestedAt: timeSchema, lines: z.array(partSchema) })),
    cases: casesSchema.shape.cases.describe('The newest first, a hundred at most.'),
  })
  .meta({ id: 'Order' });
