/** The rows of cases as settlement changes them, in the transaction that changes the deduction. */
import type { SqlConnection } from '@points-hub/outbox';
import type { LegCaseCause } from '../core/attention.ts';
import type { CaseChange, Told } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import { errorOf, fingerprintOf, operationOf, suggestionFor } from '../settlement/case-words.ts';
import { describeAnswer } from '../settlement/remote-call.ts';
import { columnsOfLeg } from './leg-columns.ts';

/**
 * Writes what changed. Locks each case's row, after the order's: that is the order in which operations take them, too.
 * Those of a remote's set-up come last and sorted, for many orders share them.
 */
export async function writeCaseChanges(
  connection: SqlConnection,
  changes: readonly CaseChange[],
): Promise<void> {
  const shared: CaseChange[] = [];
  for (const change of changes) {
    if (change.type === 'misconfigured' || change.type === 'configured') shared.push(change);
    else await writeChange(connection, change);
  }
  for (const change of shared.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))) {
    await writeChange(connection, change);
  }
}

function keyOf(change: CaseChange): string {
  switch (change.type) {
    case 'misconfigured':
      return `${change.deduction.channel} ${change.leg} ${change.code}`;
    case 'configured':
      return `${change.channel} ${change.leg} ${change.code}`;
    case 'held':
    case 'late_truth':
    case 'recovered':
      return '';
  }
}

async function writeChange(connection: SqlConnection, change: CaseChange): Promise<void> {
  switch (change.type) {
    case 'held':
      await openLegCase(connection, change, change.cause, change.deduction.asked.toFixed());
      if (change.isAgain) {
        await connection.query(endRetryText, [
          change.deduction.id,
          change.leg,
          `held again: ${change.cause}`,
        ]);
      }
      return;
    case 'late_truth':
      await openLegCase(connection, change, 'late_truth', change.points.toFixed());
      await connection.query(endRetryText, [change.deduction.id, change.leg, 'late truth']);
      return;
    case 'recovered':
      await connection.query(endRetryText, [change.deductionId, change.leg, 'recovered']);
      await connection.query(recoverText, [change.deductionId, change.leg]);
      return;
    case 'misconfigured':
      return openSetUpCase(connection, change);
    case 'configured': {
      const { channel, leg, code } = change;
      // Two statements: the second one's snapshot must be taken when nobody else can be about to close it.
      await connection.query(lockSetUpText, [channel, leg, code]);
      await connection.query(recoverSetUpText, [channel, leg, code]);
    }
  }
}

/** Index: cases_one_per_leg, which makes a second one of the same leg the first one seen again. */
const openLegText = `
insert into hub.cases (
  order_id, deduction_id, points, cause, suggestion, leg, channel, operation, error, fingerprint, evidence
)
select
  deductions.order_id, deductions.id, $2, $3, $4, $5, deductions.channel, $6, $7, $8,
  $9::jsonb || case
    when $9::jsonb ? 'outcome' then '{}'
    else coalesce(
      (
        select jsonb_build_object('attempt', number, 'outcome', outcome, 'cause', cause, 'answer', evidence)
        from hub.attempts
        where deduction_id = $1 and leg = $5 and finished_at is not null
        order by number desc
        limit 1
      ),
      '{}'
    )
  end
from hub.deductions
where deductions.id = $1
on conflict (deduction_id, leg) where state in ('open', 'ignored') and deduction_id is not null
do update
set count = cases.count + 1,
    version = cases.version + 1,
    last_seen_at = clock_timestamp(),
    points = excluded.points,
    cause = excluded.cause,
    suggestion = excluded.suggestion,
    operation = excluded.operation,
    error = excluded.error,
    fingerprint = excluded.fingerprint,
    evidence = excluded.evidence`;

async function openLegCase(
  connection: SqlConnection,
  change: Extract<CaseChange, { readonly type: 'held' | 'late_truth' }>,
  cause: LegCaseCause,
  points: string,
): Promise<void> {
  const { deduction, leg: name, told } = change;
  const leg = deduction[name];
  const operation = operationOf(change);
  const error = errorOf(cause, told, leg);
  await connection.query(openLegText, [
    deduction.id,
    points,
    cause,
    suggestionFor(cause, leg),
    name,
    operation,
    error,
    fingerprintOf(deduction.channel, operation, error),
    JSON.stringify({ ...factsOf(deduction), ...evidenceOf(told) }),
  ]);
}

/** Where the legs stand, without what the order's page shows anyway. */
function factsOf({ goal, failures, points, quota }: Deduction) {
  return { goal, failures, points: columnsOfLeg(points), quota: columnsOfLeg(quota) };
}

function evidenceOf(told: Told | undefined) {
  if (told === undefined) return {};
  const { outcome, cause, evidence } = describeAnswer(told.answer);
  return { action: told.call.action, outcome, cause, answer: evidence };
}

/** Index: cases_one_per_leg. */
const recoverText = `
update hub.cases
set state = 'recovered', closed_at = clock_timestamp(), last_seen_at = clock_timestamp(), version = version + 1
where deduction_id = $1 and leg = $2 and state in ('open', 'ignored')`;

/** A retry has come to its end. Indexes: cases_one_per_leg, case_operations_one_open. */
const endRetryText = `
update hub.case_operations
set finished_at = clock_timestamp(), outcome = $3
from hub.cases
where cases.deduction_id = $1 and cases.leg = $2 and cases.state in ('open', 'ignored')
  and case_operations.case_id = cases.id and case_operations.finished_at is null
  and case_operations.kind = 'retry'`;

/** Index: cases_one_per_misconfiguration. */
const openSetUpText = `
insert into hub.cases (cause, suggestion, leg, channel, code, operation, error, fingerprint, evidence)
values ('misconfigured', 'fix_set_up', $1, $2, $3, $4, $5, $6, $7)
on conflict (channel, leg, code) where state in ('open', 'ignored') and cause = 'misconfigured'
do update
set count = cases.count + 1,
    version = cases.version + 1,
    last_seen_at = clock_timestamp(),
    evidence = excluded.evidence`;

async function openSetUpCase(
  connection: SqlConnection,
  change: Extract<CaseChange, { readonly type: 'misconfigured' }>,
): Promise<void> {
  const { deduction, leg, code, told } = change;
  const { channel } = deduction;
  const operation = operationOf(change);
  const error = errorOf('misconfigured', told, deduction[leg]);
  await connection.query(openSetUpText, [
    leg,
    channel,
    code,
    operation,
    error,
    fingerprintOf(channel, operation, error),
    JSON.stringify({ deductionId: deduction.id, ...evidenceOf(told) }),
  ]);
}

/** Index: cases_one_per_misconfiguration. */
const lockSetUpText = `
select id
from hub.cases
where channel = $1 and leg = $2 and code = $3 and cause = 'misconfigured' and state in ('open', 'ignored')
for update`;

/** Only once nobody waits any more. Indexes: cases_one_per_misconfiguration, deductions_misconfigured. */
const recoverSetUpText = `
update hub.cases
set state = 'recovered', closed_at = clock_timestamp(), last_seen_at = clock_timestamp(), version = version + 1
where channel = $1 and leg = $2 and code = $3 and cause = 'misconfigured' and state in ('open', 'ignored')
  and not exists (
    select from hub.deductions
    where attention = 'misconfigured' and channel = $1 and attention_leg = $2 and attention_cause = $3
  )`;
