/** What changed lately, for whoever looks on; `0012_live.sql` says how it is kept. */
import type { SqlConnection } from '@points-hub/outbox';

export type ChangeKind = 'case' | 'replay' | 'compensation' | 'channel';

export interface Change {
  readonly kind: ChangeKind;
  /** Null: so many that they are not named. */
  readonly subjects: readonly string[] | null;
}

/** Where a look ended: every transaction with a smaller number was over, as the database's clock said so. */
export interface ChangesEnd {
  readonly transaction: string;
  readonly at: Date;
}

/** Rows are kept for so long; a look that goes back further may miss some. */
export const changesKeptMs = 300_000;

const subjectsMax = 100;

const endText = `
select pg_snapshot_xmin(pg_current_snapshot())::text as transaction, clock_timestamp() as at`;

export async function readChangesEnd(connection: SqlConnection): Promise<ChangesEnd> {
  const [row] = (await connection.query<ChangesEnd>(endText)).rows;
  if (row === undefined) throw new Error('the end of the changes always is one row');
  return row;
}

/** Takes no lock. Index: changes_by_transaction. */
const readText = `
select
  pg_snapshot_xmin(pg_current_snapshot())::text as transaction, clock_timestamp() as at,
  pg_snapshot_xmin(pg_current_snapshot()) < $1::xid8 as "isOfAnotherTime",
  (
    select coalesce(json_agg(json_build_object('kind', kind, 'subjects', subjects)), '[]')
    from (
      select kind, case when count(*) > $2 or bool_or(subject is null) then null else array_agg(subject) end as subjects
      from (
        select distinct kind, subject
        from hub.changes
        where transaction >= $1::xid8 and transaction < pg_snapshot_xmin(pg_current_snapshot())
      ) as told
      group by kind
    ) as by_kind
  ) as changes`;

/**
 * What changed in transactions that ended since `from`, each change once.
 *
 * @returns `isOfAnotherTime` where the database never was as far as `from`, as after it was restored
 */
export async function readChanges(
  connection: SqlConnection,
  from: string,
): Promise<{
  readonly changes: readonly Change[];
  readonly end: ChangesEnd;
  readonly isOfAnotherTime: boolean;
}> {
  const { rows } = await connection.query<
    ChangesEnd & { changes: readonly Change[]; isOfAnotherTime: boolean }
  >(readText, [from, subjectsMax]);
  const [row] = rows;
  if (row === undefined) throw new Error('a look at the changes always is one row');
  const { transaction, at, changes, isOfAnotherTime } = row;
  return { changes, end: { transaction, at }, isOfAnotherTime };
}

/** The table holds some minutes; it is read whole. */
const forgetText = `delete from hub.changes where at < clock_timestamp() - $1 * interval '1 ms'`;

export async function forgetChanges(connection: SqlConnection): Promise<void> {
  await connection.query(forgetText, [changesKeptMs]);
}
