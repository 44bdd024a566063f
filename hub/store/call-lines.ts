import type { CallLines } from '../settlement/turns-port.ts';
import type { Database } from './database.ts';
import type { Patiently } from './patience.ts';

/**
 * Puts `$2` turns, `$3` ms apart, at the end of the remote's line, which never ends before now. Locks the remote's row
 * for the statement. Index: the primary key.
 */
const claimTurnsText = `
insert into hub.call_lines (remote, next_at)
values ($1, clock_timestamp() + $2::int * $3::float8 * interval '1 ms')
on conflict (remote) do update
set next_at = greatest(call_lines.next_at, clock_timestamp()) + $2::int * $3::float8 * interval '1 ms'
returning (extract(epoch from next_at - clock_timestamp()) * 1000)::float8 - $2::int * $3::float8 as first_in_ms`;

/** The lines of all remotes with a rate, in Postgres: one order of turns for all processes. */
export function callLines(database: Database, patiently: Patiently): CallLines {
  return {
    claim: async (remote, turns, spacingMs) => {
      const { rows } = await patiently(() =>
        database.query<{ first_in_ms: number }>(claimTurnsText, [remote, turns, spacingMs]),
      );
      return Math.max(0, rows[0]?.first_in_ms ?? 0);
    },
  };
}
