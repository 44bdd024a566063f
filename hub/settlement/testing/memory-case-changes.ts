/** As `store/case-changes.ts` and `store/message-cases.ts`: what settlement and the dead letters change about cases. */
import type { LegCaseCause } from '../../core/attention.ts';
import type { CaseChange, Told } from '../../core/case.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { Settlement } from '../../core/order.ts';
import type { DeadMessage } from '../../store/message-cases.ts';
import { errorOf, fingerprintOf, operationOf, suggestionFor } from '../case-words.ts';
import { describeAnswer } from '../remote-call.ts';
import type { NewCallback } from '../store-port.ts';
import { isWaiting, type CaseRow, type CaseRows } from './memory-case-rows.ts';

/** Whose set-up at which remote. */
export interface SetUp {
  readonly channel: string | null;
  readonly leg: string | null;
  readonly code: string | null;
}

/** The rows that cases are about. */
export interface CaseFacts {
  readonly options: { readonly now: () => Date };
  readonly settlements: ReadonlyMap<string, Settlement>;
  /** Each deduction's order. */
  readonly orderOf: ReadonlyMap<string, string>;
}

/** Deductions that the same transaction has written and nobody else can see yet. */
type Written = ReadonlyMap<string, Deduction>;
const nothingWritten: Written = new Map();

/** Those of a remote's set-up come last and sorted, for many orders share them. */
export function writeCaseChanges(
  rows: CaseRows,
  changes: readonly CaseChange[],
  facts: CaseFacts,
  written: Written = nothingWritten,
): void {
  for (const change of changes) if (setUpOf(change) === undefined) writeChange(rows, change, facts, written);
  const shared = changes.filter((change) => setUpOf(change) !== undefined);
  for (const change of shared.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))) {
    writeChange(rows, change, facts, written);
  }
}

/** The rows that many orders share, in the order in which they are locked. */
export function sharedKeys(changes: readonly CaseChange[]): string[] {
  const keys = changes.filter((change) => setUpOf(change) !== undefined).map(keyOf);
  return [...new Set(keys)].toSorted();
}

export function setUpKey({ channel, leg, code }: SetUp): string {
  return `set-up ${channel} ${leg} ${code}`;
}

function keyOf(change: CaseChange): string {
  const setUp = setUpOf(change);
  return setUp === undefined ? '' : setUpKey(setUp);
}

function setUpOf(change: CaseChange): SetUp | undefined {
  switch (change.type) {
    case 'misconfigured':
      return { channel: change.deduction.channel, leg: change.leg, code: change.code };
    case 'configured':
      return change;
    case 'held':
    case 'late_truth':
    case 'recovered':
      return undefined;
  }
}

function writeChange(rows: CaseRows, change: CaseChange, facts: CaseFacts, written: Written): void {
  const now = facts.options.now();
  switch (change.type) {
    case 'held':
      openLegCase(rows, change, change.cause, change.deduction.asked.toFixed(), facts);
      if (change.isAgain) endRetry(rows, change.deduction.id, change.leg, `held again: ${change.cause}`, now);
      return;
    case 'late_truth':
      openLegCase(rows, change, 'late_truth', change.points.toFixed(), facts);
      return endRetry(rows, change.deduction.id, change.leg, 'late truth', now);
    case 'recovered': {
      const { deductionId, leg } = change;
      endRetry(rows, deductionId, leg, 'recovered', now);
      const found = legCase(rows, deductionId, leg);
      if (found !== undefined) recover(rows, found, now);
      return;
    }
    case 'misconfigured':
      return openSetUpCase(rows, change, now);
    case 'configured': {
      const found = setUpCase(rows, change);
      if (found !== undefined && waitingForSetUp(facts, change, written).length === 0)
        recover(rows, found, now);
    }
  }
}

function legCase(rows: CaseRows, deductionId: string, leg: string): CaseRow | undefined {
  return rows.cases().find((row) => row.deductionId === deductionId && row.leg === leg && isWaiting(row));
}

function setUpCase(rows: CaseRows, setUp: SetUp): CaseRow | undefined {
  const key = setUpKey(setUp);
  return rows.cases().find((row) => row.cause === 'misconfigured' && setUpKey(row) === key && isWaiting(row));
}

/** Deductions that wait for a remote's set-up, by id. */
export function waitingForSetUp(
  facts: CaseFacts,
  { channel, leg, code }: SetUp,
  written: Written = nothingWritten,
): { readonly id: string; readonly orderRowId: string }[] {
  const waiting: { id: string; orderRowId: string }[] = [];
  for (const { order, deductions } of facts.settlements.values()) {
    for (const deduction of deductions) {
      const { id, channel: own, attention } = written.get(deduction.id) ?? deduction;
      if (attention?.type !== 'misconfigured' || own !== channel) continue;
      if (attention.leg === leg && attention.code === code) waiting.push({ id, orderRowId: order.id });
    }
  }
  return waiting.toSorted((one, other) => Number(one.id) - Number(other.id));
}

