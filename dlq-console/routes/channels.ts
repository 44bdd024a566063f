/** Channels and the portal: how they fare, and their switches. `docs/breaker.md` says what each does. */
import type { ChannelDesk } from '@points-hub/hub/operations';
import { z } from 'zod';
import { remoteSchema, remotesSchema } from '../answers.ts';
import { plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const reasonSchema = plainSchema.trim().min(1).max(500);
const codes = ['HUB_CHANNEL_UNKNOWN'] as const;

export function channelRoutes(desk: ChannelDesk): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/channels',
      id: 'listChannels',
      summary: 'Every channel and the portal, with breaker, pause, limits and what waits for it',
      action: 'channel.list',
      needs: 'cases.read',
      answer: remotesSchema,
      perform: async (_asked, caller) => json(await desk.list(caller)),
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/pause',
      id: 'pauseChannel',
      summary: 'Nobody calls it any more; what waits for it loses nothing',
      action: 'channel.pause',
      needs: 'channels.manage',
      body: z.strictObject({ reason: reasonSchema }),
      answer: remoteSchema,
      codes,
      perform: async ({ params, body }, caller) =>
        json(await desk.pause(caller, params['channel'] ?? '', body.reason)),
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/resume',
      id: 'resumeChannel',
      summary: 'Lets it be called again; one whose breaker is open is probed at once',
      action: 'channel.resume',
      needs: 'channels.manage',
      body: z.strictObject({ reason: reasonSchema.optional() }),
      answer: remoteSchema,
      codes,
      perform: async ({ params, body }, caller) =>
        json(await desk.resume(caller, params['channel'] ?? '', body.reason)),
    }),
    route({
      method: 'POST',
      path: '/channels/:channel/limit',
      id: 'limitChannel',
      summary: 'Lowers what its file allows, or takes that back',
      action: 'channel.limit',
      needs: 'channels.manage',
      body: z.strictObject({
        ratePerSecond: z.int().min(1).max(100_000).nullable().optional().describe("null: the file's again."),
        concurrencyMax: z.int().min(1).max(10_000).nullable().optional().describe("null: the file's again."),
        reason: reasonSchema,
      }),
      answer: remoteSchema,
      codes,
      perform: async ({ params, body: { reason, ...wish } }, caller) =>
        json(await desk.limit(caller, params['channel'] ?? '', wish, reason)),
    }),
  ];
}
