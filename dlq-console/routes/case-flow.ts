/** How the cases come and go. */
import type { CaseFlow } from '@points-hub/hub/operations';
import { caseFlowSchema } from '../answers.ts';
import { json, route, type Route } from '../route.ts';

export function caseFlowRoutes(flow: CaseFlow): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/case-flow',
      id: 'showCaseFlow',
      summary: 'How many cases were opened and how many ended, hour by hour',
      action: 'case.flow',
      answer: caseFlowSchema,
      needs: 'cases.read',
      perform: async (_asked, caller) => json({ hours: await flow.hours(caller) }),
    }),
  ];
}
