/** What becomes of callbacks that nobody took in, and of those that were taken in long ago. */
import type { SqlConnection } from '@points-hub/outbox';
import { fingerprintOf } from '../settlement/case-words.ts';
import type { CallbackSweep } from '../settlement/store-port.ts';
import { deductionDueType, type MessageNames } from '../settlement/topology.ts';

/**
 * Indexes: callbacks_wake_by, callback_references' primary key. Skips rows that a worker or another sweeper holds, and
 * those about a known operation at a channel that is left alone: a message would only wait in a queue that nobody reads.
 * An unknown one is looked at once more when its time is up, and from then on only a new reference brings it back.
 */
export const sweepText = `
with due as (
  select id, channel, kind, reference, order_id, deduction_id, direction
  from hub.callbacks
  where wake_by <= now()
    and (order_id is null or not exists (
      select from hub.channel_states as held
      where held.remote = 'channel:' || callbacks.channel
        and (held.state <> 'closed' or held.paused_at is not null)
    ))
  order by wake_by
  limit $1
  for update skip locked
), found as (
  select due.id, min(named.order_id) as order_id, min(named.deduction_id) as deduction_id, min(named.direction) as direction
  from due
  join hub.callback_references as named using (channel, kind, reference)
  where due.order_id is null
  group by due.id
  having count(*) = 1
), looked as (
  update hub.callbacks
  set order_id = coalesce(due.order_id, found.order_id),
      deduction_id = coalesce(due.deduction_id, found.deduction_id),
      direction = coalesce(due.direction, found.direction),
      wakes = least(callbacks.wakes + 1, 1000),
      wake_by = case
        when coalesce(due.order_id, found.order_id) is not null
        then now() + $2::bigint * (1 << least(callbacks.wakes, 5)) * interval '1 ms'
        when callbacks.received_at + $3::bigint * interval '1 ms' > now()
        then callbacks.received_at + $3::bigint * interval '1 ms'
      end
  from due
  left join found using (id)
  where callbacks.id = due.id
  returning callbacks.*
), appended as (
  select outbox.append(
    $4, looked.channel, $5, looked.deduction_id::text,
    json_build_object('deductionId', looked.deduction_id::text, 'orderRowId', looked.order_id::text)
  ) as message_id
  from looked
  where order_id is not null
)
select
  channel, event_id, kind, reference, said, points, evidence, received_at,
  order_id is not null as is_known, wake_by is null as is_unmatched,
  (select count(message_id) from appended) as woken
from looked`;

interface LookedRow {
  readonly channel: string;
  readonly event_id: string;
  readonly kind: string;
  readonly reference: string;
  readonly said: string;
  readonly points: string | null;
  readonly evidence: object;
  readonly received_at: Date;
  readonly is_unmatched: boolean;
  readonly woken: string;
}

/** Index: cases_one_per_message. */
const openCaseText = `
insert into hub.cases (message_key, cause, suggestion, channel, operation, points, error, fingerprint, evidence)
values ($1, 'unmatched_callback', 'ask_engineering', $2, 'callback', $3, $4, $5, $6)
on conflict (message_key) where message_key is not null do nothing`;

/** One look; see `SettlementStore`. The caller's connection is in a transaction. */
export async function sweepCallbacks(
  connection: SqlConnection,
  limit: number,
  wakeAfterMs: number,
  unmatchedAfterMs: number,
  names: MessageNames,
): Promise<CallbackSweep> {
  const values = [limit, wakeAfterMs, unmatchedAfterMs, names.deductions, deductionDueType];
  const { rows } = await connection.query<LookedRow>(sweepText, values);
  const unmatched = rows.filter((row) => row.is_unmatched);
  for (const row of unmatched) await openCase(connection, row);
  return { looked: rows.length, woken: Number(rows[0]?.woken ?? 0), reported: unmatched.length };
}

async function openCase(connection: SqlConnection, row: LookedRow): Promise<void> {
  const {
    channel,
    event_id: eventId,
    kind,
    reference,
    said,
    points,
    evidence,
    received_at: receivedAt,
  } = row;
  const error = `unmatched_callback ${kind} ${said}`;
  await connection.query(openCaseText, [
    `callback:${channel}:${eventId}`,
    channel,
    points,
    error,
    fingerprintOf(channel, 'callback', error),
    JSON.stringify({ eventId, [kind]: reference, said, receivedAt, answer: evidence }),
  ]);
}

/** Index: callbacks_applied_at. */
export const forgetText = `
delete from hub.callbacks
where id in (
  select id
  from hub.callbacks
  where applied_at < now() - $2::bigint * interval '1 ms'
  order by applied_at
  limit $1
  for update skip locked
)`;

/** Deletes what was taken in long ago. @returns how many there were */
export async function forgetCallbacks(
  connection: SqlConnection,
  limit: number,
  retentionMs: number,
): Promise<number> {
  const { rowCount } = await connection.query(forgetText, [limit, retentionMs]);
  return rowCount ?? 0;
}
