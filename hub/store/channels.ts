import type { SqlConnection } from '@points-hub/outbox';
import { Points, type ChannelRule } from '../core/points.ts';

const writeChannelRulesText = `
insert into hub.channels (id, scale, points_max, gives_back, holds_for_ms)
select * from unnest($1::text[], $2::smallint[], $3::numeric[], $4::boolean[], $5::bigint[])
on conflict (id) do update
set scale = excluded.scale, points_max = excluded.points_max, gives_back = excluded.gives_back,
  holds_for_ms = excluded.holds_for_ms, updated_at = now()
where (channels.scale, channels.points_max, channels.gives_back, channels.holds_for_ms)
  is distinct from (excluded.scale, excluded.points_max, excluded.gives_back, excluded.holds_for_ms)`;

/** Publishes what the channel files say to mall backends that do not have the files. Locks only rows that change. */
export async function writeChannelRules(
  connection: SqlConnection,
  rules: ReadonlyMap<string, ChannelRule>,
): Promise<void> {
  const entries = [...rules].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await connection.query(writeChannelRulesText, [
    entries.map(([id]) => id),
    entries.map(([, { scale }]) => scale),
    entries.map(([, { max }]) => max.toFixed()),
    entries.map(([, { givesBack }]) => givesBack),
    entries.map(([, { holdsForMs }]) => holdsForMs),
  ]);
}

interface ChannelRow {
  readonly id: string;
  readonly scale: number;
  readonly points_max: string;
  readonly gives_back: boolean;
  readonly holds_for_ms: string;
}

/** The rules of all channels that this database knows. */
export async function readChannelRules(connection: SqlConnection): Promise<Map<string, ChannelRule>> {
  const { rows } = await connection.query<ChannelRow>(
    'select id, scale, points_max, gives_back, holds_for_ms from hub.channels order by id',
  );
  return new Map(
    rows.map(({ id, scale, points_max: max, gives_back: givesBack, holds_for_ms: holdsForMs }) => [
      id,
      { scale, max: new Points(max), givesBack, holdsForMs: Number(holdsForMs) },
    ]),
  );
}
