/** Kept callbacks: into the inbox, to what they are about, out of it again. Settlement takes them in. */
import type { Evidence, RejectionReason } from '@points-hub/adapters';
import type { SqlConnection } from '@points-hub/outbox';
import type { Callback } from '../core/callback.ts';
import type { HeardCallback } from '../core/input.ts';
import { Points } from '../core/points.ts';
import type { KnownReference } from '../settlement/callback-references.ts';
import type { KeptCallback, NewCallback } from '../settlement/store-port.ts';
import { deductionDueType, type MessageNames } from '../settlement/topology.ts';
import type { Statement } from './database.ts';

/**
 * Indexes: callback_references' primary key; the unique one on (channel, event_id), which keeps one event once. The
 * message wakes a deduction whose operation is known, in the same transaction.
 */
export const keepText = `
with known as (
  select min(order_id) as order_id, min(deduction_id) as deduction_id, min(direction) as direction
  from hub.callback_references
  where channel = $1 and kind = $4 and reference = $5
  having count(*) = 1
), kept as (
  insert into hub.callbacks (
    order_id, deduction_id, direction, channel, event_id, digest, kind, reference, is_signed, said, points, reason,
    remote_id, evidence, received_at, wake_by
  )
  select
    known.order_id, known.deduction_id, known.direction, $1, $2, $3, $4, $5, $6::boolean, $7, $8::numeric, $9, $10,
    $11::jsonb, $12::timestamptz, clock_timestamp() + $13::bigint * interval '1 ms'
  from (select) as always left join known on true
  where $6::boolean or known.order_id is not null
  on conflict (channel, event_id) do nothing
  returning order_id, deduction_id
), appended as (
  select outbox.append(
    $14, $1, $15, deduction_id::text,
    json_build_object('deductionId', deduction_id::text, 'orderRowId', order_id::text)
  ) as message_id
  from kept
  where order_id is not null
)
select
  (select count(*) from kept) as kept,
  (select count(message_id) from appended) as appended,
  (select digest from hub.callbacks where channel = $1 and event_id = $2) as earlier_digest`;

/** Keeps a callback; see `SettlementStore`. */
export async function keepCallback(
  connection: SqlConnection,
  { channel, eventId, digest, about, isSigned, said, receivedAt }: NewCallback,
  wakeAfterMs: number,
  names: MessageNames,
): Promise<KeptCallback> {
  const { rows } = await connection.query<{ kept: string; earlier_digest: string | null }>(keepText, [
    channel,
    eventId,
    digest,
    about.kind,
    about.reference,
    isSigned,
    said.type,
    said.type === 'done' ? said.points.toFixed() : null,
    said.type === 'rejected' ? said.reason : null,
    said.type === 'done' || said.type === 'pending' ? (said.remoteId ?? null) : null,
    JSON.stringify(said.evidence),
    receivedAt,
    wakeAfterMs,
    names.deductions,
    deductionDueType,
  ]);
  const [row] = rows;
  if (row?.kept === '1') return 'kept';
  const earlier = row?.earlier_digest ?? null;
  if (earlier !== null) return earlier === digest ? 'repeated' : 'conflicting';
  // Signed and not kept: the same event came in twice at once, and the other one's row cannot be seen yet.
  return isSigned ? 'repeated' : 'dropped';
}

interface CallbackRow {
  readonly id: string;
  readonly order_id: string;
  readonly deduction_id: string;
  readonly direction: Callback['direction'];
  readonly received_at: Date;
  readonly said: Callback['said']['type'];
  readonly points: string | null;
  readonly reason: RejectionReason | null;
  readonly remote_id: string | null;
  readonly evidence: Evidence;
}

/** Index: callbacks_unapplied. The orders' locks keep anybody else from taking the same in. */
export const unappliedText = `
select id, order_id, deduction_id, direction, received_at, said, points, reason, remote_id, evidence
from hub.callbacks
where order_id = any ($1::bigint[]) and applied_at is null
order by id`;

