/** What an operator's request says in its path and its headers. */
import { HubError } from '@points-hub/hub/operations';

/** @throws HubError `unknown`, for what nothing can have as its id */
export function readId(
  text: string | undefined,
  unknown:
    | 'HUB_CASE_UNKNOWN'
    | 'HUB_ORDER_UNKNOWN'
    | 'HUB_RULE_UNKNOWN'
    | 'HUB_OPERATOR_UNKNOWN'
    | 'HUB_SESSION_UNKNOWN'
    | 'HUB_REPLAY_UNKNOWN'
    | 'HUB_COMPENSATION_UNKNOWN',
): string {
  if (text === undefined || !/^[1-9]\d{0,17}$/.test(text)) {
    throw new HubError(unknown, 'such an id is a whole number');
  }
  return text;
}

/** @throws HubError HUB_ACCESS_TOKEN_UNKNOWN, for what no token is called */
export function readTokenId(text: string | undefined): string {
  if (text === undefined || !/^[a-z0-9]{12}$/.test(text)) {
    throw new HubError('HUB_ACCESS_TOKEN_UNKNOWN', 'such an id has 12 letters and digits');
  }
  return text;
}

/** @throws HubError HUB_VERSION_MISSING */
export function readVersion(header: string | undefined): number {
  const [, digits] = /^"(\d{1,9})"$/.exec(header ?? '') ?? [];
  if (digits === undefined) {
    throw new HubError('HUB_VERSION_MISSING', 'send If-Match with the ETag of the case as you read it');
  }
  return Number(digits);
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
