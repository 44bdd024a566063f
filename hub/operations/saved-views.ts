/** Filters of the list of cases that a person keeps. They are his own: nobody else sees or changes them. */
import { HubError } from '../errors.ts';
import { deleteSavedView, listSavedViews, saveSavedView, type SavedView } from '../store/saved-views.ts';
import type { Database } from '../store/database.ts';
import { audited } from './audit.ts';
import { demand, type Caller } from './caller.ts';

/** Each answers with the views that there are then, by name, and is refused with HUB_FORBIDDEN to whoever may not. */
export interface SavedViews {
  list(caller: Caller): Promise<readonly SavedView[]>;
  /** One of the same name is replaced. @throws HubError HUB_REQUEST_INVALID beyond `viewsMax` */
  save(caller: Caller, view: SavedView): Promise<readonly SavedView[]>;
  /** Without effect where there is none of this name. */
  remove(caller: Caller, name: string): Promise<readonly SavedView[]>;
}

/** More would be no list that anybody looks through. */
const viewsMax = 50;

export function openSavedViews(database: Database): SavedViews {
  return {
    list: async (caller) => {
      demand(caller, 'cases.read');
      return listSavedViews(database, caller.operatorId);
    },
    save: async (caller, view) => {
      demand(caller, 'cases.read');
      return audited(database, caller, async (connection) => {
        await saveSavedView(connection, caller.operatorId, view);
        const result = await listSavedViews(connection, caller.operatorId);
        if (result.length > viewsMax) {
          throw new HubError('HUB_REQUEST_INVALID', `/name there are ${viewsMax} views already: remove one`);
        }
        const details = { query: view.query };
        return { entry: { action: 'view.save', subject: `view:${view.name}`, details }, result };
      });
    },
    remove: async (caller, name) => {
      demand(caller, 'cases.read');
      return audited(database, caller, async (connection) => {
        const isGone = await deleteSavedView(connection, caller.operatorId, name);
        const result = await listSavedViews(connection, caller.operatorId);
        return {
          entry: { action: 'view.remove', subject: `view:${name}`, details: { isGone } },
          result,
        };
      });
    },
  };
}
