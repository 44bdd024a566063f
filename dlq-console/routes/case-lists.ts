/** Looking for cases: lists, groups and what happened to one. */
import { caseStates, type Caller, type CaseFilter, type Operations } from '@points-hub/hub/operations';
import { z } from 'zod';
import { cursorOf, filterOf, filterShape, placeOf, userShape } from '../case-filter.ts';
import { casesSchema, groupsSchema } from '../answers.ts';
import { timelineSchema } from '../desk-answers.ts';
import { readId } from '../request-heads.ts';
import { json, route, type Answer, type Route } from '../route.ts';

const pageMax = 200;
const groupsMax = 500;

const pageShape = { cursor: z.string().min(1).max(100).optional() } as const;
const wholePage = 50;
const listQuery = z.strictObject({
  ...filterShape,
  ...pageShape,
  limit: z.coerce.number().int().min(1).max(pageMax).default(wholePage),
});
const searchBody = z.strictObject({
  ...filterShape,
  ...userShape,
  ...pageShape,
  limit: z.int().min(1).max(pageMax).default(wholePage),
});
const groupsQuery = z.strictObject({ state: z.enum(caseStates).default('open') });

export function caseListRoutes(operations: Operations): readonly Route[] {
  async function page(
    caller: Caller,
    filter: CaseFilter,
    cursor: string | undefined,
    limit: number,
  ): Promise<Answer> {
    const { cases, last } = await operations.list(caller, filter, placeOf(cursor), limit);
    return json({ cases, next: last === undefined ? undefined : cursorOf(last) });
  }
  return [
    route({
      method: 'GET',
      path: '/cases',
      id: 'listCases',
      summary: 'Cases by a filter, the newest first',
      action: 'case.list',
      answer: casesSchema,
      needs: 'cases.read',
      query: listQuery,
      perform: ({ query: { cursor, limit, ...filter } }, caller) =>
        page(caller, filterOf(filter), cursor, limit),
    }),
    route({
      method: 'POST',
      path: '/cases/search',
      id: 'searchCases',
      summary: 'The same, also by user, whom no URL names',
      action: 'case.list',
      answer: casesSchema,
      needs: 'cases.read',
      body: searchBody,
      perform: ({ body: { cursor, limit, ...filter } }, caller) =>
        page(caller, filterOf(filter), cursor, limit),
    }),
    route({
      method: 'GET',
      path: '/case-groups',
      id: 'listCaseGroups',
      summary: 'Cases of one state by what is wrong, the largest group first',
      action: 'case.groups',
      answer: groupsSchema,
      needs: 'cases.read',
      query: groupsQuery,
      perform: async ({ query: { state } }, caller) =>
        json({ groups: await operations.groups(caller, state, groupsMax) }),
    }),
    route({
      method: 'GET',
      path: '/cases/:caseId/timeline',
      id: 'showTimeline',
      summary: 'Everything that happened, oldest first',
      action: 'case.read',
      answer: timelineSchema,
      codes: ['HUB_CASE_UNKNOWN'],
      needs: 'cases.read',
      perform: async ({ params }, caller) =>
        json({ timeline: await operations.timeline(caller, readId(params['caseId'], 'HUB_CASE_UNKNOWN')) }),
    }),
  ];
}
