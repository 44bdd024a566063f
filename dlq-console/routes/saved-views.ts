/** The own saved filters of the list of cases. */
import type { SavedViews } from '@points-hub/hub/operations';
import { z } from 'zod';
import { savedViewsSchema } from '../answers.ts';
import { plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const nameSchema = plainSchema.trim().min(1).max(60);
const columnsMax = 30;
const viewBody = z.strictObject({
  name: nameSchema,
  query: plainSchema.max(2_000).describe("The filters as the page's address says them."),
  columns: z.array(plainSchema.min(1).max(40)).max(columnsMax),
});
const needs = 'cases.read';

export function savedViewRoutes(views: SavedViews): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/saved-views',
      id: 'listSavedViews',
      summary: 'The own saved filters, by name',
      action: 'view.list',
      needs,
      answer: savedViewsSchema,
      perform: async (_asked, caller) => json({ views: await views.list(caller) }),
    }),
    route({
      method: 'POST',
      path: '/saved-views',
      id: 'saveSavedView',
      summary: 'Keeps filters under a name; one of that name is replaced',
      action: 'view.save',
      needs,
      body: viewBody,
      answer: savedViewsSchema,
      perform: async ({ body }, caller) => json({ views: await views.save(caller, body) }),
    }),
    route({
      method: 'POST',
      path: '/saved-views/remove',
      id: 'removeSavedView',
      summary: 'Forgets one of them',
      action: 'view.remove',
      needs,
      body: z.strictObject({ name: nameSchema }),
      answer: savedViewsSchema,
      perform: async ({ body }, caller) => json({ views: await views.remove(caller, body.name) }),
    }),
  ];
}
