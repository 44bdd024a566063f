/** A route as Express runs it: who comes, whether he may, the schemas, the answer. */
import { answerJson, collectBody, demand, parseBody, type Caller } from '@points-hub/hub/operations';
import type { Request, RequestHandler } from 'express';
import { readOperator } from './request-heads.ts';
import { nothing, read, type Route } from './route.ts';

export function serve(route: Route): RequestHandler[] {
  const perform: RequestHandler = async (request, response) => {
    const caller = callerOf(request);
    demand(caller, route.needs);
    const { params, query, headers } = request;
    const answer = await route.perform(
      {
        params: params as Readonly<Record<string, string>>,
        query: read(route.query ?? nothing, query),
        body: route.method === 'GET' ? undefined : read(route.body ?? nothing, parseBody(request.body)),
        headers,
      },
      caller,
    );
    answerJson(response, 200, JSON.stringify(answer.body), answer.headers ?? {});
  };
  return route.method === 'GET' ? [perform] : [collectBody, perform];
}

/** Until operators have accounts, whoever shows the token may do everything, under the name that he says is his. */
function callerOf({ method, headers }: Request): Caller {
  const name = method === 'GET' ? '' : readOperator(headers);
  return { name, via: 'cli', proof: { type: 'session', provenMsAgo: 0 }, may: () => true };
}