/** Callbacks that nobody has taken in yet, by order, the first one first. */
export async function unappliedCallbacks(
  connection: SqlConnection,
  orderRowIds: readonly string[],
): Promise<Map<string, Callback[]>> {
  const { rows } = await connection.query<CallbackRow>(unappliedText, [[...new Set(orderRowIds)]]);
  const byOrder = Map.groupBy(rows, ({ order_id: orderRowId }) => orderRowId);
  return new Map([...byOrder].map(([orderRowId, ofOrder]) => [orderRowId, ofOrder.map(callbackOfRow)]));
}

function callbackOfRow(row: CallbackRow): Callback {
  const { id, deduction_id: deductionId, direction, received_at: receivedAt } = row;
  return { id, deductionId, direction, receivedAt, said: saidOfRow(row) };
}

/** No pause is asked for with a callback: whoever sends them is polled as his answers say. */
const pollAfterMs = 5_000;

/** @throws Error on columns that no callback has, which the CHECKs keep out */
function saidOfRow({ said, points, reason, remote_id: id, evidence }: CallbackRow): Callback['said'] {
  const remoteId = id ?? undefined;
  switch (said) {
    case 'done':
      return { type: said, points: new Points(points ?? ''), remoteId, replayed: false, evidence };
    case 'rejected':
      if (reason === null) throw new Error('a refusal misses its reason');
      return { type: said, reason, evidence };
    case 'pending':
      return { type: said, remoteId, pollAfterMs, evidence };
    case 'hint':
      return { type: said, evidence };
  }
}

/** Index: the primary key. */
const applyText = `
update hub.callbacks
set applied_at = clock_timestamp(), effect = heard.effect, wake_by = null
from json_to_recordset($1::json) as heard (id bigint, effect text)
where callbacks.id = heard.id`;

/**
 * Indexes: callback_references' primary key, callbacks_unmatched, cases_one_per_message. What a second operation of the
 * same name comes upon is not matched: nobody could say which of the two it is about.
 */
export const referText = `
with named as (
  select distinct deduction_id, order_id, channel, kind, reference, direction
  from json_to_recordset($1::json) as named (
    deduction_id bigint, order_id bigint, channel text, kind text, reference text, direction text
  )
), added as (
  insert into hub.callback_references (deduction_id, order_id, channel, kind, reference, direction)
  select deduction_id, order_id, channel, kind, reference, direction from named
  on conflict do nothing
  returning deduction_id, order_id, channel, kind, reference, direction
), matched as (
  update hub.callbacks
  set order_id = added.order_id,
      deduction_id = added.deduction_id,
      direction = added.direction,
      wake_by = clock_timestamp() + $2::bigint * interval '1 ms'
  from added
  where callbacks.order_id is null
    and callbacks.channel = added.channel
    and callbacks.kind = added.kind
    and callbacks.reference = added.reference
    and not exists (
      select from hub.callback_references as other
      where other.channel = added.channel and other.kind = added.kind and other.reference = added.reference
    )
  returning callbacks.channel, callbacks.event_id, callbacks.order_id, callbacks.deduction_id
), recovered as (
  update hub.cases
  set state = 'recovered', closed_at = clock_timestamp(), last_seen_at = clock_timestamp(), version = version + 1
  from matched
  where cases.message_key = 'callback:' || matched.channel || ':' || matched.event_id
    and cases.state in ('open', 'ignored')
)
select outbox.append(
  $3, channel, $4, deduction_id::text,
  json_build_object('deductionId', deduction_id::text, 'orderRowId', order_id::text)
)
from matched`;

/** What settlement decided about callbacks, to be written under the locks of the orders. */
export function callbackStatements(
  {
    heard,
    references,
  }: { readonly heard: readonly HeardCallback[]; readonly references: readonly KnownReference[] },
  wakeAfterMs: number,
  names: MessageNames,
): readonly Statement[] {
  const statements: Statement[] = [];
  if (heard.length > 0) statements.push({ text: applyText, values: [JSON.stringify(heard)] });
  if (references.length > 0) {
    const rows = references.map(({ channel, about, deductionId, orderRowId, direction }) => ({
      deduction_id: deductionId,
      order_id: orderRowId,
      channel,
      direction,
      ...about,
    }));
    const values = [JSON.stringify(rows), wakeAfterMs, names.deductions, deductionDueType];
    statements.push({ text: referText, values });
  }
  return statements;
}
