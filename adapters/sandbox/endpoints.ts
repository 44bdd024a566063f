import {
  acceptedRecord,
  jsonAnswer,
  listedRecord,
  operationRecord,
  problemAnswer,
  type Answer,
} from './answers.ts';
import type { Desk, IncomingCall } from './desk.ts';
import type { OperationEntry } from './entries.ts';
import type { CallFaults } from './faults/call-faults.ts';
import { answerOperation } from './operations.ts';
import { offers, ORDINARY_NATURE } from './natures.ts';
import {
  InvalidRequest,
  readOperationRequest,
  readPageRequest,
  readSegment,
  readStatementRequest,
} from './requests.ts';
import { operationOf, type Route } from './routes.ts';
import type { Statement } from './statement.ts';
import { formatUnits } from './units.ts';

const STATEMENT_PAGE_MAX = 500;
const SCAN_PAGE_MAX = 100;

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
  const nature = desk.natures.get(channel ?? '') ?? ORDINARY_NATURE;
  if (!offers(nature, kind)) return problemAnswer('NOT_SUPPORTED');
  switch (kind) {
    case 'deductions':
    case 'refunds':
    case 'holds':
    case 'confirmations':
    case 'releases':
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
    case 'scans':
      return answerScan(desk, channel ?? '', readSegment(route.name), route.query, faults);
    case 'balances':
      return channel === undefined
        ? answerQuota(desk, readSegment(route.name))
        : answerBalance(desk, channel, readSegment(route.name));
    case 'statements': {
      if (channel === undefined) {
        const quota = desk.books.portal.quotas.get(readSegment(route.name));
        if (quota === undefined) return problemAnswer('CHANNEL_UNKNOWN');
        const { entries, nextCursor } = readStatement(desk, quota.statement, route.query, faults, 0);
        return jsonAnswer({ operations: entries.map((entry) => operationRecord(entry, false)), nextCursor });
      }
      const books = desk.books.channels.get(channel);
      if (books === undefined) return problemAnswer('NOT_FOUND');
      const read = readStatement(desk, books.statement, route.query, faults, nature.statementLagMs);
      return jsonAnswer({
        transactions: read.entries.map((entry) => listedRecord(entry, books.keepsKeys)),
        nextCursor: read.nextCursor,
        completeUntil: new Date(read.completeUntilMs).toISOString(),
      });
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
  const channelBooks = books.channels.get(channel);
  const member = channelBooks?.member(name);
  if (channelBooks === undefined || member === undefined) return problemAnswer('MEMBER_UNKNOWN');
  if (member.blocked) return problemAnswer('MEMBER_BLOCKED');
  const nowMs = books.nowMs();
  const availableUnits = member.balanceUnits - channelBooks.holds.heldUnits(name, nowMs);
  const asOf = new Date(nowMs).toISOString();
  return jsonAnswer({ member: name, points: formatUnits(availableUnits), asOf });
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

/** A member's transactions, the newest first; what is too young is left out, wherever it stands. */
function answerScan(desk: Desk, channel: string, name: string, query: string, faults: CallFaults): Answer {
  const books = desk.books.channels.get(channel);
  if (books?.member(name) === undefined) return problemAnswer('MEMBER_UNKNOWN');
  const { cursor, limit } = readPageRequest(new URLSearchParams(query), SCAN_PAGE_MAX);
  const { entries, next } = books.statementOf(name)?.pageBack(cursor, limit) ?? {
    entries: [],
    next: undefined,
  };
  const shown = entries.filter(({ atMs }) => !isHidden(desk, atMs, faults));
  return jsonAnswer({
    transactions: shown.map((entry) => listedRecord(entry, books.keepsKeys)),
    nextCursor: next === undefined ? undefined : String(next),
  });
}

function readStatement(
  { books }: Desk,
  statement: Statement,
  query: string,
  { view, met }: CallFaults,
  closedAfterMs: number,
) {
  const { fromMs, toMs, skip, limit } = readStatementRequest(new URLSearchParams(query), STATEMENT_PAGE_MAX);
  if (view !== undefined) met('query-lag');
  const seenMs = view === undefined ? Infinity : books.nowMs() - view.lagMs + 1;
  const completeUntilMs = Math.min(books.nowMs() - closedAfterMs, seenMs);
  const untilMs = Math.min(toMs, closedAfterMs === 0 ? seenMs : completeUntilMs);
  const { entries, next } = statement.page(fromMs, untilMs, skip, limit);
  return { entries, nextCursor: next === undefined ? undefined : String(next), completeUntilMs };
}
