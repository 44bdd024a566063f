/** A request before it is signed: its parts, not yet its octets. */
import { writeJson, type JsonValue } from '../lossless-json.ts';
import type { HttpRequest } from '../http/transport.ts';

export type Field = readonly [name: string, value: string];

export interface RequestDraft {
  readonly method: HttpRequest['method'];
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: readonly Field[];
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body:
    | { readonly type: 'none' }
    | { readonly type: 'json'; readonly value: JsonValue }
    | { readonly type: 'form'; readonly fields: readonly Field[] };
}

/** The query as it goes over the wire, without `?`. */
export function queryText(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

/** RFC 3986: what encodeURIComponent leaves and some signatures do not. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The body as it goes over the wire; undefined for none. */
export function bodyText({ body }: RequestDraft): string | undefined {
  switch (body.type) {
    case 'none':
      return undefined;
    case 'json':
      return writeJson(body.value);
    case 'form':
      return new URLSearchParams(
        body.fields.map(([name, value]): [string, string] => [name, value]),
      ).toString();
  }
}

function contentType({ body }: RequestDraft): Readonly<Record<string, string>> {
  switch (body.type) {
    case 'none':
      return {};
    case 'json':
      return { 'content-type': 'application/json' };
    case 'form':
      return { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' };
  }
}

/** What goes over the wire. */
export function requestOf(draft: RequestDraft): HttpRequest {
  const query = queryText(draft.query);
  const body = bodyText(draft);
  return {
    method: draft.method,
    path: query === '' ? draft.path : `${draft.path}?${query}`,
    headers: { ...contentType(draft), ...draft.headers },
    ...(body === undefined ? {} : { body }),
  };
}
