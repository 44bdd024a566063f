import type { Response } from 'express';
import type { HubError } from '../errors.ts';
import { RateLimited } from './authentication.ts';
import { problemMediaType, problemOf } from './problem.ts';

type Headers = Readonly<Record<string, string>>;

const none: Headers = {};

/** Answers with JSON text. Written straight to the socket: express would look for an ETag and a charset first. */
export function answerJson(response: Response, status: number, text: string, headers: Headers = none): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** Answers with the problem document of `failure` and the headers that belong to its code. */
export function answerProblem(response: Response, failure: HubError, headers: Headers = none): void {
  if (response.headersSent) {
    // Half an answer cannot be turned into another one.
    response.destroy();
    return;
  }
  const text = JSON.stringify(problemOf(failure));
  response.writeHead(failure.status, {
    ...headersOf(failure),
    ...headers,
    'Content-Type': problemMediaType,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** Seconds after which to try again when something that the hub needs is away. */
const retryAfterS = 2;

function headersOf(failure: HubError): Headers {
  if (failure instanceof RateLimited) {
    const { policy, quota, windowS, retryAfterS: afterS } = failure;
    // https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    return {
      'Retry-After': String(afterS),
      'RateLimit-Policy': `"${policy}";q=${quota};w=${windowS}`,
      RateLimit: `"${policy}";r=0;t=${afterS}`,
    };
  }
  if (failure.code === 'HUB_UNAVAILABLE') return { 'Retry-After': String(retryAfterS) };
  // RFC 6750, section 3.1.
  if (failure.code === 'HUB_API_KEY_WRONG' || failure.code === 'HUB_ACCESS_TOKEN_WRONG') {
    return { 'WWW-Authenticate': 'Bearer realm="points-hub", error="invalid_token"' };
  }
  if (failure.status === 401) return { 'WWW-Authenticate': 'Bearer realm="points-hub"' };
  return none;
}
