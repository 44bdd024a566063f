import type { Action } from '../../core/action.ts';
import type { Inquiry } from '../../core/evidence.ts';
import { Points } from '../../core/points.ts';
import type { CaseStore, CaseTransaction } from '../../operations/case-store-port.ts';
import type { Correction, LockedCase } from '../../store/case-operations.ts';
import type { StoredFinding } from '../../store/case-findings.ts';
import type { CaseGroup } from '../../store/case-groups.ts';
import type { CasePlace } from '../../store/case-lists.ts';
import type { TimelineEntry } from '../../store/case-timeline.ts';
import type { CaseState, CaseSummary, CaseView } from '../../store/cases.ts';
import type { Writes } from '../store-port.ts';
import { setUpKey, sharedKeys, waitingForSetUp, writeCaseChanges } from './memory-case-changes.ts';
import { CaseRows, type CaseRow, type OperationRow } from './memory-case-rows.ts';
import type { Passage } from './memory-rows.ts';
import type { MemoryTables } from './memory-tables.ts';
import type { AuditedOperation } from './memory-rows.ts';
import { inLockOrder, inTransaction, look } from './memory-transaction.ts';

/** Writes a correction, whose order is locked. */
type Correct = (correction: Correction) => void;

/** As `store/case-store.ts`. */
export function memoryCaseStore(tables: MemoryTables, correct: Correct, pass: Passage): CaseStore {
  const { cases } = tables;
  return {
    list: ({ state, channel, cause, fingerprint }, after, limit) =>
      look(pass, () => {
        const found = cases
          .cases()
          .filter((row) => state === undefined || row.state === state)
          .filter((row) => channel === undefined || row.channel === channel)
          .filter((row) => cause === undefined || row.cause === cause)
          .filter((row) => fingerprint === undefined || row.fingerprint === fingerprint)
          .filter((row) => after === undefined || isBefore(placeOf(row), after))
          .toSorted((one, other) => (isBefore(placeOf(one), placeOf(other)) ? 1 : -1))
          .slice(0, limit);
        const last = found.length < limit ? undefined : found.at(-1);
        return { cases: found.map((row) => summaryOf(row, tables)), last: last && placeOf(last) };
      }),
    groups: (state, limit) => look(pass, () => groupsOf(tables, state).slice(0, limit)),
    read: (caseId) => look(pass, () => viewOf(caseId, tables)),
    timeline: (caseId) => look(pass, () => timelineOf(caseId, tables)),
    readSubject: (caseId) =>
      look(pass, () => {
        const row = cases.case(caseId);
        return row && { orderRowId: row.orderRowId, deductionId: row.deductionId };
      }),
    listWaiting: (setUp, after, limit) =>
      look(pass, () =>
        waitingForSetUp(tables, setUp)
          .filter(({ id }) => Number(id) > Number(after))
          .slice(0, limit),
      ),
    transaction: (work) =>
      inTransaction(tables.locks, pass, async (take) => {
        const draft = draftOf(tables, correct, take);
        return { result: await work(draft.transaction), commit: draft.commit };
      }),
  };
}

interface Draft {
  readonly transaction: CaseTransaction;
  readonly commit: () => void;
}

