/**
 * Streams of server-sent events to pages that are open (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * They carry ids and kinds, never what stands behind them. What one may hold is bounded: so many streams, so many of
 * one person, so many bytes that its reader has not taken; whoever is slower is dropped and comes again with the place
 * that he last saw.
 */
import type { ServerResponse } from 'node:http';
import { HubError, type Caller, type ChangeFeed, type Tidings } from '@points-hub/hub/operations';

export interface EventStreams {
  /** @throws HubError HUB_STREAMS_TOO_MANY, HUB_FORBIDDEN */
  open(caller: Caller, after: string | undefined, response: ServerResponse): Promise<void>;
  /** Ends all, and from now on each as it begins; their readers come again, to whoever serves then. */
  close(): void;
}

export interface EventStreamOptions {
  readonly changes: ChangeFeed;
  /** Default 10. */
  readonly perPersonMax?: number;
  /** Default 15 s. */
  readonly heartbeatMs?: number;
}

const streamsMax = 1_000;
/** Not taken by the reader: some thousand ids. */
const heldBytesMax = 65_536;
/** When a page comes again after its stream broke. */
const retryMs = 2_000;
const keepAliveMs = 30_000;

export function openEventStreams(options: EventStreamOptions): EventStreams {
  const { changes, perPersonMax = 10, heartbeatMs = 15_000 } = options;
  const streams = new Map<ServerResponse, string>();
  let isClosing = false;

  function admit({ operatorId }: Caller): void {
    const own = [...streams.values()].filter((one) => one === operatorId).length;
    if (own < perPersonMax && streams.size < streamsMax) return;
    throw new HubError('HUB_STREAMS_TOO_MANY', `${perPersonMax} of one person are enough; close a window`);
  }

  return {
    open: async (caller, after, response) => {
      admit(caller);
      streams.set(response, caller.operatorId);
      response.once('close', () => streams.delete(response));
      const send = (text: string): void => {
        if (response.destroyed || response.writableEnded) return;
        response.write(text);
        if (response.writableLength > heldBytesMax) response.destroy();
      };
      try {
        // Told only once the head is out; until then it waits here, and it is little.
        const early: Tidings[] = [];
        let tell = (tidings: Tidings): void => void early.push(tidings);
        const following = await changes.follow(caller, after, (tidings) => tell(tidings));
        response.once('close', () => following.stop());
        if (response.destroyed) {
          following.stop();
          return;
        }
        response.socket?.setKeepAlive(true, keepAliveMs);
        response.writeHead(200, {
          'Content-Type': 'text/event-stream; charset=utf-8',
          'Cache-Control': 'no-store',
          // nginx would keep events back until its buffer is full.
          'X-Accel-Buffering': 'no',
        });
        send(`retry: ${retryMs}\n\n`);
        if (isClosing) {
          response.end();
          return;
        }
        tell = (tidings) => {
          send(eventOf(tidings));
          if (tidings.type === 'over') response.end();
        };
        for (const tidings of early) tell(tidings);
        const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs);
        heartbeat.unref();
        response.once('close', () => clearInterval(heartbeat));
      } catch (error) {
        streams.delete(response);
        throw error;
      }
    },
    close: () => {
      isClosing = true;
      // One without its head ends as soon as that is out.
      for (const response of streams.keys()) if (response.headersSent) response.end();
    },
  };
}

function eventOf(tidings: Tidings): string {
  switch (tidings.type) {
    case 'changed':
      return `id: ${tidings.place}\nevent: changed\ndata: ${JSON.stringify({ changes: tidings.changes })}\n\n`;
    case 'resync':
      return `id: ${tidings.place}\nevent: resync\ndata: {}\n\n`;
    case 'over':
      return 'event: over\ndata: {}\n\n';
  }
}
