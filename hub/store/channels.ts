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

/** How long rules that were read are relied on, in milliseconds. */
export const rulesFreshMs = 1_000;

interface RecentRules {
  readonly rules: ReadonlyMap<string, ChannelRule>;
  readonly freshUntilMs: number;
}

/** By whose connection they were read: it stands for its database, and takes them along when it goes. */
const recentByOwner = new WeakMap<object, RecentRules>();

/**
 * What `owner` last read, unless that is too long ago. A mall that places order after order need not ask for the same few
 * rows each time: they were a twentieth of what an order cost Postgres, and a round trip.
 */
export function recentChannelRules(owner: object): ReadonlyMap<string, ChannelRule> | undefined {
  const recent = recentByOwner.get(owner);
  return recent !== undefined && performance.now() < recent.freshUntilMs ? recent.rules : undefined;
}

/** Reads them now, and keeps them for `owner`. */
export async function freshChannelRules(
  owner: object,
  connection: SqlConnection,
): Promise<ReadonlyMap<string, ChannelRule>> {
  // Before the query: what it reads may be as old as its start.
  const freshUntilMs = performance.now() + rulesFreshMs;
  const rules = await readChannelRules(connection);
  recentByOwner.set(owner, { rules, freshUntilMs });
  return rules;
}

/** The rules of all channels that this database knows. */
async function readChannelRules(connection: SqlConnection): Promise<Map<string, ChannelRule>> {
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
