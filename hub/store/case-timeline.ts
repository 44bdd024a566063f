/** Everything that happened to what a case is about, in one line of time. */
import type { SqlConnection } from '@points-hub/outbox';

export type TimelineType =
  'order' | 'case' | 'message' | 'attempt' | 'callback' | 'operation' | 'note' | 'replay' | 'compensation';

export interface TimelineEntry {
  /** As Postgres writes it in JSON. */
  readonly at: string;
  readonly type: TimelineType;
  /** One word: what happened. */
  readonly event: string;
  /** Who did it, where a person did. */
  readonly by: string | null;
  /** What an entry of this type and event has besides. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Takes no lock. Indexes: the primary keys, callbacks_by_deduction, case_operations_by_case, replay_items_by_case,
 * compensations_by_case. Of the messages only the next one is known: the outbox forgets what is out.
 */
const timelineText = `
with subject as (
  select * from hub.cases where id = $1
), entries as (
  select orders.placed_at as at, 'order' as type, 'placed' as event, null as by,
    json_build_object('orderId', orders.order_id, 'mallId', orders.mall_id) as details
  from subject join hub.orders on orders.id = subject.order_id
  union all
  select orders.ended_at, 'order', orders.status, null, json_build_object('reason', orders.reason_code)
  from subject join hub.orders on orders.id = subject.order_id
  where orders.ended_at is not null
  union all
  select first_seen_at, case when message_key is null then 'case' else 'message' end, 'opened', null,
    json_build_object('cause', cause, 'error', error)
  from subject
  union all
  select last_seen_at, 'case', 'seen_again', null, json_build_object('count', count, 'cause', cause)
  from subject where count > 1
  union all
  select closed_at, 'case', state, null, json_build_object() from subject where closed_at is not null
  union all
  select deductions.wake_by, 'message', 'due', null, json_build_object('attention', deductions.attention)
  from subject join hub.deductions on deductions.id = subject.deduction_id
  where deductions.wake_by is not null
  union all
  select * from (
    select intended_at, 'attempt', coalesce(outcome, 'under_way'), null, json_build_object(
      'number', number, 'leg', leg, 'action', action, 'points', trim_scale(points)::text, 'key', key,
      'finishedAt', finished_at, 'cause', cause, 'evidence', evidence, 'isStale', is_stale
    )
    from hub.attempts where deduction_id = (select deduction_id from subject)
    order by number desc limit $2
  ) as attempts
  union all
  select * from (
    select received_at, 'callback', coalesce(effect, 'kept'), null, json_build_object(
      'action', direction, 'said', said, 'isVerified', is_signed, 'points', trim_scale(points)::text, 'reason', reason,
      'eventId', event_id, 'takenInAt', applied_at, 'evidence', evidence
    )
    from hub.callbacks where deduction_id = (select deduction_id from subject)
    order by id desc limit $2
  ) as told
  union all
  select * from (
    select started_at, case kind when 'note' then 'note' else 'operation' end, kind, operator, json_build_object(
      'operationId', id::text, 'reason', reason, 'finishedAt', finished_at, 'outcome', outcome, 'details', details
    )
    from hub.case_operations where case_id = $1
    order by id desc limit $2
  ) as operations
  union all
  select * from (
    select replays.previewed_at, 'replay', items.state, replays.previewed_by, json_build_object(
      'replayId', replays.id::text, 'reason', replays.reason, 'beganAt', items.began_at, 'endedAt', items.ended_at,
      'outcome', items.outcome
    )
    from hub.replay_items as items join hub.replays on replays.id = items.replay_id
    where items.case_id = $1
    order by replays.id desc limit $2
  ) as replayed
  union all
  select * from (
    select requested_at, 'compensation', 'requested', requested_by, json_build_object(
      'compensationId', id::text, 'kind', kind, 'points', trim_scale(points)::text, 'reasonCode', reason_code,
      'reason', reason
    )
    from hub.compensations where case_id = $1
    order by id desc limit $2
  ) as requested
  union all
  select * from (
    select decided_at, 'compensation', state, decided_by, json_build_object(
      'compensationId', id::text, 'decision', decision, 'verification', verification
    )
    from hub.compensations where case_id = $1 and decided_at is not null
    order by id desc limit $2
  ) as decided
)
select coalesce(json_agg(entries order by at, type), '[]') as entries from entries`;

/** At most so many of each kind, the latest; oldest first. */
const entriesMax = 200;

/** The timeline of a case; empty if there is no such case. */
export async function readTimeline(
  connection: SqlConnection,
  caseId: string,
): Promise<readonly TimelineEntry[]> {
  const { rows } = await connection.query<{ entries: readonly TimelineEntry[] }>(timelineText, [
    caseId,
    entriesMax,
  ]);
  return rows[0]?.entries ?? [];
}
