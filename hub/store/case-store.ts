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
import { groupCases, listCases, readCase } from './cases.ts';
import type { Database } from './database.ts';
import { lockSettlements, writeSettlements } from './settlements.ts';

/** Cases and what people do about them, in Postgres. */
export function caseStore(database: Database, names: MessageNames): CaseStore {
  return {
    list: (filter, before, limit) => listCases(database, filter, before, limit),
    groups: (state, limit) => groupCases(database, state, limit),
    read: (caseId) => readCase(database, caseId),
    readSubject: (caseId) => readCaseSubject(database, caseId),
    listWaiting: (setUp, after, limit) => listWaiting(database, setUp, after, limit),
    transaction: (work) => database.transaction((connection) => work(transactionOn(connection, names))),
  };
}

function transactionOn(connection: SqlConnection, names: MessageNames): CaseTransaction {
  const message = { exchange: names.deductions, type: deductionDueType };
  return {
    insertOperation: (operation) => insertOperation(connection, operation),
    finishOperation: (operationId, outcome, details) =>
      finishOperation(connection, operationId, outcome, details),
    audit: (actor, entry) => audit(connection, actor, entry),
    lockSettlements: (orderRowIds) => lockSettlements(connection, orderRowIds),
    writeSettlements: (writes) => writeSettlements(connection, writes, names),
    lockCase: (caseId) => lockCase(connection, caseId),
    changeCase: (caseId, state, claimedBy) => changeCase(connection, caseId, state, claimedBy),
    insertCorrection: (correction) => insertCorrection(connection, correction, message),
  };
}
