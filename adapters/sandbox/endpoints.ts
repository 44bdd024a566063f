import { administer } from './administration.ts';
import { jsonAnswer, operationAnswer, operationRecord, problemAnswer, type Answer } from './answers.ts';
import { reportBooks } from './books-report.ts';
import type { ChannelBooks } from './channel-books.ts';
import type { Desk, IncomingCall } from './desk.ts';
import type { OperationKind } from './entries.ts';
import { InvalidRequest, readOperationRequest, readSegment, readStatementRequest } from './requests.ts';
import type { Statement } from './statement.ts';
import { formatUnits } from './units.ts';

const STATEMENT_PAGE_MAX = 500;

/** Answers any call. What it changes is in the journal when it returns. */
export function answerCall(desk: Desk, call: IncomingCall): Answer {
  try {
    const [path = '', query = ''] = call.target.split('?', 2);
    const [, area, ...rest] = path.split('/');
    if (area === 'channels') return answerChannel(desk, call, rest, query);
    if (area === 'portal') return answerPortal(desk, call, rest, query);
    if (area === 'admin') return administer(desk, call, rest);
    if (path === '/books' && call.method === 'GET') return jsonAnswer(reportBooks(desk.books, desk.calls));
    return problemAnswer('NOT_FOUND');
  } catch (error) {
    if (error instanceof InvalidRequest) return problemAnswer('INVALID_REQUEST', error.message);
    throw error;
  }
}

function answerChannel(desk: Desk, call: IncomingCall, path: readonly string[], query: string): Answer {
  const [id = '', version, resource, name, detail, ...more] = path;
  const channel = desk.books.channels.get(id);
  if (channel === undefined || version !== 'v1' || more.length > 0) return problemAnswer('NOT_FOUND');
  switch (
    `${call.method} ${resource}${name === undefined ? '' : '/:name'}${detail === undefined ? '' : `/${detail}`}`
  ) {
    case 'POST deductions':
      desk.calls.add(id, 'deductions');
      return answerOperation(desk, call, 'deduction', id);
    case 'POST refunds':
      desk.calls.add(id, 'refunds');
      return answerOperation(desk, call, 'refund', id);
    case 'GET transactions/:name': {
      desk.calls.add(id, 'lookups');
      const entry = channel.operations.get(readSegment(name ?? ''));
      return entry === undefined
        ? problemAnswer('TRANSACTION_UNKNOWN')
        : jsonAnswer(operationRecord(entry, false));
    }
    case 'GET transactions': {
      desk.calls.add(id, 'statements');
      const { records, nextCursor } = answerStatement(channel.statement, query);
      return jsonAnswer({ transactions: records, nextCursor });
    }
    case 'GET members/:name/balance':
      desk.calls.add(id, 'balances');
      return answerBalance(desk, channel, readSegment(name ?? ''));
    default:
      return problemAnswer('NOT_FOUND');
  }
}

function answerPortal(desk: Desk, call: IncomingCall, path: readonly string[], query: string): Answer {
  const [version, resource, name, detail, ...more] = path;
  const { portal } = desk.books;
  if (version !== 'v1' || more.length > 0) return problemAnswer('NOT_FOUND');
  switch (
    `${call.method} ${resource}${name === undefined ? '' : '/:name'}${detail === undefined ? '' : `/${detail}`}`
  ) {
    case 'POST quota-deductions':
      desk.calls.add('portal', 'deductions');
      return answerOperation(desk, call, 'quota-deduction', undefined);
    case 'POST quota-returns':
      desk.calls.add('portal', 'returns');
      return answerOperation(desk, call, 'quota-return', undefined);
    case 'GET operations/:name': {
      desk.calls.add('portal', 'lookups');
      const entry = portal.find(readSegment(name ?? ''));
      return entry === undefined
        ? problemAnswer('OPERATION_UNKNOWN')
        : jsonAnswer(operationRecord(entry, false));
    }
    case 'GET channels/:name/quota':
      desk.calls.add('portal', 'balances');
      return answerQuota(desk, readSegment(name ?? ''));
    case 'GET channels/:name/statement': {
      desk.calls.add('portal', 'statements');
      const quota = portal.quotas.get(readSegment(name ?? ''));
      if (quota === undefined) return problemAnswer('CHANNEL_UNKNOWN');
      const { records, nextCursor } = answerStatement(quota.statement, query);
      return jsonAnswer({ operations: records, nextCursor });
    }
    default:
      return problemAnswer('NOT_FOUND');
  }
}

function answerOperation(
  desk: Desk,
  call: IncomingCall,
  kind: OperationKind,
  channel: string | undefined,
): Answer {
  const request = readOperationRequest(kind, channel, call.body, call.idempotencyKey);
  const verdict = desk.books.perform(desk.journal, request);
  switch (verdict.type) {
    case 'new':
      return operationAnswer(verdict.entry, false);
    case 'replay':
      return operationAnswer(verdict.entry, true);
    case 'refused':
      return problemAnswer(verdict.code);
  }
}

function answerBalance({ books }: Desk, channel: ChannelBooks, name: string): Answer {
  const member = channel.member(name);
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

function answerStatement(statement: Statement, query: string) {
  const { fromMs, toMs, skip } = readStatementRequest(new URLSearchParams(query));
  const { entries, next } = statement.page(fromMs, toMs, skip, STATEMENT_PAGE_MAX);
  return {
    records: entries.map((entry) => operationRecord(entry, false)),
    nextCursor: next === undefined ? undefined : String(next),
  };
}
