import type { SqlConnection } from '@points-hub/outbox';
import { audit } from '../operations/audit.ts';
import type { CaseStore, CaseTransaction } from '../operations/case-store-port.ts';
import { deductionDueType, type MessageNames } from '../settlement/topology.ts';
import {
  changeCase,
  finishOperation,
  insertCorrection,
  insertOperation,
  listWaiting,
  lockCase,
  readCaseSubject,
} from './case-operations.ts';
import { readLatestInquiry } from './case-findings.ts';
import { foldCaseGroups, listCaseGroups } from './case-groups.ts';
import { listCases } from './case-lists.ts';
import { readTimeline } from './case-timeline.ts';
import { readCase } from './cases.ts';
import type { Database } from './database.ts';
import { lockSettlements, writeSettlements } from './settlements.ts';

/** A transaction whose connection others may use, too, under the same locks. */
export interface SqlCaseTransaction extends CaseTransaction {
  readonly connection: SqlConnection;
}

/** Cases and what people do about them, in Postgres. */
export function caseStore(database: Database, names: MessageNames): CaseStore<SqlCaseTransaction> {
  return {
    list: (filter, after, limit) => listCases(database, filter, after, limit),
    groups: async (state, limit) => {
      await foldCaseGroups(database);
      return listCaseGroups(database, state, limit);
    },
    read: (caseId) => readCase(database, caseId),
    timeline: (caseId) => readTimeline(database, caseId),
    readSubject: (caseId) => readCaseSubject(database, caseId),
    listWaiting: (setUp, after, limit) => listWaiting(database, setUp, after, limit),
    transaction: (work) => database.transaction((connection) => work(caseTransaction(connection, names))),
  };
}

/** @param connection one that has begun a transaction */
export function caseTransaction(connection: SqlConnection, names: MessageNames): SqlCaseTransaction {
  const message = { exchange: names.deductions, type: deductionDueType };
  return {
    connection,
    insertOperation: (operation) => insertOperation(connection, operation),
    finishOperation: (operationId, outcome, details) =>
      finishOperation(connection, operationId, outcome, details),
    readLatestInquiry: (caseId) => readLatestInquiry(connection, caseId),
    audit: (actor, entry) => audit(connection, actor, entry),
    lockSettlements: (orderRowIds) => lockSettlements(connection, orderRowIds),
    writeSettlements: (writes) => writeSettlements(connection, writes, names),
    lockCase: (caseId) => lockCase(connection, caseId),
    changeCase: (caseId, state, claimedBy) => changeCase(connection, caseId, state, claimedBy),
    insertCorrection: (correction) => insertCorrection(connection, correction, message),
  };
}
