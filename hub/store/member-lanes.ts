import type { MemberLane, MemberLanes } from '../settlement/turns-port.ts';
import type { Database } from './database.ts';
import type { Patiently } from './patience.ts';

/**
 * Takes a lane that is free, or whose holder has let its time pass, or keeps one's own for longer. Locks the lane's
 * row for the statement. Index: the primary key.
 */
const takeLaneText = `
insert into hub.member_lanes (held_until, channel, member_ref, holder)
select clock_timestamp() + $3 * interval '1 ms', channel, member_ref, $2
from hub.deductions
where id = $1
on conflict (channel, member_ref) do update
set held_until = excluded.held_until, holder = excluded.holder
where member_lanes.held_until <= clock_timestamp() or member_lanes.holder = excluded.holder
returning channel, member_ref, held_until`;

/** Locks the lane's row. Index: the primary key. */
const leaveLaneText = `
delete from hub.member_lanes
where channel = $1 and member_ref = $2 and holder = $3`;

/** The lanes of all members in Postgres. One whose holder died is free when its time is past. */
export function memberLanes(database: Database, patiently: Patiently): MemberLanes {
  return {
    take: async (deductionId, holder, forMs) => {
      const { rows } = await patiently(() =>
        database.query<{ channel: string; member_ref: string; held_until: Date }>(takeLaneText, [
          deductionId,
          holder,
          forMs,
        ]),
      );
      const [row] = rows;
      return row && { channel: row.channel, memberRef: row.member_ref, holder, until: row.held_until };
    },
    leave: async ({ channel, memberRef, holder }: MemberLane) => {
      await database.query(leaveLaneText, [channel, memberRef, holder]);
    },
  };
}
