/** How the cases come and go, for whoever has to see whether the hub gets the better of them. */
import { readCaseFlow, type CaseFlowHour } from '../store/case-flow.ts';
import { foldCaseGroups } from '../store/case-groups.ts';
import type { Database } from '../store/database.ts';
import { demand, type Caller } from './caller.ts';

export interface CaseFlow {
  /** Cases opened and ended in each hour of a week, this hour last. @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL */
  hours(caller: Caller): Promise<readonly CaseFlowHour[]>;
}

export function openCaseFlow(database: Database): CaseFlow {
  return {
    hours: async (caller) => {
      demand(caller, 'cases.read');
      await foldCaseGroups(database);
      return readCaseFlow(database);
    },
  };
}
