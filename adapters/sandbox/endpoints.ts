import { acceptedRecord, jsonAnswer, operationRecord, problemAnswer, type Answer } from './answers.ts';
import type { Desk, IncomingCall } from './desk.ts';
import type { OperationEntry } from './entries.ts';
import type { CallFaults } from './faults/call-faults.ts';
import { answerOperation } from './operations.ts';
import { InvalidRequest, readOperationRequest, readSegment, readStatementRequest } from './requests.ts';
import { operationOf, type Route } from './routes.ts';
import type { Statement } from './statement.ts';
import { formatUnits } from './units.ts';

const STATEMENT_PAGE_MAX = 500;

/** Answers a channel's or the portal's call. What it changes is in the journal when it returns. */
export function answerCall(desk: Desk, route: Route, call: IncomingCall, faults: CallFaults): Answer {
  try {
    return answerRoute(desk, route, call, faults);
  } catch (error) {
    if (error instanceof InvalidRequest) return problemAnswer('INVALID_REQUEST', error.message);
    throw error;
  }
}

function answerRoute(desk: Desk, route: Route, call: IncomingCall, faults: CallFaults): Answer {
  const { channel, kind } = route;
  switch (kind) {
    case 'deductions':
    case 'refunds':
    case 'returns': {
      const operation = operationOf(route);
      if (operation === undefined) return problemAnswer('NOT_FOUND');
      const request = readOperationRequest(operation, channel, call.body, call.idempotencyKey);
      return answerOperation(desk, request, faults);
    }
    case 'lookups':
      return channel === undefined
        ? answerLookup(desk, desk.books.portal.find(readSegment(route.name)), 'OPERATION_UNKNOWN', faults)
        : answerTransaction(desk, channel, readSegment(route.name), faults);
    case 'balances':
      return channel === undefined
        ? answerQuota(desk, readSegment(route.name))
        : answerBalance(desk, channel, readSegment(route.name));
    case 'statements': {
      if (channel === undefined) {
        const quota = desk.books.portal.quotas.get(readSegment(route.name));
        if (quota === undefined) return problemAnswer('CHANNEL_UNKNOWN');
        const { records, nextCursor } = answerStatement(desk, quota.statement, route.query, faults);
        return jsonAnswer({ operations: records, nextCursor });
      }
      const statement = desk.books.channels.get(channel)?.statement;
      if (statement === undefined) return problemAnswer('NOT_FOUND');
      const { records, nextCursor } = answerStatement(desk, statement, route.query, faults);
      return jsonAnswer({ transactions: records, nextCursor });
    }
  }
}

function answerTransaction(desk: Desk, channel: string, key: string, faults: CallFaults): Answer {
  const accepted = desk.faults.acceptances(channel).get(key);
  if (accepted !== undefined && !isHidden(desk, accepted.atMs, faults))
    return jsonAnswer(acceptedRecord(accepted));
  const entry = accepted === undefined ? desk.books.channels.get(channel)?.operations.get(key) : undefined;
  return answerLookup(desk, entry, 'TRANSACTION_UNKNOWN', faults);
}

function answerLookup(
  desk: Desk,
  entry: OperationEntry | undefined,
  codeOfNothing: string,
  faults: CallFaults,
): Answer {
  const lag = faults.view ?? desk.faults.magic?.ofLookup(entry);
  if (entry === undefined || isHidden(desk, entry.atMs, { ...faults, view: lag }))
    return problemAnswer(codeOfNothing);
  return jsonAnswer(operationRecord(entry, false));
}

/** Too young to be seen yet. */
function isHidden({ books }: Desk, atMs: number, { view, met }: CallFaults): boolean {
  if (view === undefined || books.nowMs() - atMs >= view.lagMs) return false;
  met('query-lag');
  return true;
}

function answerBalance({ books }: Desk, channel: string, name: string): Answer {
  const member = books.channels.get(channel)?.member(name);
  if (member === undefined) return problemAnswer('MEMBER_UNKNOWN');
  if (member.blocked) return problemAnswer('MEMBER_BLOCKED');
  const asOf = new Date(books.nowMs()).toISOString();
  return jsonAnswer({ member: name, points: formatUnits(member.balanceUnits), asOf });
}

function answerQuota({ books }: Desk, channel: string): Answer {
  const quota = books.portal.quotas.get(channel);
  if (quota === undefined) return problemAnswer('CHANNEL_UNKNOWN');
  return jsonAnswer({
    channel,
    granted: formatUnits(quota.grantedUnits),
    used: formatUnits(quota.usedUnits),
    remaining: formatUnits(quota.grantedUnits - quota.usedUnits),
    asOf: new Date(books.nowMs()).toISOString(),
  });
}

function answerStatement({ books }: Desk, statement: Statement, query: string, { view, met }: CallFaults) {
  const { fromMs, toMs, skip } = readStatementRequest(new URLSearchParams(query));
  if (view !== undefined) met('query-lag');
  const untilMs = view === undefined ? toMs : Math.min(toMs, books.nowMs() - view.lagMs + 1);
  const { entries, next } = statement.page(fromMs, untilMs, skip, STATEMENT_PAGE_MAX);
  return {
    records: entries.map((entry) => operationRecord(entry, false)),
    nextCursor: next === undefined ? undefined : String(next),
  };
}
