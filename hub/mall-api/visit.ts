import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { HubError } from '../errors.ts';
import { answerProblem } from './answer.ts';
import { failureOf } from './failure.ts';
import { readRequestId } from './request-headers.ts';

/** What is known of one request; becomes its line in the log. */
export interface Visit {
  readonly requestId: string;
  readonly begunMs: number;
  mallId?: string;
  orderId?: string;
  failure?: HubError;
}

interface Visited {
  visit: Visit;
}

export interface Visits {
  /** Begins a visit, and writes its line when the answer is out or the caller gone. */
  readonly open: RequestHandler;
  isClosing(): boolean;
  /** From now on every answer ends its connection. Resolves when no visit is under way. */
  close(): Promise<void>;
}

/** Only what the log may show: no raw path, for order ids are in it; no header, for the key is in one; no body. */
export function openVisits(log: Logger): Visits {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let isClosing = false;
  let underWay = 0;
  return {
    open: (request, response, next) => {
      const requestId = readRequestId(request.headers['x-request-id']) ?? randomUUID();
      const visit: Visit = { requestId, begunMs: performance.now() };
      (response.locals as Visited).visit = visit;
      response.setHeader('X-Request-Id', requestId);
      if (isClosing) response.setHeader('Connection', 'close');
      underWay += 1;
      response.once('close', () => {
        const { route } = request as { route?: { path: string } };
        logVisit(log, visit, request.method, route?.path, response);
        underWay -= 1;
        if (isClosing && underWay === 0) resolve();
      });
      next();
    },
    isClosing: () => isClosing,
    close: () => {
      isClosing = true;
      if (underWay === 0) resolve();
      return closed;
    },
  };
}

export function visitOf(response: Response): Visit {
  return (response.locals as Visited).visit;
}

function logVisit(
  log: Logger,
  { requestId, begunMs, mallId, orderId, failure }: Visit,
  method: string,
  route: string | undefined,
  { statusCode, writableFinished }: Response,
): void {
  const line = {
    request: requestId,
    method,
    route: route ?? 'none',
    status: statusCode,
    durationMs: Math.round((performance.now() - begunMs) * 10) / 10,
    mall: mallId,
    order: orderId,
    code: failure?.code,
    // The caller had gone before the answer was out.
    isCut: writableFinished ? undefined : true,
  };
  if (failure === undefined || failure.status < 500) log.info(line, 'answered');
  else if (failure.code === 'HUB_INTERNAL') log.error({ ...line, err: failure.cause }, 'answered');
  else log.warn({ ...line, reason: reasonOf(failure) }, 'answered');
}

function reasonOf({ cause, message }: HubError): string {
  return cause instanceof Error ? cause.message : message;
}

/** Whatever was thrown behind it becomes a problem document. Four parameters are how express knows it. */
export const answerFailure: ErrorRequestHandler = (thrown: unknown, _request, response, _next) => {
  const failure = failureOf(thrown);
  visitOf(response).failure = failure;
  answerProblem(response, failure);
};

/** The mall whose key the request came with. @throws Error on a route without a key, a defect */
export function mallOf(response: Response): string {
  const { mallId } = visitOf(response);
  if (mallId === undefined) throw new Error('a request came in without its mall');
  return mallId;
}
