import express, { type RequestHandler } from 'express';
import { HubError } from '../errors.ts';

/** A larger body is refused before it is parsed. */
export const bodyOctetsMax = 65_536;

const readOctets = express.raw({ limit: bodyOctetsMax, inflate: false, type: () => true });

/** Collects the body's octets in `request.body`, after a look at its type. Errors go to `next`. */
export const collectBody: RequestHandler = (request, response, next) => {
  const fault = contentTypeFault(request.headers['content-type']);
  if (fault === undefined) readOctets(request, response, next);
  else next(new HubError('HUB_CONTENT_TYPE_UNSUPPORTED', fault));
};

function contentTypeFault(header: string | undefined): string | undefined {
  if (header === 'application/json') return undefined;
  if (header === undefined || !/^application\/json[ \t]*(?:;|$)/i.test(header)) {
    return 'send the body as Content-Type: application/json';
  }
  const charset = /;[ \t]*charset[ \t]*=[ \t]*"?([^\s";]*)/i.exec(header)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset) ? undefined : 'JSON is sent in UTF-8 (RFC 8259)';
}

/** Fatal: a wrong octet must not turn into U+FFFD and make two different ids equal. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses what `collectBody` collected. Of a field that comes twice the last one counts, as in every JSON parser
 * that a mall is likely to test with.
 *
 * @throws HubError HUB_BODY_MALFORMED, never quoting the body
 */
export function parseBody(octets: unknown): unknown {
  if (!(octets instanceof Uint8Array) || octets.length === 0) {
    throw new HubError('HUB_BODY_MALFORMED', 'the body is empty');
  }
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch (cause) {
    throw new HubError('HUB_BODY_MALFORMED', 'the body is not UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = cause instanceof Error ? /at position \d+/.exec(cause.message)?.[0] : undefined;
    throw new HubError(
      'HUB_BODY_MALFORMED',
      ['the body is not JSON', ...(position === undefined ? [] : [position])].join(' '),
      { cause },
    );
  }
}
