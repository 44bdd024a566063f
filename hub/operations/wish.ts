/** What an operator sends with an operation, and the errors that all operations share. */
import { HubError } from '../errors.ts';
import type { LockedCase } from '../store/case-operations.ts';
import type { CaseState } from '../store/cases.ts';
import type { Caller } from './caller.ts';

export interface Wish {
  readonly caseId: string;
  /** Who wants it; recorded with it. */
  readonly caller: Caller;
  /** The version of the case that the operator decided upon. */
  readonly version: number;
  readonly reason: string | undefined;
}

/** What an operation came to. */
export interface Done {
  readonly operationId: string;
  readonly state: CaseState;
  readonly version: number;
  readonly outcome: string;
}

/**
 * Whether the case is as the operator saw it, in the order: it exists, nothing is under way, its state allows this,
 * nothing changed since.
 *
 * @throws HubError HUB_CASE_UNKNOWN, HUB_CASE_BUSY, HUB_CASE_CLOSED, HUB_CASE_CHANGED
 */
export function checked(
  locked: LockedCase | undefined,
  { caseId, version }: Pick<Wish, 'caseId' | 'version'>,
  states: readonly CaseState[],
): LockedCase {
  if (locked === undefined) throw unknownCase(caseId);
  if (locked.isBusy) throw busy('an operation on this case is under way; wait for its outcome');
  if (!states.includes(locked.state)) {
    throw new HubError('HUB_CASE_CLOSED', `the case is ${locked.state}`);
  }
  if (locked.version !== version) {
    throw new HubError('HUB_CASE_CHANGED', `the case is at version ${locked.version} now, not at ${version}`);
  }
  return locked;
}

export function unknownCase(caseId: string): HubError {
  return new HubError('HUB_CASE_UNKNOWN', `there is no case ${caseId}`);
}

export function busy(detail: string): HubError {
  return new HubError('HUB_CASE_BUSY', detail);
}

export function refused(detail: string): HubError {
  return new HubError('HUB_OPERATION_REFUSED', detail);
}
