/** Looking for cases: lists, groups and what happened to one. */
import { caseStates, type CaseFilter, type Operations } from '@points-hub/hub/operations';
import { z } from 'zod';
import { cursorOf, filterOf, filterShape, placeOf, userShape } from '../case-filter.ts';
import { readCaseId } from '../request-heads.ts';
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
  async function page(filter: CaseFilter, cursor: string | undefined, limit: number): Promise<Answer> {
    const { cases, last } = await operations.list(filter, placeOf(cursor), limit);
    return json({ cases, next: last === undefined ? undefined : cursorOf(last) });
  }
  return [
    route({
      method: 'GET',
      path: '/cases',
      needs: 'cases.read',
      query: listQuery,
      perform: ({ query: { cursor, limit, ...filter } }) => page(filterOf(filter), cursor, limit),
    }),
    route({
      method: 'POST',
      path: '/cases/search',
      needs: 'cases.read',
      body: searchBody,
      perform: ({ body: { cursor, limit, ...filter } }) => page(filterOf(filter), cursor, limit),
    }),
    route({
      method: 'GET',
      path: '/case-groups',
      needs: 'cases.read',
      query: groupsQuery,
      perform: async ({ query: { state } }) => json({ groups: await operations.groups(state, groupsMax) }),
    }),
    route({
      method: 'GET',
      path: '/cases/:caseId/timeline',
      needs: 'cases.read',
      perform: async ({ params }) =>
        json({ timeline: await operations.timeline(readCaseId(params['caseId'])) }),
    }),
  ];
}
