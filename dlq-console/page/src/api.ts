/** The only door to the server. */
import createClient from 'openapi-fetch';
import type { components, paths } from './api-schema.ts';
import { Trouble, troubleOf } from './trouble.ts';

export type Schemas = components['schemas'];
export type Case = Schemas['Case'];
export type CaseSummary = Schemas['Cases']['cases'][number];
export type Me = Schemas['Me'];
export type Replay = Schemas['Replay'];
export type Compensation = Schemas['Compensation'];
export type Order = Schemas['Order'];

/** An answer that takes longer than this is said to be slow; what was asked may still happen. */
const patienceMs = 15_000;

let csrfToken = '';

/** Of the session that has begun; every request that changes something shows it. */
export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

const sessionEnded = new EventTarget();

/** Calls back whenever the server says that nobody is signed in any more. @returns what ends that */
export function onSessionOver(listener: () => void): () => void {
  sessionEnded.addEventListener('over', listener);
  return () => sessionEnded.removeEventListener('over', listener);
}

async function patiently(request: Request): Promise<Response> {
  try {
    return await fetch(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(patienceMs)]),
    });
  } catch (error) {
    throw new Trouble(
      error instanceof DOMException && error.name === 'TimeoutError' ? 'slow' : 'away',
      undefined,
      { cause: error },
    );
  }
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: patiently });

api.use({
  onRequest: ({ request }) => {
    if (request.method === 'POST') request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
});

/** The stream of what changes; the browser sends the session's cookie with it and comes again by itself. */
export function openEvents(): EventSource {
  return new EventSource('/ops/v1/events');
}

/** What an answer holds. @throws Trouble for every refusal and for what cannot be read */
export async function answered<Data>(
  asked: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
): Promise<Data> {
  const { data, error, response } = await asked.catch((reason: unknown) => {
    throw reason instanceof Trouble ? reason : new Trouble('broken', undefined, { cause: reason });
  });
  if (response.ok && data !== undefined) return data;
  const trouble = troubleOf(response.status, error);
  if (trouble.code === 'HUB_SESSION_OVER' || trouble.code === 'HUB_SIGN_IN_NEEDED') {
    sessionEnded.dispatchEvent(new Event('over'));
  }
  throw trouble;
}

/** How a request names the version of a case that its person saw. */
export function seen({ id, version }: Pick<Case, 'id' | 'version'>) {
  return { path: { caseId: id }, header: { 'If-Match': `"${version}"` } };
}
