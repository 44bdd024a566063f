/** What operations on cases write. Each runs in a transaction of the caller that locked the order first. */
import type { SqlConnection } from '@points-hub/outbox';
import type { LegName } from '../core/leg.ts';
import type { CaseCause, CaseState } from './cases.ts';

export type OperationKind = 'claim' | 'note' | 'query' | 'retry' | 'resolve' | 'ignore' | 'restore';

export interface CaseSubject {
  readonly orderRowId: string | null;
  readonly deductionId: string | null;
}

/** What a case is about, which never changes. Takes no lock. Index: the primary key. */
export async function readCaseSubject(
  connection: SqlConnection,
  caseId: string,
): Promise<CaseSubject | undefined> {
  const { rows } = await connection.query<CaseSubject>(
    'select order_id as "orderRowId", deduction_id as "deductionId" from hub.cases where id = $1',
    [caseId],
  );
  return rows[0];
}

export interface LockedCase extends CaseSubject {
  readonly id: string;
  readonly version: number;
  readonly state: CaseState;
  readonly cause: CaseCause;
  readonly leg: LegName | null;
  readonly channel: string | null;
  readonly code: string | null;
  /** Leg and direction, e.g. `points.give_back`. */
  readonly operation: string | null;
  readonly isBusy: boolean;
}

/** Locks the case's row, after its order's. Index: the primary key. */
const lockCaseText = `
select id from hub.cases where id = $1 for update`;

/** A call that died with its process keeps nobody out. Index: case_operations_one_open. */
const endExpiredText = `
update hub.case_operations
set finished_at = clock_timestamp(), outcome = 'abandoned'
where case_id = $1 and finished_at is null and expires_at < clock_timestamp()`;

/** A statement of its own, so that its snapshot is taken after the lock was granted. */
const readLockedText = `
select
  id, order_id as "orderRowId", deduction_id as "deductionId", version, state, cause, leg, channel, code, operation,
  exists (
    select from hub.case_operations as operation where operation.case_id = cases.id and operation.finished_at is null
  ) as "isBusy"
from hub.cases
where id = $1`;

export async function lockCase(connection: SqlConnection, caseId: string): Promise<LockedCase | undefined> {
  await connection.query(lockCaseText, [caseId]);
  await connection.query(endExpiredText, [caseId]);
  return (await connection.query<LockedCase>(readLockedText, [caseId])).rows[0];
}

export interface NewOperation {
  readonly caseId: string;
  readonly kind: OperationKind;
  readonly operator: string;
  readonly reason: string | undefined;
  readonly details: object;
  /** Undefined while it is under way. */
  readonly outcome: string | undefined;
  readonly expiresAt: Date | undefined;
}

const insertOperationText = `
insert into hub.case_operations (case_id, kind, operator, reason, details, outcome, finished_at, expires_at)
values ($1, $2, $3, $4, $5, $6, case when $6::text is not null then clock_timestamp() end, $7)
returning id`;

/** Records an operation. Index: case_operations_one_open, which refuses a second one under way. @returns its id */
export async function insertOperation(connection: SqlConnection, operation: NewOperation): Promise<string> {
  const { caseId, kind, operator, reason, details, outcome, expiresAt } = operation;
  const { rows } = await connection.query<{ id: string }>(insertOperationText, [
    caseId,
    kind,
    operator,
    reason ?? null,
    JSON.stringify(details),
    outcome ?? null,
    expiresAt ?? null,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement that records an operation always returns one row');
  return row.id;
}

/** Ends an operation, unless it was given up meanwhile. Index: the primary key. */
export async function finishOperation(
  connection: SqlConnection,
  operationId: string,
  outcome: string,
  details: object,
): Promise<void> {
  await connection.query(
    `update hub.case_operations
     set finished_at = clock_timestamp(), outcome = $2, details = details || $3::jsonb
     where id = $1 and finished_at is null`,
    [operationId, outcome, JSON.stringify(details)],
  );
}

/** Index: the primary key. */
const changeCaseText = `
update hub.cases
set version = version + 1,
    state = $2,
    closed_at = case when $2 in ('resolved', 'recovered') then coalesce(closed_at, clock_timestamp()) end,
    claimed_by = coalesce($3, claimed_by),
    claimed_at = case when $3::text is null then claimed_at else clock_timestamp() end
where id = $1
returning version`;

/** The case's next version. @returns it */
export async function changeCase(
  connection: SqlConnection,
  caseId: string,
  state: CaseState,
  claimedBy?: string,
): Promise<number> {
  const values = [caseId, state, claimedBy ?? null];
  const { rows } = await connection.query<{ version: number }>(changeCaseText, values);
  return rows[0]?.version ?? 0;
}

export interface WaitingDeduction {
  readonly id: string;
  readonly orderRowId: string;
}

/** Index: deductions_misconfigured. Takes no lock: each is looked at again under its order's. */
export async function listWaiting(
  connection: SqlConnection,
  { channel, leg, code }: Pick<LockedCase, 'channel' | 'leg' | 'code'>,
  after: string,
  limit: number,
): Promise<readonly WaitingDeduction[]> {
  const { rows } = await connection.query<WaitingDeduction>(
    `select id, order_id as "orderRowId"
     from hub.deductions
     where attention = 'misconfigured' and channel = $1 and attention_leg = $2 and attention_cause = $3 and id > $4
     order by id
     limit $5`,
    [channel, leg, code, after, limit],
  );
  return rows;
}

export interface Correction {
  readonly deductionId: string;
  readonly leg: LegName;
  readonly points: string;
  readonly remoteId: string | undefined;
  /** It is held, not taken for good: it is released. */
  readonly isHeld: boolean;
  readonly refundId: string;
  readonly keyBase: string;
}

/**
 * What is in effect beside a closed leg, as a refund line whose other leg has nothing to give back, and a message for
 * it. The caller holds the order's lock.
 */
const insertCorrectionText = `
with refund as (
  insert into hub.refunds (order_id, refund_id, fingerprint)
  select order_id, $2, '' from hub.deductions where id = $1
  returning id, order_id
), line as (
  insert into hub.deductions (
    order_id, refund_row_id, channel, member_ref, asked, key_base, holds, goal, wake_by,
    points_state, points_moved, points_remote_id, quota_state, quota_moved, quota_remote_id
  )
  select
    refund.order_id, refund.id, original.channel, original.member_ref, $3, $4, $9, 'undo', now() + interval '30 s',
    case when $5 = 'quota' then 'undone' when $9 then 'held' else 'applied' end,
    case $5 when 'points' then $3::numeric else 0 end,
    case $5 when 'points' then $6::text end,
    case $5 when 'quota' then 'applied' else 'void' end,
    case $5 when 'quota' then $3::numeric end,
    case $5 when 'quota' then $6::text end
  from refund
  join hub.deductions as original on original.id = $1
  returning id, order_id, channel
)
select outbox.append(
  $7, line.channel, $8, line.id::text,
  json_build_object('deductionId', line.id::text, 'orderRowId', line.order_id::text)
) as message_id
from line`;

export async function insertCorrection(
  connection: SqlConnection,
  { deductionId, leg, points, remoteId, isHeld, refundId, keyBase }: Correction,
  message: { readonly exchange: string; readonly type: string },
): Promise<void> {
  const { exchange, type } = message;
  await connection.query(insertCorrectionText, [
    deductionId,
    refundId,
    points,
    keyBase,
    leg,
    remoteId ?? null,
    exchange,
    type,
    isHeld,
  ]);
}
