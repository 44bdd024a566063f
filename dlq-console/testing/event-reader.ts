/** Server-sent events as a page reads them. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { eventually } from '@points-hub/dev/testing';
import type { Person } from './person.ts';

export interface SentEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventReader {
  readonly status: number;
  readonly body: string;
  readonly events: readonly SentEvent[];
  /** Until the server has ended it. */
  ended(): Promise<void>;
  /** Until an event names this subject. @returns the place behind it */
  told(kind: string, subject: string): Promise<string>;
  close(): void;
}

/** Follows with the cookies of `person`, from the place that he last saw, over a connection of its own. */
export async function readEvents(url: string, person: Person, after?: string): Promise<EventReader> {
  const cookie = [...person.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
  const headers = { cookie, ...(after === undefined ? {} : { 'last-event-id': after }) };
  const request = get(`${url}/events`, { headers, agent: false });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const seen = { body: '', hasEnded: false };
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => (seen.body += chunk));
  answer.once('close', () => (seen.hasEnded = true));
  // Whoever closes it in the middle has what he wanted.
  answer.on('error', () => undefined);
  if (answer.statusCode !== 200) await once(answer, 'end');
  const events = (): readonly SentEvent[] => seen.body.split('\n\n').slice(0, -1).flatMap(eventIn);
  return {
    status: answer.statusCode ?? 0,
    get body() {
      return seen.body;
    },
    get events() {
      return events();
    },
    ended: async () => {
      await eventually('the stream has ended', () => Promise.resolve(seen.hasEnded));
    },
    told: (kind, subject) =>
      eventually(`${kind} ${subject} is told`, () => {
        const found = events().find(({ data }) =>
          ((data['changes'] ?? []) as readonly Change[]).some(
            (one) => one.kind === kind && one.subjects?.includes(subject) === true,
          ),
        );
        return Promise.resolve(found?.id);
      }),
    close: () => request.destroy(),
  };
}

interface Change {
  readonly kind: string;
  readonly subjects: readonly string[] | null;
}

function eventIn(block: string): SentEvent[] {
  const fields = new Map(
    block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const type = fields.get('event');
  if (type === undefined) return [];
  return [{ type, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '{}') as SentEvent['data'] }];
}