/** What one transaction sees and writes before its commit. */
function draftOf(tables: MemoryTables, correct: Correct, take: (row: string) => Promise<void>): Draft {
  const now = (): Date => tables.options.now();
  const rows = new CaseRows(tables.cases);
  const written: Writes[] = [];
  const corrections: Correction[] = [];
  const audited: AuditedOperation[] = [];
  const transaction: CaseTransaction = {
    ...recordsOn(rows, now),
    lockSettlements: async (orderRowIds) => {
      const ids = inLockOrder(orderRowIds);
      for (const id of ids) await take(id);
      const found = ids.flatMap((id) => tables.settlements.get(id) ?? []);
      const settlements = new Map(found.map((settlement) => [settlement.order.id, settlement]));
      return { settlements, now: now() };
    },
    writeSettlements: async (writes) => {
      for (const key of sharedKeys(writes.cases)) await take(key);
      tables.check(writes);
      written.push(writes);
      const deductions = new Map(writes.deductions.map((deduction) => [deduction.id, deduction]));
      writeCaseChanges(rows, writes.cases, tables, deductions);
    },
    lockCase: async (caseId) => {
      const row = tables.cases.case(caseId);
      if (row === undefined) return undefined;
      await take(`case ${caseId}`);
      if (row.cause === 'misconfigured') await take(setUpKey(row));
      endExpired(rows, caseId, now());
      return lockedOf(rows.case(caseId) as CaseRow, rows);
    },
    changeCase: (caseId, state, claimedBy) => {
      const row = rows.case(caseId);
      if (row === undefined) return Promise.resolve(0);
      const isClosed = state === 'resolved' || state === 'recovered';
      const closedAt = isClosed ? (row.closedAt ?? now()) : null;
      const changes = { state, closedAt, claimedBy: claimedBy ?? row.claimedBy };
      return Promise.resolve(rows.change(row, changes).version);
    },
    insertCorrection: (correction) => {
      corrections.push(correction);
      return Promise.resolve();
    },
    readLatestInquiry: (caseId) => Promise.resolve(inquiryOf(caseId, rows, tables)),
    audit: (actor, entry) => {
      audited.push({ actor, entry });
      return Promise.resolve();
    },
  };
  return {
    transaction,
    commit: () => {
      if (written.length === 0) rows.merge();
      for (const writes of written) tables.write(writes, rows);
      for (const correction of corrections) correct(correction);
      tables.audited.push(...audited);
      tables.options.onOperation?.({ operations: rows.draftedOperations(), audited });
    },
  };
}

function recordsOn(
  rows: CaseRows,
  now: () => Date,
): Pick<CaseTransaction, 'insertOperation' | 'finishOperation'> {
  return {
    insertOperation: ({ caseId, kind, operator, reason, details, outcome, expiresAt }) => {
      if (outcome === undefined && rows.underWay(caseId) !== undefined) {
        return Promise.reject(new Error('case_operations_one_open: an operation is under way'));
      }
      const id = rows.nextId('operations');
      rows.putOperation({
        id,
        caseId,
        kind,
        operator,
        details,
        reason: reason ?? null,
        startedAt: now(),
        finishedAt: outcome === undefined ? null : now(),
        expiresAt: expiresAt ?? null,
        outcome: outcome ?? null,
      });
      return Promise.resolve(id);
    },
    finishOperation: (operationId, outcome, details) => {
      const row = rows.operation(operationId);
      if (row !== undefined && row.finishedAt === null) {
        const all = { ...row.details, ...details };
        rows.putOperation({ ...row, outcome, details: all, finishedAt: now() });
      }
      return Promise.resolve();
    },
  };
}

function endExpired(rows: CaseRows, caseId: string, now: Date): void {
  const operation = rows.underWay(caseId);
  if (operation === undefined || operation.expiresAt === null || operation.expiresAt >= now) return;
  rows.putOperation({ ...operation, outcome: 'abandoned', finishedAt: now });
}

function lockedOf(row: CaseRow, rows: CaseRows): LockedCase {
  const { id, orderRowId, deductionId, version, state, cause, leg, channel, code, operation } = row;
  const isBusy = rows.underWay(id) !== undefined;
  return { id, orderRowId, deductionId, version, state, cause, leg, channel, code, operation, isBusy };
}

function summaryOf(row: CaseRow, { settlements, cases }: MemoryTables): CaseSummary {
  const { id, version, state, cause, suggestion, channel, leg, operation, error, fingerprint, points } = row;
  const { count, claimedBy, firstSeenAt, lastSeenAt, closedAt } = row;
  const order = settlements.get(row.orderRowId ?? '')?.order;
  return {
    id,
    version,
    state,
    cause,
    suggestion,
    channel,
    leg,
    operation,
    error,
    fingerprint,
    points,
    count,
    claimedBy,
    firstSeenAt,
    lastSeenAt,
    closedAt,
    orderId: order?.orderId ?? null,
    mallId: order?.mallId ?? null,
    isBusy: cases.underWay(id) !== undefined,
  };
}

function viewOf(caseId: string, tables: MemoryTables): CaseView | undefined {
  const row = tables.cases.case(caseId);
  if (row === undefined) return undefined;
  const found = row.deductionId === null ? undefined : tables.find(row.deductionId);
  return {
    ...summaryOf(row, tables),
    user: found === undefined ? null : '•••',
    evidence: row.evidence,
    orderStatus: found?.order.status ?? null,
    refundId: found?.deduction.refund?.refundId ?? null,
    attempts: tables.attempts.of(row.deductionId ?? ''),
    operations: tables.cases.operationsOf(caseId).map(operationInView),
  };
}

