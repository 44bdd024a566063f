/** Requests for compensation as rows. */
import type { SqlConnection } from '@points-hub/outbox';
import type { CompensationKind } from '../core/compensation.ts';
import type { LegName } from '../core/leg.ts';

export const compensationStates = ['requested', 'approved', 'rejected', 'withdrawn', 'expired'] as const;
export type CompensationState = (typeof compensationStates)[number];

export interface Compensation {
  readonly id: string;
  readonly caseId: string | null;
  readonly orderRowId: string;
  readonly deductionId: string;
  readonly lineId: string | null;
  readonly mallId: string;
  readonly orderId: string;
  readonly channel: string;
  readonly leg: LegName;
  readonly kind: CompensationKind;
  /** A canonical decimal text; null for a mark of as many as were asked for. */
  readonly points: string | null;
  readonly remoteId: string | null;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
  readonly state: CompensationState;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decision: string | null;
  readonly verification: 'waiting' | 'confirmed' | 'contradicted' | 'unconfirmed' | null;
  readonly verifyTries: number;
  readonly verifiedAt: Date | null;
  readonly finding: unknown;
}

const columns = `
  asked.id, asked.case_id as "caseId", asked.order_id as "orderRowId", asked.deduction_id as "deductionId",
  asked.line_id as "lineId", orders.mall_id as "mallId", orders.order_id as "orderId", asked.channel, asked.leg,
  asked.kind, trim_scale(asked.points)::text as points, asked.remote_id as "remoteId",
  asked.reason_code as "reasonCode", asked.reason, asked.evidence, asked.state, asked.requested_by as "requestedBy",
  asked.requested_at as "requestedAt", asked.expires_at as "expiresAt", asked.decided_by as "decidedBy",
  asked.decided_at as "decidedAt", asked.decision, asked.verification, asked.verify_tries as "verifyTries",
  asked.verified_at as "verifiedAt", asked.finding`;

const readText = `
select ${columns}
from hub.compensations as asked join hub.orders on orders.id = asked.order_id
where asked.id = $1`;

/** Takes no lock. Index: the primary key. */
export async function readCompensation(
  connection: SqlConnection,
  id: string,
): Promise<Compensation | undefined> {
  return (await connection.query<Compensation>(readText, [id])).rows[0];
}

/** Locks the row, after its order's and its case's. Index: the primary key. */
const lockText = `${readText}
for update of asked`;

/** @returns also whether its time is over */
export async function lockCompensation(
  connection: SqlConnection,
  id: string,
): Promise<(Compensation & { readonly isExpired: boolean }) | undefined> {
  const [row] = (await connection.query<Compensation>(lockText, [id])).rows;
  if (row === undefined) return undefined;
  const { rows } = await connection.query<{ now: Date }>('select clock_timestamp() as now');
  return { ...row, isExpired: row.state === 'requested' && row.expiresAt <= (rows[0]?.now ?? new Date()) };
}

/** Index: compensations_request_key. */
const findByKeyText = `
select ${columns}
from hub.compensations as asked join hub.orders on orders.id = asked.order_id
where asked.requested_by = $1 and asked.request_key = $2`;

export async function findByRequestKey(
  connection: SqlConnection,
  requestedBy: string,
  key: string,
): Promise<Compensation | undefined> {
  return (await connection.query<Compensation>(findByKeyText, [requestedBy, key])).rows[0];
}

/** Index: compensations_by_state, or the primary key, read backwards. */
const listText = `
select ${columns}
from hub.compensations as asked join hub.orders on orders.id = asked.order_id
where ($1::text is null or asked.state = $1) and ($2::bigint is null or asked.id < $2)
order by asked.id desc
limit $3`;

/** The newest first. */
export async function listCompensations(
  connection: SqlConnection,
  state: CompensationState | undefined,
  before: string | undefined,
  limit: number,
): Promise<readonly Compensation[]> {
  return (await connection.query<Compensation>(listText, [state ?? null, before ?? null, limit])).rows;
}

export interface NewCompensation {
  readonly caseId: string | undefined;
  readonly orderRowId: string;
  readonly deductionId: string;
  readonly channel: string;
  readonly leg: LegName;
  readonly kind: CompensationKind;
  readonly points: string | undefined;
  readonly remoteId: string | undefined;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
  readonly requestedBy: string;
  readonly requestKey: string | undefined;
  readonly lastsMs: number;
}

/** Index: compensations_one_request, by which a second request about the same leg is none. */
const insertText = `
insert into hub.compensations (
  case_id, order_id, deduction_id, channel, leg, kind, points, remote_id, reason_code, reason, evidence, requested_by,
  request_key, expires_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, clock_timestamp() + $14 * interval '1 ms')
on conflict (deduction_id, leg) where state = 'requested' do nothing
returning id`;

/** The caller holds the order's lock. @returns its id; undefined if another request waits for a decision */
export async function insertCompensation(
  connection: SqlConnection,
  wanted: NewCompensation,
): Promise<string | undefined> {
  const { caseId, orderRowId, deductionId, channel, leg, kind, points, remoteId } = wanted;
  const { reasonCode, reason, evidence, requestedBy, requestKey, lastsMs } = wanted;
  const { rows } = await connection.query<{ id: string }>(insertText, [
    caseId ?? null,
    orderRowId,
    deductionId,
    channel,
    leg,
    kind,
    points ?? null,
    remoteId ?? null,
    reasonCode,
    reason,
    evidence,
    requestedBy,
    requestKey ?? null,
    lastsMs,
  ]);
  return rows[0]?.id;
}

