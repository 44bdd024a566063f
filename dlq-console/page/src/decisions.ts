/** What a person may do with a case as it stands, and why not; the server decides again. */
import type { Case, Me } from './api.ts';

export type Act = 'claim' | 'note' | 'query' | 'retry' | 'resolve' | 'ignore' | 'restore' | 'compensate';
export type Permission = Me['permissions'][number];

const needs: Readonly<Record<Act, Permission>> = {
  claim: 'cases.claim',
  note: 'cases.note',
  query: 'cases.query',
  retry: 'cases.retry',
  resolve: 'cases.resolve',
  ignore: 'cases.ignore',
  restore: 'cases.ignore',
  compensate: 'compensation.request',
};

/**
 * A key below `whyNot`, or undefined when nothing stands against it.
 *
 * @param hasQueryFailed whether this person asked for a look-up in vain: nobody waits for one that cannot be had
 */
export function whyNot(
  act: Act,
  subject: Case,
  permissions: readonly Permission[],
  hasQueryFailed = false,
): string | undefined {
  if (!permissions.includes(needs[act])) return 'permission';
  if (act === 'note') return undefined;
  if (subject.state === 'resolved' || subject.state === 'recovered') return 'closed';
  if (subject.isBusy) return 'busy';
  if (act === 'restore') return subject.state === 'ignored' ? undefined : 'notIgnored';
  if (subject.state === 'ignored') return 'ignored';
  const ofLeg = act === 'query' || act === 'compensate';
  const isSetUp = subject.cause === 'misconfigured';
  if (ofLeg && (subject.leg === null || isSetUp)) return 'noLeg';
  if (act === 'resolve' && isSetUp) return 'mendFirst';
  if (act !== 'retry') return undefined;
  if (subject.leg === null) return 'nothingToRetry';
  if (subject.cause === 'late_truth' || subject.cause === 'another_amount') return 'couldMoveTwice';
  const mayQuery = permissions.includes(needs.query) && !hasQueryFailed;
  return isQueryFirst(subject) && mayQuery ? 'queryFirst' : undefined;
}

/** Whether the outcome is in doubt and nobody has looked it up at the remote yet. */
export function isQueryFirst(subject: Case): boolean {
  return subject.suggestion === 'query' && lastQuery(subject) === undefined;
}

/** The latest look-up that has ended. */
export function lastQuery({ operations }: Case): Case['operations'][number] | undefined {
  return operations
    .filter(({ kind, finishedAt }) => kind === 'query' && finishedAt !== null)
    .toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))[0];
}

/** The act that stands out: a look-up before all else where the outcome is in doubt. */
export function firstAct(subject: Case): Act | undefined {
  if (subject.state === 'ignored') return 'restore';
  if (subject.state !== 'open') return undefined;
  if (isQueryFirst(subject)) return 'query';
  switch (subject.suggestion) {
    case 'retry':
    case 'resolve':
      return subject.suggestion;
    case 'query':
      // A doubt that nothing which may be called would settle; what was asked now told no more.
      return subject.cause === 'doubt' ? 'compensate' : 'retry';
    default:
      return undefined;
  }
}
