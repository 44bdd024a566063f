/** A person at the console, as his browser and his programs would send his requests. */
import { inviteOperator } from '../../hub/operations/people/directory.ts';
import type { Role } from '../../hub/operations/rights.ts';
import { openDatabase } from '../../hub/store/database.ts';
import { schemaCheck } from '../../hub/mall-api/testing/schema-check.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Heads = Readonly<Record<string, string>>;

/** Sends what it is told, and holds every answer against the API's own document. */
export interface Line {
  readonly url: string;
  send(method: 'GET' | 'POST', path: string, body: unknown, headers: Heads): Promise<Answer>;
}

export async function openLine(consoleUrl: string): Promise<Line> {
  const url = `${consoleUrl}/ops/v1`;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const check = schemaCheck(document);
  const templates = Object.keys(document.paths).map((path) => {
    return { path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) };
  });
  return {
    url,
    send: async (method, path, body, headers) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const { status, headers: given } = answer;
      const text = await answer.text();
      const isJson = given.get('content-type')?.endsWith('json') === true;
      const read = (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>;
      const asked = new URL(`${url}${path}`).pathname;
      const found = templates.find(({ pattern }) => pattern.test(asked))?.path;
      const operation = found === undefined ? undefined : document.paths[found]?.[method.toLowerCase()];
      if (operation !== undefined) {
        const declared = operation.responses[status];
        if (declared === undefined)
          throw new Error(`${method} ${path}: ${status} is not in the document: ${text}`);
        for (const { schema } of Object.values(declared.content ?? {})) {
          const verdict = check.at(String(schema['$ref']).slice(1), read);
          if (verdict !== 'valid')
            throw new Error(`${method} ${path}: ${JSON.stringify(verdict)} in ${text}`);
        }
      }
      return { status, headers: given, body: read };
    },
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: Record<string, unknown> }>> }
    >
  >;
}

export interface Person {
  readonly name: string;
  readonly operatorId: string;
  readonly password: string;
  /** What his browser keeps. */
  readonly cookies: Map<string, string>;
  csrfToken: string;
  /** As his browser sends it from the page of the console. */
  ask(method: 'GET' | 'POST', path: string, body?: unknown, headers?: Heads): Promise<Answer>;
  /** Signs in anew. */
  signIn(password?: string): Promise<Answer>;
}

export const sameOrigin = { 'sec-fetch-site': 'same-origin' } as const;

/** Makes a person by the same function as the command on the server, and lets him set his password by his link. */
export async function personAt(
  line: Line,
  databaseUrl: string,
  name: string,
  roles: readonly Role[],
): Promise<Person> {
  const { operatorId, token } = await invited(databaseUrl, name, roles);
  const password = `a long password of ${operatorId} for tests`;
  const person = browserOf(line, name, operatorId, password);
  const redeemed = await person.ask('POST', '/one-time-links/redeem', { token, password });
  if (redeemed.status !== 200)
    throw new Error(`the link of ${name} was refused: ${JSON.stringify(redeemed.body)}`);
  return person;
}

/** Adds a person as the command on the server does. */
export async function invited(databaseUrl: string, name: string, roles: readonly Role[]) {
  const database = openDatabase({ url: databaseUrl, applicationName: 'person', poolMax: 1 });
  try {
    const actor = {
      via: 'cli',
      address: undefined,
      userAgent: undefined,
      requestId: undefined,
      operatorId: undefined,
      name: 'the test',
    } as const;
    return await inviteOperator(database, actor, { name, roles });
  } finally {
    await database.close();
  }
}

/** A browser that has been nowhere yet. */
export function browserOf(line: Line, name: string, operatorId: string, password: string): Person {
  const cookies = new Map<string, string>();
  const person: Person = {
    name,
    operatorId,
    password,
    cookies,
    csrfToken: '',
    ask: async (method, path, body = method === 'POST' ? {} : undefined, headers = {}) => {
      const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ');
      const answer = await line.send(method, path, body, {
        ...sameOrigin,
        ...(cookie === '' ? {} : { cookie }),
        ...(person.csrfToken === '' ? {} : { 'x-csrf-token': person.csrfToken }),
        ...headers,
      });
      keep(cookies, answer.headers);
      if (typeof answer.body['csrfToken'] === 'string') person.csrfToken = answer.body['csrfToken'];
      return answer;
    },
    signIn: (shown = password) => person.ask('POST', '/session', { name, password: shown }),
  };
  return person;
}

function keep(cookies: Map<string, string>, headers: Headers): void {
  for (const line of headers.getSetCookie()) {
    const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '') cookies.delete(key);
    else cookies.set(key, value);
  }
}
