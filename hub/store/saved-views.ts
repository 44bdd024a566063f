/** Saved filters of the list of cases; each person's own. */
import type { SqlConnection } from '@points-hub/outbox';

export interface SavedView {
  readonly name: string;
  /** The filters as the page's address says them. */
  readonly query: string;
  /** The columns that are shown, by name. */
  readonly columns: readonly string[];
}

const listText = `
select name, query, columns
from hub.saved_views
where operator_id = $1
order by name`;

/** By name. Index: the primary key. */
export async function listSavedViews(
  connection: SqlConnection,
  operatorId: string,
): Promise<readonly SavedView[]> {
  return (await connection.query<SavedView>(listText, [operatorId])).rows;
}

const saveText = `
insert into hub.saved_views (operator_id, name, query, columns)
values ($1, $2, $3, $4)
on conflict (operator_id, name) do update
set query = excluded.query, columns = excluded.columns, saved_at = clock_timestamp()`;

/** Under a name that there is already it takes that one's place. Lock: the row. */
export async function saveSavedView(
  connection: SqlConnection,
  operatorId: string,
  { name, query, columns }: SavedView,
): Promise<void> {
  await connection.query(saveText, [operatorId, name, query, columns]);
}

/** Index: the primary key. @returns whether there was one */
export async function deleteSavedView(
  connection: SqlConnection,
  operatorId: string,
  name: string,
): Promise<boolean> {
  const values = [operatorId, name];
  const text = 'delete from hub.saved_views where operator_id = $1 and name = $2';
  return (await connection.query(text, values)).rowCount > 0;
}
