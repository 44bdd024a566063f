/** What the operators' API answers about notifications. */
import { notificationLanguages, webhookKinds } from '@points-hub/hub/operations';
import { z } from 'zod';

const timeSchema = z.iso.datetime({ offset: true });
const text = z.string();

export const notificationsSchema = z
  .strictObject({
    targets: z
      .array(
        z.strictObject({
          name: text,
          kind: z.enum([...webhookKinds, 'email']),
          host: text.describe('Where it leads to; its address is a secret of the server.'),
        }),
      )
      .describe('Whom the console that answers can tell.'),
    rules: z.array(
      z.strictObject({
        id: text,
        causes: z.array(text).describe('Empty: any.'),
        channels: z.array(text).describe('Empty: any.'),
        casesMin: z.int(),
        pointsMin: text.nullable(),
        againMinutes: z.int(),
        target: text,
        language: z.enum(notificationLanguages),
        isEnabled: z.boolean(),
        changedBy: text,
        changedAt: timeSchema,
      }),
    ),
    messages: z
      .array(
        z.strictObject({
          id: text,
          ruleId: text,
          target: text,
          createdAt: timeSchema,
          sentAt: timeSchema.nullable(),
          dueAt: timeSchema.nullable().describe('When it is tried next; null: not any more.'),
          tries: z.int(),
          trouble: text.nullable().describe('Of the latest try.'),
        }),
      )
      .describe('The latest fifty.'),
  })
  .meta({ id: 'Notifications' });

export const deliverySchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('sent') }),
    z.strictObject({ type: z.literal('failed'), trouble: text }),
  ])
  .meta({ id: 'Delivery' });
