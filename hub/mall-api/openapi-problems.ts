/** The failures of the API's description. */
import { errorTable, type ErrorCode } from '../errors.ts';
import { problemMediaType } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

/** Any path with any method may meet these. */
export const anywhere: readonly ErrorCode[] = [
  'HUB_HTTP_MALFORMED',
  'HUB_REQUEST_TIMEOUT',
  'HUB_HEADERS_TOO_LARGE',
  'HUB_INTERNAL',
];

/** One response per status, each naming its codes. */
export function problems(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `${code}: ${errorTable[code].title}.`).join(' '),
        headers: headersOf(status),
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function headersOf(status: number): Json {
  const text = { type: 'string' };
  const retryAfter = { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } };
  switch (status) {
    case 401:
      return { 'WWW-Authenticate': { schema: text } };
    case 429:
      return {
        'Retry-After': retryAfter,
        'RateLimit-Policy': { description: 'draft-ietf-httpapi-ratelimit-headers', schema: text },
        RateLimit: { schema: text },
      };
    case 503:
      return { 'Retry-After': retryAfter };
    default:
      return {};
  }
}