function operationInView({
  id,
  kind,
  operator,
  reason,
  startedAt,
  finishedAt,
  outcome,
  details,
}: OperationRow) {
  return {
    id,
    kind,
    operator,
    reason,
    outcome,
    details,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

function placeOf({ id, firstSeenAt }: CaseRow): CasePlace {
  return { seenAtUs: String(firstSeenAt.getTime() * 1_000), id };
}

function isBefore(one: CasePlace, other: CasePlace): boolean {
  const [oneUs, otherUs] = [Number(one.seenAtUs), Number(other.seenAtUs)];
  return oneUs < otherUs || (oneUs === otherUs && Number(one.id) < Number(other.id));
}

/** As `readLatestInquiry`. */
function inquiryOf(caseId: string, rows: CaseRows, tables: MemoryTables): Inquiry | undefined {
  const { deductionId, leg } = rows.case(caseId) ?? {};
  const queries = rows
    .operationsOf(caseId)
    .filter(({ kind, details }) => kind === 'query' && 'finding' in details);
  const details = queries.at(-1)?.details as { attempt: number; finding: StoredFinding } | undefined;
  const attempts = tables.attempts.of(deductionId ?? '');
  const asked = attempts.find(({ number }) => number === details?.attempt);
  if (details === undefined || asked === undefined || !deductionId || !leg) return undefined;
  const { type, points } = details.finding;
  return {
    action: asked.action as Action,
    finding: type === 'done' ? { type, points: new Points(points ?? 0) } : { type },
    askedAt: new Date(asked.at),
    lastSendBy: tables.attempts.lastSendBy(deductionId, leg),
  };
}

/** Fewer words than in Postgres: what happened to the case itself. */
function timelineOf(caseId: string, { cases }: MemoryTables): readonly TimelineEntry[] {
  const row = cases.case(caseId);
  if (row === undefined) return [];
  const opened = {
    at: row.firstSeenAt.toISOString(),
    type: 'case',
    event: 'opened',
    by: null,
    details: {},
  } as const;
  const operations = cases.operationsOf(caseId).map(({ startedAt, kind, operator }) => {
    return {
      at: startedAt.toISOString(),
      type: 'operation',
      event: kind,
      by: operator,
      details: {},
    } as const;
  });
  return [opened, ...operations];
}

const trendHours = 24;

function groupsOf(tables: MemoryTables, state: CaseState): CaseGroup[] {
  const ofState = tables.cases.cases().filter((row) => row.state === state);
  const now = tables.options.now().getTime();
  return [...Map.groupBy(ofState, ({ fingerprint }) => fingerprint)]
    .map(([fingerprint, all]): CaseGroup => {
      const [first] = all.toSorted((one, other) => Number(other.id) - Number(one.id)) as [
        CaseRow,
        ...CaseRow[],
      ];
      const seen = all.map(({ lastSeenAt }) => lastSeenAt.getTime());
      const points = all.reduce((sum, row) => sum.plus(row.points ?? 0), new Points(0));
      const users = all.flatMap(
        ({ orderRowId }) => tables.settlements.get(orderRowId ?? '')?.order.userId ?? [],
      );
      const hoursAgo = all.map(({ firstSeenAt }) => Math.floor((now - firstSeenAt.getTime()) / 3_600_000));
      return {
        fingerprint,
        cause: first.cause,
        suggestion: first.suggestion,
        error: first.error,
        operation: first.operation,
        cases: all.length,
        users: new Set(users).size,
        channels: [...new Set(all.flatMap(({ channel }) => channel ?? []))].toSorted(),
        claimedBy: [...new Set(all.flatMap(({ claimedBy }) => claimedBy ?? []))].toSorted(),
        points: points.toFixed(),
        firstSeenAt: new Date(Math.min(...all.map(({ firstSeenAt }) => firstSeenAt.getTime()))),
        lastSeenAt: new Date(Math.max(...seen)),
        trend: Array.from({ length: trendHours }, (_, index) => {
          return hoursAgo.filter((ago) => ago === trendHours - 1 - index).length;
        }),
      };
    })
    .toSorted((one, other) => other.cases - one.cases || (one.fingerprint < other.fingerprint ? -1 : 1));
}