export interface Decision {
  readonly state: 'approved' | 'rejected' | 'withdrawn';
  readonly by: string;
  readonly text: string | undefined;
  /** What gives back, where something is. */
  readonly lineId: string | undefined;
}

/** The row is under its lock. Index: the primary key. */
const decideText = `
update hub.compensations
set state = $2, decided_by = $3, decision = $4, line_id = $5, decided_at = clock_timestamp(),
  verification = case $2 when 'approved' then 'waiting' end,
  verify_at = case $2 when 'approved' then clock_timestamp() end
where id = $1`;

export async function decideCompensation(
  connection: SqlConnection,
  id: string,
  { state, by, text, lineId }: Decision,
): Promise<void> {
  await connection.query(decideText, [id, state, by, text ?? null, lineId ?? null]);
}

/** Requests that nobody decided upon in time. Index: compensations_to_expire. */
export async function expireCompensations(connection: SqlConnection): Promise<void> {
  await connection.query(
    `update hub.compensations set state = 'expired' where state = 'requested' and expires_at <= clock_timestamp()`,
  );
}

/**
 * Nobody else takes it meanwhile; whoever dies with it lets it come again. Index: compensations_to_verify.
 */
const takeText = `
update hub.compensations
set verify_at = clock_timestamp() + $1 * interval '1 ms'
where id = (
  select id from hub.compensations
  where verify_at <= clock_timestamp()
  order by verify_at
  limit 1
  for update skip locked
)
returning id`;

/** The next one to verify. */
export async function takeToVerify(
  connection: SqlConnection,
  forMs: number,
): Promise<Compensation | undefined> {
  const { rows } = await connection.query<{ id: string }>(takeText, [forMs]);
  return rows[0] === undefined ? undefined : readCompensation(connection, rows[0].id);
}

/** @param isTry whether the remote was asked in vain */
export async function verifyLater(
  connection: SqlConnection,
  id: string,
  afterMs: number,
  isTry: boolean,
): Promise<void> {
  await connection.query(
    `update hub.compensations
     set verify_at = clock_timestamp() + $2 * interval '1 ms', verify_tries = least(verify_tries + $3, 1000)
     where id = $1 and verification = 'waiting'`,
    [id, afterMs, isTry ? 1 : 0],
  );
}

const verifiedText = `
update hub.compensations
set verification = $2, verified_at = clock_timestamp(), verify_at = null, finding = $3
where id = $1 and verification = 'waiting'`;

/** @returns false if another process was first */
export async function writeVerification(
  connection: SqlConnection,
  id: string,
  verification: 'confirmed' | 'contradicted' | 'unconfirmed',
  finding: object,
): Promise<boolean> {
  const { rowCount } = await connection.query(verifiedText, [id, verification, JSON.stringify(finding)]);
  return rowCount === 1;
}

export interface Threshold {
  readonly channel: string;
  readonly pointsMax: string;
  readonly setBy: string;
  readonly setAt: Date;
}

/** A handful of rows. */
export async function listThresholds(connection: SqlConnection): Promise<readonly Threshold[]> {
  const { rows } = await connection.query<Threshold>(
    `select channel, trim_scale(points_max)::text as "pointsMax", set_by as "setBy", set_at as "setAt"
     from hub.compensation_thresholds
     order by channel`,
  );
  return rows;
}

/** Whether one person may compensate so many points alone. Index: the primary key. */
export async function isWithinThreshold(
  connection: SqlConnection,
  channel: string,
  points: string,
): Promise<boolean> {
  const { rowCount } = await connection.query(
    'select from hub.compensation_thresholds where channel = $1 and points_max >= $2',
    [channel, points],
  );
  return rowCount === 1;
}

const setThresholdText = `
insert into hub.compensation_thresholds (channel, points_max, set_by)
values ($1, $2, $3)
on conflict (channel) do update
set points_max = excluded.points_max, set_by = excluded.set_by, set_at = clock_timestamp()`;

/** @param pointsMax undefined: nothing may be compensated by one person alone */
export async function setThreshold(
  connection: SqlConnection,
  channel: string,
  pointsMax: string | undefined,
  by: string,
): Promise<void> {
  if (pointsMax === undefined) {
    await connection.query('delete from hub.compensation_thresholds where channel = $1', [channel]);
  } else await connection.query(setThresholdText, [channel, pointsMax, by]);
}

export interface OrderedDeduction {
  readonly orderRowId: string;
  readonly deductionId: string;
}

/** The settled deduction of an order at a channel. Indexes: the unique ones of orders and deductions. */
export async function findDeduction(
  connection: SqlConnection,
  mallId: string,
  orderId: string,
  channel: string,
): Promise<OrderedDeduction | undefined> {
  const { rows } = await connection.query<OrderedDeduction>(
    `select orders.id as "orderRowId", deductions.id as "deductionId"
     from hub.orders
     join hub.deductions on deductions.order_id = orders.id and refund_row_id is null and channel = $3
     where orders.mall_id = $1 and orders.order_id = $2`,
    [mallId, orderId, channel],
  );
  return rows[0];
}

/** The one line of a refund. Index: the unique one on refunds (order_id, refund_id), and that of deductions. */
export async function findLine(
  connection: SqlConnection,
  orderRowId: string,
  refundId: string,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ id: string }>(
    `select deductions.id
     from hub.refunds
     join hub.deductions on deductions.order_id = refunds.order_id and refund_row_id = refunds.id
     where refunds.order_id = $1 and refund_id = $2`,
    [orderRowId, refundId],
  );
  return rows[0]?.id;
}
