/** Server-sent events as a page reads them. */
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

/** Follows with the cookies of `person`, from the place that he last saw. */
export async function readEvents(url: string, person: Person, after?: string): Promise<EventReader> {
  const stopping = new AbortController();
  const cookie = [...person.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
  const answer = await fetch(`${url}/events`, {
    headers: { cookie, ...(after === undefined ? {} : { 'last-event-id': after }) },
    signal: stopping.signal,
  });
  const events: SentEvent[] = [];
  const reader = { body: '', hasEnded: false };
  const read = async (): Promise<void> => {
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      reader.body += chunk;
      const blocks = reader.body.split('\n\n').slice(0, -1);
      events.splice(0, events.length, ...blocks.flatMap(eventIn));
    }
  };
  const reading = read()
    .catch(() => undefined)
    .finally(() => (reader.hasEnded = true));
  if (answer.status !== 200) await reading;
  return {
    status: answer.status,
    get body() {
      return reader.body;
    },
    events,
    ended: async () => {
      await eventually('the stream has ended', () => Promise.resolve(reader.hasEnded));
    },
    told: (kind, subject) =>
      eventually(`${kind} ${subject} is told`, async () => {
        const found = events.find(({ data }) =>
          (
            data['changes'] as readonly { kind: string; subjects: readonly string[] | null }[] | undefined
          )?.some((one) => one.kind === kind && (one.subjects?.includes(subject) ?? false)),
        );
        return found?.id;
      }),
    close: () => stopping.abort(),
  };
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
