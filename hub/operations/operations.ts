/**
 * What a person may do about cases. Every operation is recorded at its case and in the audit, with who, when, why and
 * its outcome, in the transaction that makes it true; at most one is under way per case. The web page and the command
 * line both come through here, and nothing in here trusts what they checked: rights are asked for first.
 */
import type { Logger } from 'pino';
import type { Truth } from '../core/case.ts';
import type { LegName } from '../core/leg.ts';
import { bearsOut, findingOf } from '../core/evidence.ts';
import { directionOf, lookUpOf } from '../core/operator.ts';
import { HubError } from '../errors.ts';
import { callRemote, describeAnswer, type Remotes } from '../settlement/remote-call.ts';
import type { LockedCase, OperationKind } from '../store/case-operations.ts';
import { storedFinding } from '../store/case-findings.ts';
import type { CaseGroup } from '../store/case-groups.ts';
import type { CaseFilter, CasePlace } from '../store/case-lists.ts';
import type { TimelineEntry } from '../store/case-timeline.ts';
import type { CaseState, CaseSummary, CaseView } from '../store/cases.ts';
import { demand, type Caller } from './caller.ts';
import type { CaseTransaction } from './case-store-port.ts';
import { correct } from './correction.ts';
import { letAll, onSubject, recordLookUp, type Subject, type SubjectOptions } from './subject.ts';
import { accepted, only } from './verdicts.ts';
import { busy, refused, unknownCase, type Done, type Wish } from './wish.ts';

export interface OperationsOptions extends SubjectOptions {
  readonly remotes: Remotes;
  readonly monotonicMs: () => number;
  readonly log: Logger;
  /** Told after a commit that may have appended messages. */
  readonly onCommitted: () => void;
}

/** Each is refused with HUB_FORBIDDEN or HUB_SCOPE_TOO_SMALL to whoever may not, before anything is looked at. */
export interface Operations {
  /** @param after where the page before ended; `last`: where this one does, if another may follow */
  list(
    caller: Caller,
    filter: CaseFilter,
    after: CasePlace | undefined,
    limit: number,
  ): Promise<{ readonly cases: readonly CaseSummary[]; readonly last: CasePlace | undefined }>;
  groups(caller: Caller, state: CaseState, limit: number): Promise<readonly CaseGroup[]>;
  /** @throws HubError HUB_CASE_UNKNOWN */
  read(caller: Caller, caseId: string): Promise<CaseView>;
  /** What happened, oldest first. @throws HubError HUB_CASE_UNKNOWN */
  timeline(caller: Caller, caseId: string): Promise<readonly TimelineEntry[]>;
  /** Says who looks after it. Taking it over from somebody is recorded like any claim. */
  claim(wish: Wish): Promise<Done>;
  /** Adds a text; the case itself does not change. */
  note(wish: Pick<Wish, 'caseId' | 'caller'> & { readonly text: string }): Promise<Done>;
  /** One look-up call under the lease. Its outcome is recorded; only a proof changes anything. */
  query(wish: Wish): Promise<Done>;
  /** A fresh budget of attempts; under way until they work or are used up. A set-up's case: all who wait try at once. */
  retry(wish: Wish): Promise<Done>;
  /**
   * States the truth of a leg that the remote's own answer to the latest look-up bears out, or that a dead message is
   * dealt with. Any other truth is for two people: a compensation.
   *
   * @throws HubError HUB_SECOND_PERSON_NEEDED
   */
  resolve(wish: Wish & { readonly truth: Truth | undefined; readonly evidence: string }): Promise<Done>;
  /** Takes it off the list; its subject stays where it is. */
  ignore(wish: Wish & { readonly reason: string }): Promise<Done>;
  /** Back onto the list. */
  restore(wish: Wish): Promise<Done>;
}

const waitingMax = 100;
/** After this a retry of all who wait that died with its process keeps nobody out. */
const retryAllWithinMs = 600_000;

