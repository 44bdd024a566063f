/** What an operator's request says in its path and its headers. */
import type { IncomingHttpHeaders } from 'node:http';
import { HubError } from '@points-hub/hub/operations';

/** @throws HubError HUB_CASE_UNKNOWN for what no case can have as its id */
export function readCaseId(text: string | undefined): string {
  if (text === undefined || !/^[1-9]\d{0,17}$/.test(text)) {
    throw new HubError('HUB_CASE_UNKNOWN', 'the id of a case is a whole number');
  }
  return text;
}

/** The name under which an operation is recorded. @throws HubError HUB_OPERATOR_MISSING */
export function readOperator(headers: IncomingHttpHeaders): string {
  const header = headers['x-operator'];
  // Header octets come as Latin-1; names are sent in UTF-8.
  const name = typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8').trim() : '';
  if (!/^[^\p{C}\p{Zl}\p{Zp}\ufffd]{1,64}$/u.test(name)) {
    throw new HubError('HUB_OPERATOR_MISSING', 'send X-Operator with a name of 1 to 64 visible characters');
  }
  return name;
}

/** @throws HubError HUB_VERSION_MISSING */
export function readVersion(header: string | undefined): number {
  const [, digits] = /^"(\d{1,9})"$/.exec(header ?? '') ?? [];
  if (digits === undefined) {
    throw new HubError('HUB_VERSION_MISSING', 'send If-Match with the ETag of the case as you read it');
  }
  return Number(digits);
}

/** @throws HubError HUB_REPLAY_UNKNOWN, HUB_COMPENSATION_UNKNOWN for what cannot be an id */
export function readId(
  text: string | undefined,
  code: 'HUB_REPLAY_UNKNOWN' | 'HUB_COMPENSATION_UNKNOWN',
): string {
  if (text === undefined || !/^[1-9]\d{0,17}$/.test(text))
    throw new HubError(code, 'an id is a whole number');
  return text;
}

/** @throws HubError HUB_IDEMPOTENCY_KEY_INVALID */
export function readRequestKey(header: string | string[] | undefined): string {
  const [, quoted, bare] = /^(?:"([^"\\]{1,255})"|([\w.~-]{1,255}))$/.exec(String(header ?? '')) ?? [];
  const key = quoted ?? bare;
  if (key === undefined) {
    throw new HubError(
      'HUB_IDEMPOTENCY_KEY_INVALID',
      'send Idempotency-Key with an id of this request, a UUID in quotes',
    );
  }
  return key;
}
