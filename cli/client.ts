/** The operators' API as a command calls it. */
import { CliFailure, type Problem } from './failure.ts';

export interface Asking {
  readonly method: 'GET' | 'POST';
  /** What may have happened when no answer comes. */
  readonly isChange: boolean;
  readonly isEndless?: true;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

export interface Client {
  readonly url: string;
  get<Answer>(path: string, asking?: Pick<Asking, 'query'>): Promise<Answer>;
  /** A question that is too private for a URL; it changes nothing. */
  search<Answer>(path: string, body: object): Promise<Answer>;
  post<Answer>(path: string, body?: object, headers?: Asking['headers']): Promise<Answer>;
  /** Begins a session. @returns what has to be sent with each of its requests */
  signIn(
    path: '/session' | '/session/of-command',
    body: object,
  ): Promise<{ readonly csrfToken: string; readonly cookie: string }>;
  /** For what is not JSON, and may take as long as it takes. */
  open(path: string, asking?: Pick<Asking, 'query'>): Promise<Response>;
  /** The same of a question that is too private for a URL. */
  openSearch(path: string, body: object): Promise<Response>;
}

/** A look-up at a channel may take as long as the channel's deadline. */
const answerWithinMs = 120_000;
const userAgent = 'points-hub-cli/1';

/** @param heads sent with every request: a token, or a session's cookie */
export function openClient(url: string, heads: Readonly<Record<string, string>>): Client {
  demandSafeWay(url);
  async function ask(path: string, asking: Asking): Promise<Response> {
    const { method, isChange, isEndless = false } = asking;
    const address = new URL(`${url}/ops/v1${path}`);
    for (const [name, value] of Object.entries(asking.query ?? {})) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const answer = await fetch(address, {
      method,
      // Never on to somewhere else with the token.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...heads,
        ...asking.headers,
      },
      ...(method === 'POST' ? { body: JSON.stringify(asking.body ?? {}) } : {}),
      ...(isEndless ? {} : { signal: AbortSignal.timeout(answerWithinMs) }),
    }).catch((error: unknown) => {
      throw noAnswer(url, isChange, error);
    });
    if (answer.ok) return answer;
    throw await failureOf(url, answer);
  }
  async function askJson<Answer>(path: string, asking: Asking): Promise<Answer> {
    const answer = await ask(path, asking);
    if (!isJson(answer)) throw notAConsole(url, answer);
    // Points and ids are texts in all that the API answers, so nothing is rounded here.
    return answer.json().catch((error: unknown) => {
      throw noAnswer(url, asking.isChange, error);
    }) as Promise<Answer>;
  }
  const reading = { method: 'GET', isChange: false } as const;
  const changing = { method: 'POST', isChange: true } as const;
  return {
    url,
    get: (path, asking = {}) => askJson(path, { ...reading, ...asking }),
    search: (path, body) => askJson(path, { method: 'POST', isChange: false, body }),
    post: (path, body = {}, headers = {}) => askJson(path, { ...changing, body, headers }),
    signIn: async (path, body) => {
      const answer = await ask(path, { method: 'POST', isChange: false, body });
      if (!isJson(answer)) throw notAConsole(url, answer);
      const { csrfToken } = (await answer.json()) as { readonly csrfToken: string };
      const cookie = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
      return { csrfToken, cookie: cookie.join('; ') };
    },
    open: (path, asking = {}) => ask(path, { ...reading, ...asking, isEndless: true }),
    openSearch: (path, body) => ask(path, { method: 'POST', isChange: false, body, isEndless: true }),
  };
}

/** A token must not be readable on its way. */
function demandSafeWay(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return;
  throw new CliFailure('HUB_CONFIG_INVALID', `${url} is neither https:// nor on this machine`, {
    cure: 'A token sent there could be read on its way. Use the https:// address of the console.',
  });
}

function noAnswer(url: string, isChange: boolean, error: unknown): CliFailure {
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  const reason = isLate ? `no answer within ${answerWithinMs / 1_000} s` : reasonOf(error);
  const isSent = isChange && !isRefused(error);
  return new CliFailure('HUB_UNAVAILABLE', `${url} cannot be reached: ${reason}`, {
    cause: error,
    exitCode: 1,
    cure: isSent
      ? 'Whether it took effect is not known: look first, before you try again.'
      : 'Is the console running there? Name another one with --url or HUB_OPS_URL.',
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause ? String(cause.code) : '';
  return cause.message === '' ? code : cause.message;
}

/** Nothing was sent. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(code);
}

async function failureOf(url: string, answer: Response): Promise<CliFailure> {
  if (!isJson(answer)) return notAConsole(url, answer);
  const problem = (await answer.json().catch(() => ({}))) as Problem;
  if (!/^HUB_\w+$/.test(problem.code)) return notAConsole(url, answer);
  const { code, detail } = problem;
  const faults = (problem.errors ?? []).map((fault) => `${fault.field} ${fault.detail}`.trim());
  const retryAfter = answer.headers.get('retry-after');
  const requestId = answer.headers.get('x-request-id');
  const more = [
    ...faults.filter((fault) => !detail.includes(fault)),
    ...(retryAfter === null ? [] : [`try again in ${retryAfter} s`]),
    ...(answer.status >= 500 && requestId !== null ? [`request ${requestId}`] : []),
  ];
  return new CliFailure(code, [detail, ...more].join('; '), { problem });
}

function notAConsole(url: string, answer: Response): CliFailure {
  return new CliFailure(
    'HUB_ROUTE_UNKNOWN',
    `${url} answered ${answer.status}, and not as a console of points-hub`,
    {
      cure: 'Name the address of the console with --url or HUB_OPS_URL; the API of the mall is another one.',
    },
  );
}

function isJson(answer: Response): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(answer.headers.get('content-type') ?? '');
}
