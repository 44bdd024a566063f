/** Who is told of which groups of cases. `docs/notifications.md` has the services and what each needs. */
import {
  HubError,
  notificationLanguages,
  Points,
  readPoints,
  type NotificationDesk,
  type RuleText,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import { deliverySchema, notificationsSchema } from '../notification-answers.ts';
import { readId } from '../request-heads.ts';
import { plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const languageSchema = z.enum(notificationLanguages);
const wordSchema = z.string().regex(/^[a-z][a-z_]{0,31}$/);

const ruleSchema = z.strictObject({
  target: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'the name of a target, in small letters'),
  language: languageSchema,
  causes: z.array(wordSchema).max(20).default([]).describe('Empty: any.'),
  channels: z.array(plainSchema.min(1).max(32)).max(100).default([]).describe('Empty: any.'),
  casesMin: z.int().min(1).max(1_000_000).default(1).describe('Open cases of a group, at least.'),
  pointsMin: z.string().nullable().default(null).describe('Points at stake in a group, at least.'),
  againMinutes: z.int().min(0).max(10_080).default(60).describe('0: only when a group opens.'),
  isEnabled: z.boolean().default(true),
});

const ruleCodes = ['HUB_TARGET_UNKNOWN', 'HUB_CHANNEL_UNKNOWN', 'HUB_POINTS_INVALID'] as const;
const needs = 'notifications.manage';

export function notificationRoutes(desk: NotificationDesk): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/notifications',
      id: 'showNotifications',
      summary: 'Whom the console can tell, the rules, and the latest messages',
      action: 'notification.show',
      needs,
      answer: notificationsSchema,
      perform: async (_asked, caller) => json(await desk.show(caller)),
    }),
    route({
      method: 'POST',
      path: '/notification-rules',
      id: 'addNotificationRule',
      summary: 'One more rule; what is open already is told in one message',
      action: 'notification.add',
      needs,
      body: ruleSchema,
      answer: notificationsSchema,
      codes: ruleCodes,
      perform: async ({ body }, caller) => json(await desk.add(caller, ruleOf(body))),
    }),
    route({
      method: 'POST',
      path: '/notification-rules/:ruleId',
      id: 'changeNotificationRule',
      summary: 'The rule as it is from now on, whole',
      action: 'notification.change',
      needs,
      body: ruleSchema,
      answer: notificationsSchema,
      codes: [...ruleCodes, 'HUB_RULE_UNKNOWN'],
      perform: async ({ params, body }, caller) =>
        json(await desk.change(caller, ruleIdOf(params), ruleOf(body))),
    }),
    route({
      method: 'POST',
      path: '/notification-rules/:ruleId/remove',
      id: 'removeNotificationRule',
      summary: 'Takes a rule away, with what it has not sent yet',
      action: 'notification.remove',
      needs,
      body: z.strictObject({}),
      answer: notificationsSchema,
      codes: ['HUB_RULE_UNKNOWN'],
      perform: async ({ params }, caller) => json(await desk.remove(caller, ruleIdOf(params))),
    }),
    route({
      method: 'POST',
      path: '/notification-targets/:target/test',
      id: 'testNotificationTarget',
      summary: 'Sends a message that says that it is a test, and tells what came of it',
      action: 'notification.test',
      needs,
      body: z.strictObject({ language: languageSchema }),
      answer: deliverySchema,
      codes: ['HUB_TARGET_UNKNOWN'],
      perform: async ({ params, body }, caller) =>
        json(await desk.test(caller, params['target'] ?? '', body.language)),
    }),
  ];
}

function ruleIdOf(params: Readonly<Record<string, string>>): string {
  return readId(params['ruleId'], 'HUB_RULE_UNKNOWN');
}

/** Sums of many cases: more than any one deduction may have. */
const anyPoints = { scale: 4, max: new Points('999999999999999') };

function ruleOf({ pointsMin, ...rule }: z.output<typeof ruleSchema>): RuleText {
  if (pointsMin === null) return { ...rule, pointsMin };
  const reading = readPoints(pointsMin, anyPoints);
  if (reading.type === 'points') return { ...rule, pointsMin: reading.points.toFixed() };
  throw new HubError('HUB_POINTS_INVALID', `/pointsMin ${reading.reason}`, {
    faults: [{ field: '/pointsMin', code: 'HUB_POINTS_INVALID', detail: reading.reason }],
  });
}
