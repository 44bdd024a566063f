/** Everything that happened to what a case is about, or to an order, in one line of time. */
import type { SqlConnection } from '@points-hub/outbox';

export type TimelineType =
  | 'order'
  | 'refund'
  | 'case'
  | 'message'
  | 'attempt'
  | 'callback'
  | 'operation'
  | 'note'
  | 'replay'
  | 'compensation';

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
 * What is told of the orders, deductions and cases that the statement before it has in sight: at most $2 of each kind and
 * deduction or case, the latest. Takes no lock. Indexes: the primary keys, callbacks_by_deduction, case_operations_by_case,
 * replay_items_by_case, and of compensations that by case or by order. Of the messages only the next one is known: the
 * outbox forgets what is out.
 */
const entriesText = `
entries as (
  select orders.placed_at as at, 'order' as type, 'placed' as event, null as by,
    json_build_object('orderId', orders.order_id, 'mallId', orders.mall_id) as details
  from orders_in_sight as orders
  union all
  select orders.ended_at, 'order', orders.status, null, json_build_object('reason', orders.reason_code)
  from orders_in_sight as orders
  where orders.ended_at is not null
  union all
  select refunds.requested_at, 'refund', 'requested', null, json_build_object('refundId', refunds.refund_id)
  from refunds_in_sight as refunds
  union all
  select first_seen_at, case when message_key is null then 'case' else 'message' end, 'opened', null,
    json_build_object('caseId', id::text, 'cause', cause, 'error', error)
  from cases_in_sight
  union all
  select last_seen_at, 'case', 'seen_again', null, json_build_object('caseId', id::text, 'count', count, 'cause', cause)
  from cases_in_sight where count > 1
  union all
  select closed_at, 'case', state, null, json_build_object('caseId', id::text)
  from cases_in_sight where closed_at is not null
  union all
  select wake_by, 'message', 'due', null, json_build_object('channel', channel, 'attention', attention)
  from deductions_in_sight
  where wake_by is not null
  union all
  select attempts.*
  from deductions_in_sight
  cross join lateral (
    select intended_at, 'attempt', coalesce(outcome, 'under_way'), null, json_build_object(
      'number', number, 'channel', deductions_in_sight.channel, 'leg', leg, 'action', action,
      'points', trim_scale(points)::text, 'key', key, 'finishedAt', finished_at, 'cause', cause, 'evidence', evidence,
      'isStale', is_stale
    )
    from hub.attempts where deduction_id = deductions_in_sight.id
    order by number desc limit $2
  ) as attempts
  union all
  select * from (
    select received_at, 'callback', coalesce(effect, 'kept'), null, json_build_object(
      'channel', channel, 'action', direction, 'said', said, 'isVerified', is_signed,
      'points', trim_scale(points)::text, 'reason', reason, 'eventId', event_id, 'takenInAt', applied_at,
      'evidence', evidence
    )
    from hub.callbacks
    where deduction_id in (select id from deductions_in_sight)
    order by id desc limit $2
  ) as told
  union all
  select operations.*
  from cases_in_sight
  cross join lateral (
    select started_at, case kind when 'note' then 'note' else 'operation' end, kind, operator, json_build_object(
      'caseId', case_id::text, 'operationId', id::text, 'reason', reason, 'finishedAt', finished_at,
      'outcome', outcome, 'details', details
    )
    from hub.case_operations where case_id = cases_in_sight.id
    order by id desc limit $2
  ) as operations
  union all
  select replayed.*
  from cases_in_sight
  cross join lateral (
    select replays.previewed_at, 'replay', items.state, replays.previewed_by, json_build_object(
      'caseId', items.case_id::text, 'replayId', replays.id::text, 'reason', replays.reason,
      'beganAt', items.began_at, 'endedAt', items.ended_at, 'outcome', items.outcome
    )
    from hub.replay_items as items join hub.replays on replays.id = items.replay_id
    where items.case_id = cases_in_sight.id
    order by replays.id desc limit $2
  ) as replayed
  union all
  select * from (
    select requested_at, 'compensation', 'requested', requested_by, json_build_object(
      'compensationId', id::text, 'kind', kind, 'points', trim_scale(points)::text, 'reasonCode', reason_code,
      'reason', reason
    )
    from compensations_in_sight
    order by id desc limit $2
  ) as requested
  union all
  select * from (
    select decided_at, 'compensation', state, decided_by, json_build_object(
      'compensationId', id::text, 'decision', decision, 'verification', verification
    )
    from compensations_in_sight where decided_at is not null
    order by id desc limit $2
  ) as decided
)
select coalesce(json_agg(entries order by at, type), '[]') as entries from entries`;

/** Of a case: its order, its deduction, what was done about it. */
const ofCaseText = `
with cases_in_sight as (
  select * from hub.cases where id = $1
), orders_in_sight as (
  select * from hub.orders where id = (select order_id from cases_in_sight)
), deductions_in_sight as (
  select * from hub.deductions where id = (select deduction_id from cases_in_sight)
), refunds_in_sight as (
  select * from hub.refunds where id = (select refund_row_id from deductions_in_sight)
), compensations_in_sight as (
  select * from hub.compensations where case_id = $1
), ${entriesText}`;

/** Of an order: all its deductions, refunds and cases. Index besides: cases_by_order. */
const ofOrderText = `
with orders_in_sight as (
  select * from hub.orders where id = $1
), deductions_in_sight as (
  select * from hub.deductions where order_id = $1
), refunds_in_sight as (
  select * from hub.refunds where order_id = $1
), cases_in_sight as (
  select cases.*
  from orders_in_sight
  join hub.cases on cases.mall_order_id = orders_in_sight.order_id and cases.mall_id = orders_in_sight.mall_id
  order by cases.first_seen_at desc, cases.id desc limit $2
), compensations_in_sight as (
  select * from hub.compensations where order_id = $1
), ${entriesText}`;

/** At most so many of each kind, the latest; oldest first. */
const entriesMax = 200;

/** The timeline of a case; empty if there is no such case. */
export function readTimeline(connection: SqlConnection, caseId: string): Promise<readonly TimelineEntry[]> {
  return entriesOf(connection, ofCaseText, caseId);
}

/** The timeline of an order, by its row's id; empty if there is no such order. */
export function readOrderTimeline(
  connection: SqlConnection,
  orderRowId: string,
): Promise<readonly TimelineEntry[]> {
  return entriesOf(connection, ofOrderText, orderRowId);
}

async function entriesOf(
  connection: SqlConnection,
  text: string,
  id: string,
): Promise<readonly TimelineEntry[]> {
  const { rows } = await connection.query<{ entries: readonly TimelineEntry[] }>(text, [id, entriesMax]);
  return rows[0]?.entries ?? [];
}
