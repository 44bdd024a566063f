/** One route of the operators' API: what it takes, who may, what it does. */
import type { IncomingHttpHeaders } from 'node:http';
import { HubError, type Caller, type Permission } from '@points-hub/hub/operations';
import { z } from 'zod';

/** A request after its schemas. */
export interface Asked<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly type: 'json';
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Spec<Query, Body> {
  readonly method: 'GET' | 'POST';
  /** Under /ops/v1, with parameters as Express has them. */
  readonly path: string;
  readonly needs: Permission;
  readonly query?: z.ZodType<Query>;
  /** Of a POST. */
  readonly body?: z.ZodType<Body>;
}

export interface Route extends Spec<unknown, unknown> {
  readonly perform: (asked: Asked<unknown, unknown>, caller: Caller) => Promise<Answer>;
}

export function route<Query = object, Body = object>(
  spec: Spec<Query, Body> & {
    readonly perform: (asked: Asked<Query, Body>, caller: Caller) => Promise<Answer>;
  },
): Route {
  // The schemas of this very route made both.
  return { ...spec, perform: (asked, caller) => spec.perform(asked as Asked<Query, Body>, caller) };
}

export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { type: 'json', body, headers };
}

/** A route takes what its schema names and nothing else: a typo must not be ignored. */
export const nothing = z.strictObject({});

/** @throws HubError HUB_REQUEST_INVALID */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    return { field: `/${path.map(String).join('/')}`, code: 'HUB_REQUEST_INVALID', detail: message } as const;
  });
  const [first] = faults;
  throw new HubError('HUB_REQUEST_INVALID', `${first?.field ?? ''} ${first?.detail ?? ''}`.trim(), {
    faults,
  });
}
