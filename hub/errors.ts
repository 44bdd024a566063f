/**
 * Every error that a caller or an operator can cause, with its HTTP status and the exit code of a command.
 * `docs/errors.md` lists each with its cure; a test ties the two together.
 */
export const errorTable = {
  HUB_HTTP_MALFORMED: { status: 400, exitCode: 2, title: 'The request is not valid HTTP' },
  HUB_HEADERS_TOO_LARGE: { status: 431, exitCode: 2, title: 'The request headers are too large' },
  HUB_REQUEST_TIMEOUT: { status: 408, exitCode: 1, title: 'The request did not arrive in time' },
  HUB_BODY_MALFORMED: { status: 400, exitCode: 2, title: 'The body is not valid JSON' },
  HUB_BODY_TOO_LARGE: { status: 413, exitCode: 2, title: 'The body is too large' },
  HUB_CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    exitCode: 2,
    title: 'The content type is not application/json',
  },
  HUB_REQUEST_INVALID: { status: 422, exitCode: 2, title: 'The request does not fit its schema' },
  HUB_ID_INVALID: {
    status: 422,
    exitCode: 2,
    title: 'An id is empty, too long or has characters that are not allowed',
  },
  HUB_DEDUCTIONS_MISSING: { status: 422, exitCode: 2, title: 'An order needs at least one deduction' },
  HUB_DEDUCTIONS_TOO_MANY: { status: 422, exitCode: 2, title: 'An order has too many deductions' },
  HUB_CHANNEL_UNKNOWN: { status: 422, exitCode: 2, title: 'There is no such channel' },
  HUB_CHANNEL_TWICE: { status: 422, exitCode: 2, title: 'A channel appears twice in one order' },
  HUB_POINTS_INVALID: { status: 422, exitCode: 2, title: 'The points cannot be deducted as written' },
  HUB_CHANNEL_ALONE_ONLY: {
    status: 422,
    exitCode: 2,
    title: 'The channel may only be the one channel of an order',
  },
  HUB_API_KEY_MISSING: { status: 401, exitCode: 2, title: 'An API key is required' },
  HUB_API_KEY_WRONG: { status: 401, exitCode: 2, title: 'The API key is not valid' },
  HUB_API_KEY_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such API key' },
  HUB_MALL_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such mall' },
  HUB_ORDER_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such order' },
  HUB_ROUTE_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such resource' },
  HUB_METHOD_NOT_ALLOWED: { status: 405, exitCode: 2, title: 'The resource does not know this method' },
  HUB_ORDER_CANCELLED: {
    status: 409,
    exitCode: 2,
    title: 'The order id was cancelled before the order came',
  },
  HUB_ORDER_SETTLED: {
    status: 409,
    exitCode: 2,
    title: 'The order has settled and can no longer be cancelled',
  },
  HUB_ORDER_CONFIRMING: {
    status: 409,
    exitCode: 2,
    title: 'The order is being confirmed and can no longer be cancelled',
  },
  HUB_ORDER_NOT_SETTLED: { status: 409, exitCode: 2, title: 'Only a settled order can be refunded' },
  HUB_REFUND_CONFLICT: {
    status: 409,
    exitCode: 2,
    title: 'The refund id is taken by a refund with other content',
  },
  HUB_REFUND_ID_RESERVED: { status: 422, exitCode: 2, title: "The refund id has the form of the hub's own" },
  HUB_REFUND_NOTHING_BACK: { status: 422, exitCode: 2, title: 'The channel gives no points back' },
  HUB_REFUND_EXCEEDS: { status: 422, exitCode: 2, title: 'More is asked back than is left' },
  HUB_REFUND_WHOLE_ONLY: { status: 422, exitCode: 2, title: 'The channel gives back only the whole' },
  HUB_REFUND_UNKNOWN_DEDUCTION: {
    status: 422,
    exitCode: 2,
    title: 'The order has no deduction at this channel',
  },
  HUB_ORDER_CONFLICT: {
    status: 409,
    exitCode: 2,
    title: 'The order id is taken by an order with other content',
  },
  HUB_IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    exitCode: 2,
    title: 'The Idempotency-Key header is not usable',
  },
  HUB_IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    exitCode: 2,
    title: 'The Idempotency-Key was used with another request',
  },
  HUB_CALLBACK_CHANNEL_UNKNOWN: {
    status: 404,
    exitCode: 2,
    title: 'No channel of this name sends callbacks',
  },
  HUB_CALLBACK_HEADERS_INVALID: {
    status: 400,
    exitCode: 2,
    title: 'The headers of a signed callback are missing or malformed',
  },
  HUB_CALLBACK_STALE: { status: 400, exitCode: 2, title: 'The callback was not sent just now' },
  HUB_CALLBACK_SIGNATURE_WRONG: {
    status: 403,
    exitCode: 2,
    title: 'The callback is not signed by the channel',
  },
  HUB_CALLBACK_REFERENCE_MISSING: { status: 422, exitCode: 2, title: 'The callback names no operation' },
  HUB_CALLBACK_CONFLICT: {
    status: 409,
    exitCode: 2,
    title: 'The event id was used with another callback',
  },
  HUB_RATE_LIMITED: { status: 429, exitCode: 2, title: 'Too many requests for this API key' },
  HUB_SIGN_IN_NEEDED: { status: 401, exitCode: 2, title: 'The request does not say who acts' },
  HUB_SIGN_IN_FAILED: { status: 401, exitCode: 2, title: 'The name or the password is wrong' },
  HUB_SIGN_IN_THROTTLED: { status: 429, exitCode: 2, title: 'Too many tries to sign in' },
  HUB_SESSION_OVER: { status: 401, exitCode: 2, title: 'The session is over' },
  HUB_SESSION_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such session' },
  HUB_ACCESS_TOKEN_WRONG: { status: 401, exitCode: 2, title: 'The access token is not valid' },
  HUB_ACCESS_TOKEN_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such access token' },
  HUB_REFUSALS_TOO_MANY: { status: 429, exitCode: 2, title: 'Too many requests were refused' },
  HUB_REVEALS_TOO_MANY: { status: 429, exitCode: 2, title: 'Too many users were revealed' },
  HUB_CROSS_SITE: {
    status: 403,
    exitCode: 2,
    title: "The request does not come from the console's own page",
  },
  HUB_CSRF_TOKEN_WRONG: { status: 403, exitCode: 2, title: 'The X-CSRF-Token header is missing or wrong' },
  HUB_FORBIDDEN: { status: 403, exitCode: 2, title: 'The roles of the person do not allow this' },
  HUB_SCOPE_TOO_SMALL: { status: 403, exitCode: 2, title: 'The access token does not allow this' },
  HUB_PROOF_STALE: { status: 403, exitCode: 2, title: 'The person has to prove again who he is' },
  HUB_PASSWORD_WEAK: { status: 422, exitCode: 2, title: 'The password is too easy to guess' },
  HUB_LINK_WRONG: { status: 410, exitCode: 2, title: 'The one-time link is not valid' },
  HUB_OPERATOR_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such operator' },
  HUB_OPERATOR_TAKEN: { status: 409, exitCode: 2, title: 'The name is taken by another operator' },
  HUB_OPERATOR_DISABLED: { status: 409, exitCode: 2, title: 'The operator is disabled' },
  HUB_ROLES_INVALID: { status: 422, exitCode: 2, title: 'These roles cannot be had together' },
  HUB_ROLES_ELSEWHERE: { status: 409, exitCode: 2, title: 'The identity provider decides this' },
  HUB_LAST_ADMIN: { status: 409, exitCode: 2, title: 'One admin at least has to remain' },
  HUB_OIDC_FAILED: { status: 401, exitCode: 2, title: 'Signing in at the identity provider failed' },
  HUB_VERSION_MISSING: { status: 428, exitCode: 2, title: 'The request names no version of the case' },
  HUB_CASE_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such case' },
  HUB_CASE_BUSY: { status: 409, exitCode: 3, title: 'An operation on the case is under way' },
  HUB_CASE_CLOSED: { status: 409, exitCode: 3, title: 'The state of the case does not allow this' },
  HUB_CASE_CHANGED: { status: 409, exitCode: 3, title: 'The case has changed since it was read' },
  HUB_OPERATION_REFUSED: { status: 422, exitCode: 2, title: 'The operation does not fit this case' },
  HUB_SECOND_PERSON_NEEDED: {
    status: 422,
    exitCode: 2,
    title: 'One person alone may not state this',
  },
  HUB_REPLAY_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such replay' },
  HUB_REPLAY_TOO_LARGE: { status: 422, exitCode: 2, title: 'Too many cases for one replay' },
  HUB_EXPORT_TOO_LARGE: { status: 422, exitCode: 2, title: 'Too many cases for one export' },
  HUB_REPLAY_EMPTY: { status: 422, exitCode: 2, title: 'No case of the replay can be retried' },
  HUB_REPLAY_NOT_YOURS: { status: 403, exitCode: 2, title: 'Somebody else made this preview' },
  HUB_REPLAY_EXPIRED: { status: 409, exitCode: 3, title: 'The preview is too old to be started' },
  HUB_REPLAY_COUNT_DIFFERS: {
    status: 409,
    exitCode: 3,
    title: 'The preview has another number of cases than expected',
  },
  HUB_REPLAY_STATE: { status: 409, exitCode: 3, title: 'The state of the replay does not allow this' },
  HUB_COMPENSATION_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such compensation' },
  HUB_COMPENSATION_OPEN: {
    status: 409,
    exitCode: 3,
    title: 'Another request about the same points waits for a decision',
  },
  HUB_COMPENSATION_CONFLICT: {
    status: 409,
    exitCode: 2,
    title: 'The request key was used with another request',
  },
  HUB_COMPENSATION_DECIDED: { status: 409, exitCode: 3, title: 'The compensation was decided before' },
  HUB_COMPENSATION_EXPIRED: { status: 409, exitCode: 3, title: 'Nobody decided on the compensation in time' },
  HUB_COMPENSATION_CHANGED: {
    status: 409,
    exitCode: 3,
    title: 'What would be approved is not what was read',
  },
  HUB_COMPENSATION_EXCEEDS: {
    status: 422,
    exitCode: 2,
    title: 'More would be given back than was taken',
  },
  HUB_COMPENSATION_OWN: { status: 403, exitCode: 2, title: 'Nobody approves a request of his own' },
  HUB_STREAMS_TOO_MANY: { status: 429, exitCode: 2, title: 'Too many live streams are open' },
  HUB_RULE_UNKNOWN: { status: 404, exitCode: 2, title: 'There is no such notification rule' },
  HUB_TARGET_UNKNOWN: {
    status: 422,
    exitCode: 2,
    title: 'No notification target of this name is configured',
  },
  HUB_UNAVAILABLE: { status: 503, exitCode: 1, title: 'The hub cannot reach what it needs right now' },
  HUB_INTERNAL: { status: 500, exitCode: 1, title: 'The hub made a mistake' },
  HUB_CONFIG_INVALID: { status: 500, exitCode: 2, title: 'The configuration cannot be used' },
  HUB_DESCRIPTION_INVALID: {
    status: 500,
    exitCode: 2,
    title: 'The description of a channel or of the portal cannot be used',
  },
  HUB_ENVIRONMENT_INVALID: {
    status: 500,
    exitCode: 2,
    title: 'An environment variable is missing or cannot be used',
  },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** Which part of the input is at fault: a JSON pointer into the body, or the name of a header or parameter. */
export interface FieldFault {
  readonly field: string;
  readonly code: ErrorCode;
  readonly detail: string;
}

/** An error that its reader can act on. Everything else that is thrown is a defect or an absent dependency. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly FieldFault[];

  constructor(
    code: ErrorCode,
    detail: string,
    options: { faults?: readonly FieldFault[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'HubError';
    this.code = code;
    this.faults = options.faults ?? [];
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get exitCode(): number {
    return errorTable[this.code].exitCode;
  }
}