function openLegCase(
  rows: CaseRows,
  change: Extract<CaseChange, { readonly type: 'held' | 'late_truth' }>,
  cause: LegCaseCause,
  points: string,
  facts: CaseFacts,
): void {
  const { deduction, leg, told } = change;
  const now = facts.options.now();
  const operation = operationOf(change);
  const error = errorOf(cause, told, deduction[leg]);
  const columns = {
    points,
    cause,
    suggestion: suggestionFor(cause, deduction[leg]),
    operation,
    error,
    fingerprint: fingerprintOf(deduction.channel, operation, error),
    evidence: { goal: deduction.goal, failures: deduction.failures, ...evidenceOf(told) },
  };
  const found = legCase(rows, deduction.id, leg);
  if (found !== undefined) {
    rows.change(found, { ...columns, count: found.count + 1, lastSeenAt: now });
    return;
  }
  const orderRowId = facts.orderOf.get(deduction.id) ?? null;
  const subject = { orderRowId, deductionId: deduction.id, leg, channel: deduction.channel };
  rows.put({ ...newCase(rows, now), ...subject, ...columns });
}

function openSetUpCase(
  rows: CaseRows,
  change: Extract<CaseChange, { readonly type: 'misconfigured' }>,
  now: Date,
): void {
  const { deduction, leg, code, told } = change;
  const { channel } = deduction;
  const evidence = { deductionId: deduction.id, ...evidenceOf(told) };
  const found = setUpCase(rows, { channel, leg, code });
  if (found !== undefined) {
    rows.change(found, { evidence, count: found.count + 1, lastSeenAt: now });
    return;
  }
  const operation = operationOf(change);
  const error = errorOf('misconfigured', told, deduction[leg]);
  const fingerprint = fingerprintOf(channel, operation, error);
  rows.put({
    ...newCase(rows, now),
    leg,
    channel,
    code,
    operation,
    error,
    fingerprint,
    evidence,
    cause: 'misconfigured',
    suggestion: 'fix_set_up',
  });
}

/** @returns false where there is one of this message already, whatever became of it */
export function openMessageCase(
  rows: CaseRows,
  { key, cause, error, fingerprint, evidence }: DeadMessage,
  now: Date,
): boolean {
  if (rows.cases().some(({ messageKey }) => messageKey === key)) return false;
  rows.put({ ...newCase(rows, now), messageKey: key, cause, error, fingerprint, evidence });
  return true;
}

export function openCallbackCase(
  rows: CaseRows,
  { channel, eventId, about: { kind, reference }, said, receivedAt }: NewCallback,
  now: Date,
): void {
  const messageKey = callbackKey({ channel, eventId });
  if (rows.cases().some((row) => row.messageKey === messageKey)) return;
  const error = `unmatched_callback ${kind} ${said.type}`;
  rows.put({
    ...newCase(rows, now),
    messageKey,
    channel,
    error,
    cause: 'unmatched_callback',
    operation: 'callback',
    points: said.type === 'done' ? said.points.toFixed() : null,
    fingerprint: fingerprintOf(channel, 'callback', error),
    evidence: { eventId, [kind]: reference, said: said.type, receivedAt, answer: said.evidence },
  });
}

/** The case of a callback that stayed unknown, while it waits. */
export function callbackCase(
  rows: CaseRows,
  callback: Pick<NewCallback, 'channel' | 'eventId'>,
): CaseRow | undefined {
  const messageKey = callbackKey(callback);
  return rows.cases().find((row) => row.messageKey === messageKey && isWaiting(row));
}

export function closeCallbackCase(
  rows: CaseRows,
  callback: Pick<NewCallback, 'channel' | 'eventId'>,
  now: Date,
): void {
  const found = callbackCase(rows, callback);
  if (found !== undefined) recover(rows, found, now);
}

function callbackKey({ channel, eventId }: Pick<NewCallback, 'channel' | 'eventId'>): string {
  return `callback:${channel}:${eventId}`;
}

function newCase(rows: CaseRows, now: Date): CaseRow {
  return {
    id: rows.nextId('cases'),
    orderRowId: null,
    deductionId: null,
    leg: null,
    channel: null,
    code: null,
    messageKey: null,
    state: 'open',
    cause: 'unreadable_message',
    suggestion: 'ask_engineering',
    operation: null,
    error: '',
    fingerprint: '',
    points: null,
    count: 1,
    version: 1,
    claimedBy: null,
    evidence: {},
    firstSeenAt: now,
    lastSeenAt: now,
    closedAt: null,
  };
}

function evidenceOf(told: Told | undefined): object {
  if (told === undefined) return {};
  const { outcome, cause, evidence } = describeAnswer(told.answer);
  return { action: told.call.action, outcome, cause, answer: evidence };
}

function recover(rows: CaseRows, row: CaseRow, now: Date): void {
  rows.change(row, { state: 'recovered', closedAt: now, lastSeenAt: now });
}

function endRetry(rows: CaseRows, deductionId: string, leg: string, outcome: string, now: Date): void {
  const found = legCase(rows, deductionId, leg);
  const retry = found && rows.underWay(found.id);
  if (retry?.kind === 'retry') rows.putOperation({ ...retry, outcome, finishedAt: now });
}
