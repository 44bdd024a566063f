import type { SqlConnection } from '@points-hub/outbox';
import { Points, type PointsRule } from '../core/points.ts';

const writeChannelRulesText = `
insert into hub.channels (id, scale, points_max)
select * from unnest($1::text[], $2::smallint[], $3::numeric[])
on conflict (id) do update
set scale = excluded.scale, points_max = excluded.points_max, updated_at = now()
where (channels.scale, channels.points_max) is distinct from (excluded.scale, excluded.points_max)`;

/** Publishes what the channel files say to mall backends that do not have the files. Locks only rows that change. */
export async function writeChannelRules(
  connection: SqlConnection,
  rules: ReadonlyMap<string, PointsRule>,
): Promise<void> {
  const entries = [...rules].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await connection.query(writeChannelRulesText, [
    entries.map(([id]) => id),
    entries.map(([, { scale }]) => scale),
    entries.map(([, { max }]) => max.toFixed()),
  ]);
}

/** The rules of all channels that this database knows. */
export async function readChannelRules(connection: SqlConnection): Promise<Map<string, PointsRule>> {
  const { rows } = await connection.query<{ id: string; scale: number; points_max: string }>(
    'select id, scale, points_max from hub.channels order by id',
  );
  return new Map(rows.map(({ id, scale, points_max: max }) => [id, { scale, max: new Points(max) }]));
}
