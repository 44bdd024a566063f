/** What changed, as it changes, for pages that are open. */
import type { EventStreams } from '../event-streams.ts';
import { route, type Route } from '../route.ts';

const placeMax = 64;

export function eventRoutes(streams: EventStreams): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/events',
      id: 'followEvents',
      summary:
        'Server-sent events that name what changed: `changed` with kinds and ids, `resync`, `over`. With a session only',
      action: 'events.follow',
      needs: 'cases.read',
      codes: ['HUB_STREAMS_TOO_MANY'],
      perform: ({ headers }, caller) => {
        const seen = headers['last-event-id'];
        const after = typeof seen === 'string' ? seen.slice(0, placeMax) : undefined;
        return Promise.resolve({
          type: 'events',
          open: (response) => streams.open(caller, after, response),
        });
      },
    }),
  ];
}
