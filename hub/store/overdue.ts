/** What the sweeper looks for. */
import type { SqlConnection } from '@points-hub/outbox';
import { deductionDueType, type MessageNames } from '../settlement/topology.ts';
import type { Database } from './database.ts';

/**
 * Index: deductions_wake_by. Skips rows that a recording worker or another sweeper holds, and those whose remote is
 * left alone: a message would only wait in a queue that nobody reads.
 */
const wakeOverdueText = `
with overdue as (
  select id
  from hub.deductions
  where wake_by <= now()
    and not exists (
      select from hub.channel_states as held
      where (held.state <> 'closed' or held.paused_at is not null)
        and (
          held.remote in (
            'channel:' || channel, hub.next_remote(goal, channel, points_state, quota_state)
          )
          or (held.remote = 'portal' and points_state = 'idle')
        )
    )
  order by wake_by
  limit $1
  for update skip locked
), woken as (
  update hub.deductions
  set wake_by = now() + $2::bigint * (1 << least(deductions.wakes, 5)) * interval '1 ms',
      wakes = least(deductions.wakes + 1, 1000)
  from overdue
  where deductions.id = overdue.id
  returning deductions.id, deductions.order_id, deductions.channel
), appended as (
  select outbox.append(
    $3, woken.channel, $4, woken.id::text,
    json_build_object('deductionId', woken.id::text, 'orderRowId', woken.order_id::text)
  ) as message_id
  from woken
)
select count(message_id) as woken from appended`;

/** Wakes up to `limit` deductions that nobody looked at in time. @returns how many there were */
export async function wakeOverdue(
  connection: SqlConnection,
  limit: number,
  wakeAfterMs: number,
  names: MessageNames,
): Promise<number> {
  const values = [limit, wakeAfterMs, names.deductions, deductionDueType];
  const { rows } = await connection.query<{ woken: string }>(wakeOverdueText, values);
  return Number(rows[0]?.woken ?? 0);
}

/**
 * Index: orders_deadline. Takes no lock: whoever ends the order looks at its deadline again under the order's own. Passes
 * over orders of which something may be confirmed (`isConfirming` of the core): these go on whatever the time.
 */
const overdueOrdersText = `
select id
from hub.orders
where status = 'settling' and deadline_at <= now()
  and not exists (
    select from hub.deductions as held
    where held.order_id = orders.id and held.refund_row_id is null and held.holds
      and held.points_state in ('confirm_sent', 'confirm_pending', 'confirm_in_doubt', 'confirm_refused', 'applied')
  )
order by deadline_at
limit $1`;

/** A handful of rows: at most one per remote. A pause by hand is none of it. */
const awayRemotesText = `
select remote
from hub.channel_states
where state <> 'closed' and since <= now() - $1::bigint * interval '1 ms'`;

/**
 * Index: deductions_wake_by. Takes no lock: whoever gives a deduction up looks at it again under its order's own. One of
 * which nothing was sent is none of them: its order's deadline ends it. Nor is one that only waits for its late look.
 */
const awayTooLongText = `
select id, order_id
from hub.deductions
where wake_by is not null
  and hub.next_remote(goal, channel, points_state, quota_state) = any ($1::text[])
  and (attention is null or attention = 'retried')
  and (lease_until is null or lease_until <= now())
  and late_check_at is distinct from wake_by
  and case hub.next_remote(goal, channel, points_state, quota_state)
    when 'portal' then quota_state
    else points_state
  end not in ('idle', 'refused', 'void', 'undone')
order by wake_by
limit $2`;

/** Up to `limit` deductions whose remote has been away for `awayMaxMs`, and that are no case. */
export async function awayTooLong(
  database: Database,
  limit: number,
  awayMaxMs: number,
): Promise<readonly { readonly deductionId: string; readonly orderRowId: string }[]> {
  const { rows: away } = await database.query<{ remote: string }>(awayRemotesText, [awayMaxMs]);
  if (away.length === 0) return [];
  const remotes = away.map(({ remote }) => remote);
  const { rows } = await database.transaction(
    (connection) => connection.query<{ id: string; order_id: string }>(awayTooLongText, [remotes, limit]),
    'by_key',
  );
  return rows.map(({ id, order_id: orderRowId }) => ({ deductionId: id, orderRowId }));
}

/** Row ids of up to `limit` orders that had not settled by their deadline. */
export async function overdueOrders(connection: SqlConnection, limit: number): Promise<string[]> {
  const { rows } = await connection.query<{ id: string }>(overdueOrdersText, [limit]);
  return rows.map(({ id }) => id);
}
