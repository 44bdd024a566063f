import type { CodeTable } from '../classification.ts';

/** The codes of `openapi.yaml` and what each proves. */
export const JSON_CHANNEL_CODES: CodeTable = new Map([
  ['INSUFFICIENT_POINTS', { status: 422, type: 'rejected', reason: 'insufficient_points' }],
  ['LIMIT_EXCEEDED', { status: 422, type: 'rejected', reason: 'limit_exceeded' }],
  ['MEMBER_UNKNOWN', { status: 404, type: 'rejected', reason: 'member_unknown' }],
  ['MEMBER_BLOCKED', { status: 403, type: 'rejected', reason: 'member_blocked' }],
  ['ORIGINAL_NOT_FOUND', { status: 404, type: 'rejected', reason: 'original_not_found' }],
  ['ALREADY_RETURNED', { status: 422, type: 'rejected', reason: 'already_returned' }],
  ['EXCEEDS_ORIGINAL', { status: 422, type: 'rejected', reason: 'exceeds_original' }],
  ['KEY_VOIDED', { status: 409, type: 'rejected', reason: 'key_voided' }],
  ['HOLD_EXPIRED', { status: 422, type: 'rejected', reason: 'hold_expired' }],
  ['HOLD_RELEASED', { status: 422, type: 'rejected', reason: 'hold_released' }],
  ['HOLD_CONFIRMED', { status: 422, type: 'rejected', reason: 'hold_confirmed' }],
  ['TRANSACTION_UNKNOWN', { status: 404, type: 'not_found' }],
  // The key is known and its answer is not ours to have yet: a reason to query, never a refusal.
  ['KEY_IN_PROGRESS', { status: 409, type: 'unknown', cause: 'duplicate_without_state' }],
  ['DUPLICATE', { status: 409, type: 'unknown', cause: 'duplicate_without_state' }],
  ['KEY_REUSED', { status: 409, type: 'misconfigured', code: 'key_reused' }],
  ['ORIGINAL_MISMATCH', { status: 422, type: 'misconfigured', code: 'refused_request' }],
  ['INVALID_REQUEST', { status: 400, type: 'misconfigured', code: 'refused_request' }],
  ['FORBIDDEN', { status: 403, type: 'misconfigured', code: 'authentication' }],
  ['NOT_SUPPORTED', { status: 422, type: 'misconfigured', code: 'not_supported' }],
] as const);
