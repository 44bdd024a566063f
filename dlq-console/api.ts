/** The operators' HTTP API under `/ops/v1`. Whatever it does, it does through operations. */
import { HubError, openVisits, type ConsoleOptions, type Face } from '@points-hub/hub/operations';
import express from 'express';
import { cookieJar } from './cookies.ts';
import { openEventStreams, type EventStreams } from './event-streams.ts';
import { openApiDocument } from './openapi.ts';
import { servePage } from './page-files.ts';
import { json, openRoute, type Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { caseExportRoutes } from './routes/case-exports.ts';
import { caseListRoutes } from './routes/case-lists.ts';
import { caseFlowRoutes } from './routes/case-flow.ts';
import { savedViewRoutes } from './routes/saved-views.ts';
import { caseRoutes } from './routes/cases.ts';
import { channelRoutes } from './routes/channels.ts';
import { compensationRoutes, thresholdRoutes } from './routes/compensations.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { eventRoutes } from './routes/events.ts';
import { operatorRoutes } from './routes/operators.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { orderRoutes } from './routes/orders.ts';
import { ownRoutes } from './routes/own.ts';
import { revealRoutes } from './routes/reveals.ts';
import { replayRoutes } from './routes/replays.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { answerRefusals, serve } from './serve.ts';

export function openConsole(options: ConsoleOptions): Face {
  const { consoleUrl, log, trustProxy } = options;
  const jar = cookieJar(consoleUrl?.startsWith('https:') ?? false);
  const visits = openVisits(log);
  const streams = openEventStreams(options);
  const serving = { ...options, jar };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', 'simple');
  app.set('trust proxy', trustProxy);

  app.use(visits.open);
  app.use(servePage());
  app.use((_request, response, next) => {
    // Answers of the API are data: nothing in them is ever run or framed.
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    next();
  });
  for (const one of consoleRoutes(options, jar, streams)) {
    const handlers = serve(one, serving);
    if (one.method === 'GET') app.get(`/ops/v1${one.path}`, handlers);
    else app.post(`/ops/v1${one.path}`, handlers);
  }
  app.use(() => {
    throw new HubError(
      'HUB_ROUTE_UNKNOWN',
      'there is nothing under this path; /ops/v1/openapi.json lists what there is',
    );
  });
  app.use(answerRefusals(serving));
  const close = (): Promise<void> => {
    const closed = visits.close();
    streams.close();
    return closed;
  };
  return { app, close };
}

/** Every route of the API, with the one that describes them all. */
function consoleRoutes(
  options: ConsoleOptions,
  jar: ReturnType<typeof cookieJar>,
  streams: EventStreams,
): readonly Route[] {
  const routes = describedRoutes(options, jar, streams);
  const document = openApiDocument(routes);
  const show = openRoute({
    method: 'GET',
    path: '/openapi.json',
    id: 'describe',
    summary: 'This document',
    action: 'api.describe',
    perform: () => Promise.resolve(json(document)),
  });
  return [...routes, show];
}

/** What the document describes. Nothing is asked of the options before a request comes. */
export function describedRoutes(
  options: ConsoleOptions,
  jar: ReturnType<typeof cookieJar>,
  streams: EventStreams,
): readonly Route[] {
  const { operations, people, trail, consoleUrl } = options;
  return [
    ...signInRoutes(people, jar),
    ...oidcRoutes(people, jar),
    ...ownRoutes(people, jar),
    ...operatorRoutes(people, consoleUrl),
    ...caseListRoutes(operations),
    ...caseExportRoutes(options.caseExports),
    ...caseRoutes(operations),
    ...caseFlowRoutes(options.flow),
    ...savedViewRoutes(options.views),
    ...revealRoutes(options.reveals),
    ...orderRoutes(options.orders),
    ...channelRoutes(options.channels),
    ...replayRoutes(options.replays),
    ...compensationRoutes(options.compensations),
    ...thresholdRoutes(options.thresholds),
    ...notificationRoutes(options.notifications),
    ...auditRoutes(trail),
    ...eventRoutes(streams),
  ];
}