export function openOperations(options: OperationsOptions): Operations {
  const { cases, remotes, policiesOf, monotonicMs, log, onCommitted } = options;

  async function record(
    subject: Subject,
    kind: OperationKind,
    { caseId, caller, reason }: Pick<Wish, 'caseId' | 'caller' | 'reason'>,
    state: CaseState,
    done: { readonly outcome?: string; readonly details?: object; readonly expiresAt?: Date } = {},
  ): Promise<Done> {
    const { details = {}, expiresAt } = done;
    const { transaction } = subject;
    const operator = caller.name;
    // What was let in may have moved the subject on, as when its order's deadline was past: then the case is closed.
    const isRecovered = (await transaction.lockCase(caseId))?.state === 'recovered';
    const outcome = isRecovered && kind === 'retry' ? 'recovered' : done.outcome;
    const after = isRecovered && kind !== 'resolve' ? 'recovered' : state;
    const operation = { caseId, kind, operator, reason, details, outcome, expiresAt };
    const operationId = await transaction.insertOperation(operation);
    const version = await transaction.changeCase(caseId, after, kind === 'claim' ? operator : undefined);
    await transaction.audit(caller, {
      action: `case.${kind}`,
      subject: `case:${caseId}`,
      reason,
      outcome: outcome === undefined ? 'begun' : 'done',
      details: { operation: operationId, ...details, ...(outcome === undefined ? {} : { outcome }) },
    });
    log.info({ case: caseId, operation: kind, operator, outcome }, 'an operator acts');
    return { operationId, state: after, version, outcome: outcome ?? 'under way' };
  }

  /** Writes down what came of an operation that had begun. */
  async function finish(
    transaction: CaseTransaction,
    { caseId, caller }: Pick<Wish, 'caseId' | 'caller'>,
    kind: OperationKind,
    operationId: string,
    outcome: string,
    found: object = {},
  ): Promise<void> {
    await transaction.finishOperation(operationId, outcome, found);
    const details = { operation: operationId, outcome };
    await transaction.audit(caller, { action: `case.${kind}`, subject: `case:${caseId}`, details });
  }

  async function query(wish: Wish): Promise<Done> {
    demand(wish.caller, 'cases.query');
    const begun = monotonicMs();
    const started = await onSubject(options, wish, ['open', 'ignored'], async (subject) => {
      const { locked } = subject;
      const { deductionId, orderRowId, leg } = onLeg(locked, 'there is no leg to look up');
      const verdict = only(await subject.let([{ type: 'look_up', deductionId, leg }]));
      if (verdict.type !== 'call') throw busy('a call for this deduction is under way; try again');
      const { attempt } = verdict;
      const { [attempt.call.leg]: policy, sendWindowMs } = policiesOf(attempt.channel);
      const lastsMs = policy.callDeadlineMs + sendWindowMs;
      const expiresAt = new Date(attempt.intendedAt.getTime() + lastsMs + 1_000);
      const details = { attempt: attempt.token };
      const operation = await record(subject, 'query', wish, locked.state, { details, expiresAt });
      const orderId = subject.settlement?.order.orderId ?? '';
      return { attempt, orderRowId, orderId, operation, policy, sendWindowMs };
    });
    const { attempt, orderRowId, orderId, operation, policy, sendWindowMs } = started;
    const answer = await callRemote(remotes, attempt, orderId, {
      deadlineMs: policy.callDeadlineMs,
      maySend: () => monotonicMs() - begun < sendWindowMs,
    });
    const { deductionId, token, call, intendedAt } = attempt;
    const { outcome, cause, evidence } = describeAnswer(answer);
    const inWords = cause === undefined ? outcome : `${outcome}: ${cause}`;
    const input = { type: 'looked_up', deductionId, token, call, answer, intendedAt } as const;
    const finding = storedFinding(findingOf(answer));
    await recordLookUp(orderRowId, input, options, (transaction) =>
      finish(transaction, wish, 'query', operation.operationId, inWords, { evidence, finding }),
    );
    onCommitted();
    const { state, version } = await read(wish.caseId);
    return { operationId: operation.operationId, state, version, outcome: inWords };
  }

  async function retry(wish: Wish): Promise<Done> {
    demand(wish.caller, 'cases.retry');
    const started = await onSubject(options, wish, ['open', 'ignored'], async (subject) => {
      const { locked } = subject;
      if (locked.cause === 'misconfigured') {
        const expiresAt = new Date(subject.now.getTime() + retryAllWithinMs);
        return { locked, done: await record(subject, 'retry', wish, 'open', { expiresAt }) };
      }
      const { deductionId } = onLeg(
        locked,
        'a dead message is not sent again: its deduction is looked at anyway',
      );
      accepted(only(await subject.let([{ type: 'retry', deductionId }])));
      return { locked, done: await record(subject, 'retry', wish, 'open') };
    });
    onCommitted();
    const { locked, done } = started;
    return locked.cause === 'misconfigured' ? retryAll(wish, locked, done) : done;
  }

  /** In transactions of their own, so that no order is locked for long. Whoever is left out tries by itself later. */
  async function retryAll(wish: Wish, locked: LockedCase, { operationId }: Done): Promise<Done> {
    let count = 0;
    let after = '0';
    for (;;) {
      const waiting = await cases.listWaiting(locked, after, waitingMax);
      const items = waiting.map(({ id, orderRowId }) => {
        return { orderRowId, input: { type: 'retry', deductionId: id } as const };
      });
      count += (await letAll(items, options)).filter(({ type }) => type === 'accepted').length;
      onCommitted();
      const last = waiting.at(-1);
      if (last === undefined || waiting.length < waitingMax) break;
      after = last.id;
    }
    const outcome = `let ${count} deductions try at once`;
    await cases.transaction((transaction) => finish(transaction, wish, 'retry', operationId, outcome));
    const { state, version } = await read(locked.id);
    return { operationId, state, version, outcome };
  }

  async function resolve(wish: Wish & { truth: Truth | undefined; evidence: string }): Promise<Done> {
    demand(wish.caller, 'cases.resolve');
    const { truth, evidence } = wish;
    const done = await onSubject(options, wish, ['open', 'ignored'], async (subject) => {
      const { locked } = subject;
      if (locked.cause === 'misconfigured') throw refused('mend the set-up, then retry');
      if (locked.deductionId === null || locked.leg === null) {
        if (truth !== undefined) throw refused('a dead message has no leg whose truth could be stated');
        return record(subject, 'resolve', wish, 'resolved', { outcome: 'dealt with', details: { evidence } });
      }
      if (truth === undefined) throw refused('state whether it took effect, and with how many points');
      const { deductionId, leg } = locked;
      await demandEvidence(subject, deductionId, leg, truth);
      const isLate = locked.cause === 'late_truth';
      const input = { type: 'resolve', deductionId, leg, truth, isLate } as const;
      const { correction } = accepted(only(await subject.let([input])));
      if (correction !== undefined) {
        await correct(subject, { caseId: wish.caseId, deductionId, leg, taken: correction });
      }
      const stated = truth.tookEffect ? `took effect with ${truth.points.toFixed()}` : 'did not take effect';
      const details = { evidence, truth: stated, isCorrected: correction !== undefined };
      return record(subject, 'resolve', wish, 'resolved', { outcome: stated, details });
    });
    onCommitted();
    return done;
  }

  /** @throws HubError HUB_SECOND_PERSON_NEEDED */
  async function demandEvidence(
    { transaction, locked, settlement }: Subject,
    deductionId: string,
    leg: LegName,
    truth: Truth,
  ): Promise<void> {
    const deduction = settlement?.deductions.find(({ id }) => id === deductionId);
    if (deduction === undefined) throw new Error(`deduction ${deductionId} vanished`);
    const policy = policiesOf(deduction.channel)[leg];
    const { action } = lookUpOf(leg, deduction[leg], directionOf(deduction[leg], deduction.goal), policy);
    const inquiry = await transaction.readLatestInquiry(locked.id);
    if (inquiry !== undefined && bearsOut(inquiry, truth, action, policy)) return;
    throw new HubError(
      'HUB_SECOND_PERSON_NEEDED',
      'no answer of the remote bears this out: query it, or ask for a compensation, which another person approves',
    );
  }

  async function read(caseId: string): Promise<CaseView> {
    const found = await cases.read(caseId);
    if (found === undefined) throw unknownCase(caseId);
    return found;
  }

  return {
    list: async (caller, filter, after, limit) => {
      demand(caller, 'cases.read');
      return cases.list(filter, after, limit);
    },
    groups: async (caller, state, limit) => {
      demand(caller, 'cases.read');
      return cases.groups(state, limit);
    },
    read: async (caller, caseId) => {
      demand(caller, 'cases.read');
      return read(caseId);
    },
    timeline: async (caller, caseId) => {
      demand(caller, 'cases.read');
      const entries = await cases.timeline(caseId);
      if (entries.length === 0) throw unknownCase(caseId);
      return entries;
    },
    claim: async (wish) => {
      demand(wish.caller, 'cases.claim');
      return onSubject(options, wish, ['open', 'ignored'], (subject) =>
        record(subject, 'claim', wish, subject.locked.state, { outcome: 'claimed' }),
      );
    },
    note: async ({ caseId, caller, text }) => {
      demand(caller, 'cases.note');
      const { state, version } = await read(caseId);
      const note = { caseId, kind: 'note', operator: caller.name, reason: text, outcome: 'noted' } as const;
      return cases.transaction(async (transaction) => {
        const operation = { ...note, details: {}, expiresAt: undefined };
        const operationId = await transaction.insertOperation(operation);
        const details = { operation: operationId };
        await transaction.audit(caller, { action: 'case.note', subject: `case:${caseId}`, details });
        return { operationId, state, version, outcome: 'noted' };
      });
    },
    query,
    retry,
    resolve,
    ignore: async (wish) => {
      demand(wish.caller, 'cases.ignore');
      return onSubject(options, wish, ['open'], (subject) =>
        record(subject, 'ignore', wish, 'ignored', { outcome: 'ignored' }),
      );
    },
    restore: async (wish) => {
      demand(wish.caller, 'cases.ignore');
      return onSubject(options, wish, ['ignored'], (subject) =>
        record(subject, 'restore', wish, 'open', { outcome: 'restored' }),
      );
    },
  };
}

/** @throws HubError HUB_OPERATION_REFUSED for a case that is not about a leg */
function onLeg({ deductionId, orderRowId, leg }: LockedCase, otherwise: string) {
  if (deductionId === null || orderRowId === null || leg === null) throw refused(otherwise);
  return { deductionId, orderRowId, leg };
}
