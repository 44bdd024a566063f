/** One route of the operators' API: what it takes, who may, what it does. The server and its OpenAPI document follow from it. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import {
  HubError,
  type Caller,
  type ErrorCode,
  type Origin,
  type Permission,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import type { Cookies } from './cookies.ts';

/** A request after its schemas. */
export interface Asked<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: IncomingHttpHeaders;
  /** From the question mark on, as it came. */
  readonly search: string;
  readonly cookies: Cookies;
  readonly origin: Origin;
}

export type Answer =
  | {
      readonly type: 'json';
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly setCookies?: readonly string[];
    }
  | {
      readonly type: 'text';
      readonly pages: AsyncIterable<string>;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly type: 'events'; readonly open: (response: ServerResponse) => Promise<void> }
  | { readonly type: 'redirect'; readonly to: string; readonly setCookies: readonly string[] };

interface Spec<Query, Body> {
  readonly method: 'GET' | 'POST';
  /** Under /ops/v1, with parameters as Express has them. */
  readonly path: string;
  /** The operation's id in the document. */
  readonly id: string;
  readonly summary: string;
  /** The name of a refusal in the audit. */
  readonly action: string;
  readonly query?: z.ZodType<Query>;
  /** Of a POST; every one has a JSON body, for a form of another site cannot send one. */
  readonly body?: z.ZodType<Body>;
  /** Whether `If-Match` has to name the version that the caller saw. */
  readonly isVersioned?: boolean;
  /** Of the answer; undefined where it is no JSON. */
  readonly answer?: z.ZodType;
  /** What it may be refused with, besides what any route may. */
  readonly codes?: readonly ErrorCode[];
}

export interface Route extends Spec<unknown, unknown> {
  /** `anybody`: also without having signed in. `signed-in`: whoever it is. */
  readonly needs: Permission | 'signed-in' | 'anybody';
  readonly perform: (asked: Asked<unknown, unknown>, caller: Caller | undefined) => Promise<Answer>;
}

/** For whoever has signed in and has the permission, if one is named. */
export function route<Query = object, Body = object>(
  spec: Spec<Query, Body> & {
    readonly needs: Permission | 'signed-in';
    readonly perform: (asked: Asked<Query, Body>, caller: Caller) => Promise<Answer>;
  },
): Route {
  return {
    ...spec,
    // The schemas of this very route made both.
    perform: (asked, caller) => {
      if (caller === undefined) throw new Error(`${spec.id} was reached without a caller`);
      return spec.perform(asked as Asked<Query, Body>, caller);
    },
  };
}

/** For anybody. */
export function openRoute<Query = object, Body = object>(
  spec: Spec<Query, Body> & { readonly perform: (asked: Asked<Query, Body>) => Promise<Answer> },
): Route {
  return { ...spec, needs: 'anybody', perform: (asked) => spec.perform(asked as Asked<Query, Body>) };
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
