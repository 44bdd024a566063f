/** A route as Express runs it: who comes, what he asks, what it came to; and for what is refused a row in the audit. */
import { pipeline } from 'node:stream/promises';
import {
  answerJson,
  answerProblem,
  collectBody,
  demand,
  failureOf,
  parseBody,
  SignInFailed,
  stranger,
  Throttled,
  visitOf,
  type ConsoleOptions,
  type Caller,
  type HubError,
  type Origin,
} from '@points-hub/hub/operations';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { CookieJar } from './cookies.ts';
import { callerOf, demandCsrfToken, demandOwnPage } from './entry.ts';
import { nothing, read, type Answer, type Route } from './route.ts';

type Options = Pick<ConsoleOptions, 'people' | 'trail' | 'consoleUrl' | 'log'> & { readonly jar: CookieJar };

/** What is known of a request when it is refused. */
interface Locals {
  asking?: {
    readonly route: Route;
    readonly origin: Origin;
    readonly subject: string | undefined;
    caller?: Caller;
  };
}

/** In this order: who, whether it was he who sent it, whether he may, what he asks. */
export function serve(route: Route, { people, consoleUrl, jar }: Options): RequestHandler[] {
  const enter: RequestHandler = async (request, response, next) => {
    const origin = originOf(request, response);
    // Express has forgotten the parameters by the time that something is refused.
    const asking: NonNullable<Locals['asking']> = { route, origin, subject: subjectOf(request.params) };
    (response.locals as Locals).asking = asking;
    const cookies = jar.read(request.headers.cookie);
    const changes = route.method !== 'GET';
    if (route.needs === 'anybody') {
      if (changes) demandOwnPage(request.headers, consoleUrl);
    } else {
      const caller = await callerOf(people, request.headers, cookies, origin);
      asking.caller = caller;
      if (changes && caller.proof.type === 'session') {
        demandOwnPage(request.headers, consoleUrl);
        demandCsrfToken(request.headers, cookies);
      }
      if (route.needs !== 'signed-in') demand(caller, route.needs);
    }
    next();
  };
  const perform: RequestHandler = async (request, response) => {
    const { origin, caller } = (response.locals as Required<Locals>).asking;
    const { params, query, headers, url } = request;
    const asked = {
      params: params as Readonly<Record<string, string>>,
      query: read(route.query ?? nothing, query),
      body: route.method === 'GET' ? undefined : read(route.body ?? nothing, parseBody(request.body)),
      headers,
      search: url.includes('?') ? url.slice(url.indexOf('?')) : '',
      cookies: jar.read(headers.cookie),
      origin,
    };
    await give(response, await route.perform(asked, caller));
  };
  return route.method === 'GET' ? [enter, perform] : [enter, collectBody, perform];
}

async function give(response: Response, answer: Answer): Promise<void> {
  switch (answer.type) {
    case 'json':
      if (answer.setCookies !== undefined) response.setHeader('Set-Cookie', [...answer.setCookies]);
      answerJson(response, 200, JSON.stringify(answer.body), answer.headers ?? {});
      return;
    case 'text':
      response.writeHead(200, { ...answer.headers, 'Cache-Control': 'no-store' });
      await pipeline(answer.pages, response).catch((error: unknown) => {
        // Whoever asked has gone; that is his right.
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
          throw error;
      });
      return;
    case 'events':
      await answer.open(response);
      return;
    case 'redirect':
      response.setHeader('Set-Cookie', [...answer.setCookies]);
      response.writeHead(303, { Location: answer.to, 'Cache-Control': 'no-store' }).end();
      return;
  }
}

function originOf(request: Request, response: Response): Origin {
  const { authorization, 'user-agent': userAgent } = request.headers;
  // A session may be that of the command line, for the few things that no token may do; it says so itself.
  const isCli = authorization !== undefined || userAgent?.startsWith('points-hub-cli/') === true;
  const via = isCli ? 'cli' : 'web';
  return { via, address: request.ip, userAgent, requestId: visitOf(response).requestId };
}

/** Whatever is thrown becomes a problem document; whatever a person was refused is written down before he hears of it. */
export function answerRefusals({ trail, log, jar }: Options): ErrorRequestHandler {
  async function written(failure: HubError, { asking }: Locals): Promise<HubError> {
    // Nobody came who could be named, nothing was asked that there is, or it is our own trouble.
    if (asking === undefined || failure.status >= 500 || failure.code === 'HUB_SIGN_IN_NEEDED')
      return failure;
    const { route, origin, caller } = asking;
    const subject = failure instanceof SignInFailed ? subjectOfPerson(failure) : asking.subject;
    try {
      const details = { detail: failure.message.slice(0, 300) };
      await trail.refused(caller ?? stranger(origin), {
        action: route.action,
        subject,
        code: failure.code,
        details,
      });
      return failure;
    } catch (error) {
      if (error instanceof Throttled) return error;
      log.error({ err: error, code: failure.code }, 'a refusal could not be written down');
      return failureOf(error);
    }
  }

  // Four parameters are how express knows it.
  return async (thrown: unknown, _request, response, _next) => {
    const failure = await written(failureOf(thrown), response.locals as Locals);
    visitOf(response).failure = failure;
    if (failure.code === 'HUB_SESSION_OVER' && !response.headersSent) {
      response.setHeader('Set-Cookie', jar.clear('session'));
    }
    answerProblem(
      response,
      failure,
      failure instanceof Throttled ? { 'Retry-After': `${failure.retryAfterS}` } : {},
    );
  };
}

function subjectOfPerson({ operatorId }: SignInFailed): string | undefined {
  return operatorId === undefined ? undefined : `operator:${operatorId}`;
}

/**
 * `caseId` names a case, and so on. What came may be anything, and a NUL would keep Postgres from writing down that it
 * was refused.
 */
function subjectOf(params: Readonly<Record<string, unknown>>): string | undefined {
  const [[name, value] = []] = Object.entries(params);
  if (name === undefined || typeof value !== 'string') return undefined;
  return `${name.replace(/Id$/, '')}:${value.slice(0, 100).replaceAll(/\p{Cc}/gu, '\u{fffd}')}`;
}
