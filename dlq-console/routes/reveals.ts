/** Showing whose case it is. `docs/operators.md` says who may, and how often. */
import type { Reveals } from '@points-hub/hub/operations';
import { revealedSchema } from '../desk-answers.ts';
import { readId } from '../request-heads.ts';
import { requiredReasonSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

export function revealRoutes(reveals: Reveals): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/cases/:caseId/reveal',
      id: 'revealUser',
      summary: 'Whose case it is; written down with the reason before it is answered',
      action: 'case.reveal',
      needs: 'users.reveal',
      body: requiredReasonSchema,
      answer: revealedSchema,
      codes: ['HUB_CASE_UNKNOWN', 'HUB_OPERATION_REFUSED', 'HUB_REVEALS_TOO_MANY'],
      perform: async ({ params, body: { reason } }, caller) =>
        json(await reveals.reveal(caller, readId(params['caseId'], 'HUB_CASE_UNKNOWN'), reason)),
    }),
  ];
}
