/** Cases: what waits for a person, and what he may do about it. `docs/cases.md` shows it. */
import type { Done, ErrorCode, Operations, Permission, Wish } from '@points-hub/hub/operations';
import type { z } from 'zod';
import { caseSchema, doneSchema } from '../answers.ts';
import { readId, readVersion } from '../request-heads.ts';
import { noteSchema, reasonSchema, requiredReasonSchema, resolutionSchema, truthOf } from '../requests.ts';
import { json, route, type Answer, type Route } from '../route.ts';

export function caseRoutes(operations: Operations): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/cases/:caseId',
      id: 'showCase',
      summary: 'One case with its evidence, attempts, operations and notes',
      action: 'case.read',
      needs: 'cases.read',
      answer: caseSchema,
      codes: ['HUB_CASE_UNKNOWN'],
      perform: async ({ params }, caller) => {
        const view = await operations.read(caller, readId(params['caseId'], 'HUB_CASE_UNKNOWN'));
        return json(view, { ETag: `"${view.version}"` });
      },
    }),
    route({
      method: 'POST',
      path: '/cases/:caseId/notes',
      id: 'addNote',
      summary: 'Adds a text; the case itself does not change',
      action: 'case.note',
      needs: 'cases.note',
      body: noteSchema,
      answer: doneSchema,
      codes: ['HUB_CASE_UNKNOWN'],
      perform: async ({ params, body }, caller) => {
        const caseId = readId(params['caseId'], 'HUB_CASE_UNKNOWN');
        return answerOf(await operations.note({ caseId, caller, text: body.text }));
      },
    }),
    act('claim', 'cases.claim', 'Says who looks after it', reasonSchema, (wish, { reason }) =>
      operations.claim({ ...wish, reason }),
    ),
    act('query', 'cases.query', 'One look-up at the remote', reasonSchema, (wish, { reason }) =>
      operations.query({ ...wish, reason }),
    ),
    act('retry', 'cases.retry', 'A fresh budget of attempts', reasonSchema, (wish, { reason }) =>
      operations.retry({ ...wish, reason }),
    ),
    act(
      'resolve',
      'cases.resolve',
      'States the truth of the leg; the order goes on by itself',
      resolutionSchema,
      (wish, body) =>
        operations.resolve({ ...wish, reason: body.reason, evidence: body.evidence, truth: truthOf(body) }),
      ['HUB_POINTS_INVALID', 'HUB_SECOND_PERSON_NEEDED'],
    ),
    act('ignore', 'cases.ignore', 'Takes it off the list', requiredReasonSchema, (wish, { reason }) =>
      operations.ignore({ ...wish, reason }),
    ),
    act('restore', 'cases.ignore', 'Puts it back onto the list', reasonSchema, (wish, { reason }) =>
      operations.restore({ ...wish, reason }),
    ),
  ];
}

/** An operation on a case that is as the caller saw it. */
function act<Body>(
  name: string,
  needs: Permission,
  summary: string,
  body: z.ZodType<Body>,
  perform: (wish: Wish, body: Body) => Promise<Done>,
  codes: readonly ErrorCode[] = [],
): Route {
  return route<object, Body>({
    method: 'POST',
    path: `/cases/:caseId/${name}`,
    id: `${name}Case`,
    summary,
    action: `case.${name}`,
    needs,
    body,
    isVersioned: true,
    answer: doneSchema,
    codes: [
      'HUB_VERSION_MISSING',
      'HUB_CASE_UNKNOWN',
      'HUB_CASE_BUSY',
      'HUB_CASE_CLOSED',
      'HUB_CASE_CHANGED',
      'HUB_OPERATION_REFUSED',
      ...codes,
    ],
    perform: async ({ params, headers, body: sent }, caller) => {
      const caseId = readId(params['caseId'], 'HUB_CASE_UNKNOWN');
      const version = readVersion(headers['if-match']);
      return answerOf(await perform({ caseId, caller, version, reason: undefined }, sent));
    },
  });
}

function answerOf(done: Done): Answer {
  return json(done, { ETag: `"${done.version}"` });
}
