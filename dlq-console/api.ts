/** The operators' HTTP API under `/ops/v1`; `docs/cases.md` shows it. Whatever it does, it does through operations. */
import {
  answerFailure,
  answerJson,
  collectBody,
  HubError,
  openVisits,
  parseBody,
  type ConsoleOptions,
  type Done,
  type Face,
  type Operations,
  type Wish,
} from '@points-hub/hub/operations';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { admit } from './admission.ts';
import { readNote, readReason, readRequiredReason, readResolution } from './requests.ts';
import { readCaseId, readOperator, readVersion } from './request-heads.ts';
import { caseListRoutes } from './routes/case-lists.ts';
import { compensationRoutes, thresholdRoutes } from './routes/compensations.ts';
import { replayRoutes } from './routes/replays.ts';
import { serve } from './serve.ts';

export function openConsole(options: ConsoleOptions): Face {
  const { operations, token, log } = options;
  const visits = openVisits(log);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', 'simple');

  app.use(visits.open);
  app.use('/ops/v1', admit(token));
  const routes = [
    ...caseListRoutes(operations),
    ...replayRoutes(options.replays),
    ...compensationRoutes(options.compensations),
    ...thresholdRoutes(options.thresholds),
  ];
  for (const one of routes) {
    const handlers = serve(one);
    if (one.method === 'GET') app.get(`/ops/v1${one.path}`, handlers);
    else app.post(`/ops/v1${one.path}`, handlers);
  }
  app.get('/ops/v1/cases/:caseId', showCase(operations));
  app.post('/ops/v1/cases/:caseId/notes', collectBody, takeNote(operations));
  const act = (name: string, perform: (wish: Wish, body: unknown) => Promise<Done>): void => {
    app.post(`/ops/v1/cases/:caseId/${name}`, collectBody, performing(perform));
  };
  act('claim', (wish, body) => operations.claim({ ...wish, reason: readReason(body) }));
  act('query', (wish, body) => operations.query({ ...wish, reason: readReason(body) }));
  act('retry', (wish, body) => operations.retry({ ...wish, reason: readReason(body) }));
  act('resolve', (wish, body) => operations.resolve({ ...wish, ...readResolution(body) }));
  act('ignore', (wish, body) => operations.ignore({ ...wish, reason: readRequiredReason(body) }));
  act('restore', (wish, body) => operations.restore({ ...wish, reason: readReason(body) }));
  app.use(() => {
    throw new HubError(
      'HUB_ROUTE_UNKNOWN',
      'there is nothing under this path; docs/cases.md lists what there is',
    );
  });
  app.use(answerFailure);
  return { app, close: () => visits.close() };
}

function showCase(operations: Operations): RequestHandler {
  return async (request, response) => {
    const view = await operations.read(readCaseId(caseIdOf(request)));
    answerJson(response, 200, JSON.stringify(view), { ETag: `"${view.version}"` });
  };
}

function takeNote(operations: Operations): RequestHandler {
  return async (request, response) => {
    const text = readNote(parseBody(request.body));
    const caseId = readCaseId(caseIdOf(request));
    answerDone(response, await operations.note({ caseId, operator: readOperator(request.headers), text }));
  };
}

function performing(perform: (wish: Wish, body: unknown) => Promise<Done>): RequestHandler {
  return async (request, response) => {
    const wish: Wish = {
      caseId: readCaseId(caseIdOf(request)),
      operator: readOperator(request.headers),
      version: readVersion(request.headers['if-match']),
      reason: undefined,
    };
    answerDone(response, await perform(wish, parseBody(request.body)));
  };
}

function answerDone(response: Response, done: Done): void {
  answerJson(response, 200, JSON.stringify(done), { ETag: `"${done.version}"` });
}

function caseIdOf({ params }: Request): string {
  const { caseId } = params;
  return typeof caseId === 'string' ? caseId : '';
}
