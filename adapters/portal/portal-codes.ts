import type { CodeTable } from '../classification.ts';

/** The codes of `openapi.yaml` and what each proves. */
export const PORTAL_CODES: CodeTable = new Map([
  ['QUOTA_EXCEEDED', { status: 422, type: 'rejected', reason: 'insufficient_quota' }],
  ['KEY_VOIDED', { status: 409, type: 'rejected', reason: 'key_voided' }],
  ['ALREADY_RETURNED', { status: 422, type: 'rejected', reason: 'already_returned' }],
  ['EXCEEDS_ORIGINAL', { status: 422, type: 'rejected', reason: 'exceeds_original' }],
  ['OPERATION_UNKNOWN', { status: 404, type: 'not_found' }],
  // The key is known and its answer is not ours to have yet: a reason to look, never a refusal.
  ['KEY_IN_PROGRESS', { status: 409, type: 'unknown', cause: 'duplicate_without_state' }],
  ['DUPLICATE', { status: 409, type: 'unknown', cause: 'duplicate_without_state' }],
  ['KEY_REUSED', { status: 409, type: 'misconfigured', code: 'key_reused' }],
  ['CHANNEL_UNKNOWN', { status: 404, type: 'misconfigured', code: 'refused_request' }],
  ['ORIGINAL_MISMATCH', { status: 422, type: 'misconfigured', code: 'refused_request' }],
  ['INVALID_REQUEST', { status: 400, type: 'misconfigured', code: 'refused_request' }],
  ['FORBIDDEN', { status: 403, type: 'misconfigured', code: 'authentication' }],
] as const);
