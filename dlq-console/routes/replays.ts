/** Bulk replay: docs/replay.md. */
import { replayItemStates, replayStates, type Caller, type Replays } from '@points-hub/hub/operations';
import { z } from 'zod';
import { replayItemsSchema, replaySchema, replaysSchema } from '../desk-answers.ts';
import { filterOf, filterShape, userShape } from '../case-filter.ts';
import { plainSchema } from '../requests.ts';
import { readId } from '../request-heads.ts';
import { json, route, type Route } from '../route.ts';

const reason = plainSchema.trim().min(1).max(4_000);
const rowId = z.string().regex(/^[1-9]\d{0,17}$/, 'a whole number');
const rate = z.int().min(1).max(500);
const canary = z.int().min(0).max(1_000);
const percent = z.int().min(1).max(100);
const limitsShape = {
  ratePerSecond: rate.default(20),
  canary: canary.default(5),
  failedPercentMax: percent.default(20),
} as const;
/** Not given, they stay those of the preview. */
const startLimits = {
  ratePerSecond: rate.optional(),
  canary: canary.optional(),
  failedPercentMax: percent.optional(),
} as const;

/** More are chosen by a filter. */
const namedMax = 1_000;

const previewBody = z.union([
  z.strictObject({ filter: z.strictObject({ ...filterShape, ...userShape }), ...limitsShape }),
  z.strictObject({ caseIds: z.array(rowId).min(1).max(namedMax), ...limitsShape }),
]);

const startBody = z.strictObject({ expectCount: z.int().min(0), reason, ...startLimits });
const actBody = z.strictObject({ reason: reason.optional() });

const pageMax = 200;
const limit = z.coerce.number().int().min(1).max(pageMax).default(50);
const listQuery = z.strictObject({
  state: z.enum(replayStates).optional(),
  cursor: rowId.optional(),
  limit,
});
const itemsQuery = z.strictObject({
  state: z.enum(replayItemStates).optional(),
  cursor: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit,
});

export function replayRoutes(replays: Replays): readonly Route[] {
  const idOf = (params: Readonly<Record<string, string>>): string =>
    readId(params['replayId'], 'HUB_REPLAY_UNKNOWN');
  const acting = (
    name: string,
    id: string,
    summary: string,
    act: (caller: Caller, replayId: string, why: string | undefined) => Promise<object>,
  ): Route =>
    route({
      method: 'POST',
      path: `/replays/:replayId/${name}`,
      id,
      summary,
      action: `replay.${name}`,
      answer: replaySchema,
      codes: ['HUB_REPLAY_UNKNOWN', 'HUB_REPLAY_STATE'],
      needs: 'replay.run',
      body: actBody,
      perform: async ({ params, body }, caller) => json(await act(caller, idOf(params), body.reason)),
    });
  return [
    route({
      method: 'POST',
      path: '/replays',
      id: 'previewReplay',
      summary: 'Freezes the cases that a replay would retry',
      action: 'replay.preview',
      answer: replaySchema,
      codes: ['HUB_REPLAY_TOO_LARGE'],
      needs: 'replay.run',
      body: previewBody,
      perform: async ({ body }, caller) => {
        const choice =
          'filter' in body
            ? ({ type: 'filter', filter: filterOf(body.filter) } as const)
            : ({ type: 'cases', caseIds: body.caseIds } as const);
        return json(await replays.preview(caller, choice, body));
      },
    }),
    route({
      method: 'GET',
      path: '/replays',
      id: 'listReplays',
      summary: 'Replays, the newest first',
      action: 'replay.list',
      answer: replaysSchema,
      needs: 'cases.read',
      query: listQuery,
      perform: async ({ query: { state, cursor, limit: max } }, caller) => {
        const found = await replays.list(caller, state, cursor, max);
        return json({ replays: found, next: found.length === max ? found.at(-1)?.id : undefined });
      },
    }),
    route({
      method: 'GET',
      path: '/replays/:replayId',
      id: 'showReplay',
      summary: 'How far a replay is',
      action: 'replay.read',
      answer: replaySchema,
      codes: ['HUB_REPLAY_UNKNOWN'],
      needs: 'cases.read',
      perform: async ({ params }, caller) => json(await replays.read(caller, idOf(params))),
    }),
    route({
      method: 'GET',
      path: '/replays/:replayId/items',
      id: 'listReplayItems',
      summary: 'What became of each item',
      action: 'replay.read',
      answer: replayItemsSchema,
      codes: ['HUB_REPLAY_UNKNOWN'],
      needs: 'cases.read',
      query: itemsQuery,
      perform: async ({ params, query: { state, cursor, limit: max } }, caller) => {
        const items = await replays.items(caller, idOf(params), state, cursor, max);
        return json({ items, next: items.length === max ? items.at(-1)?.number : undefined });
      },
    }),
    route({
      method: 'POST',
      path: '/replays/:replayId/start',
      id: 'startReplay',
      summary: 'Retries what the preview froze, at a rate',
      action: 'replay.start',
      answer: replaySchema,
      codes: [
        'HUB_REPLAY_UNKNOWN',
        'HUB_REPLAY_STATE',
        'HUB_REPLAY_NOT_YOURS',
        'HUB_REPLAY_EXPIRED',
        'HUB_REPLAY_EMPTY',
        'HUB_REPLAY_COUNT_DIFFERS',
      ],
      needs: 'replay.run',
      body: startBody,
      perform: async ({ params, body }, caller) => json(await replays.start(caller, idOf(params), body)),
    }),
    acting('pause', 'pauseReplay', 'No further item begins', (caller, id, why) =>
      replays.pause(caller, id, why),
    ),
    acting('resume', 'resumeReplay', 'Goes on, whatever failed before', (caller, id, why) =>
      replays.resume(caller, id, why),
    ),
    acting('cancel', 'cancelReplay', 'Leaves the rest as it is', (caller, id, why) =>
      replays.cancel(caller, id, why),
    ),
    acting('retry-failed', 'previewFailed', 'A new preview of those that failed', (caller, id) =>
      replays.previewFailed(caller, id),
    ),
  ];
}
