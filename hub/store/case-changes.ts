/** The rows of cases as settlement changes them, in the transaction that changes the deduction. */
import type { LegCaseCause } from '../core/attention.ts';
import type { CaseChange, Told } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { LegName } from '../core/leg.ts';
import { errorOf, fingerprintOf, operationOf, suggestionFor } from '../settlement/case-words.ts';
import { describeAnswer } from '../settlement/remote-call.ts';
import type { Statement } from './database.ts';
import { columnsOfLeg } from './leg-columns.ts';

/**
 * What writes the changes. Locks each case's row, after the order's: that is the order in which operations take them, too.
 * Those of a remote's set-up come last and sorted, for many orders share them.
 */
export function caseStatements(changes: readonly CaseChange[]): readonly Statement[] {
  const isShared = ({ type }: CaseChange): boolean => type === 'misconfigured' || type === 'configured';
  const shared = changes.filter(isShared).toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return [...changes.filter((change) => !isShared(change)), ...shared].flatMap(statementsOf);
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

function statementsOf(change: CaseChange): readonly Statement[] {
  switch (change.type) {
    case 'held': {
      const held = openLegStatement(change, change.cause, change.deduction.asked.toFixed());
      return change.isAgain
        ? [held, endRetry(change.deduction.id, change.leg, `held again: ${change.cause}`)]
        : [held];
    }
    case 'late_truth':
      return [
        openLegStatement(change, 'late_truth', change.points.toFixed()),
        endRetry(change.deduction.id, change.leg, 'late truth'),
      ];
    case 'recovered':
      return [
        endRetry(change.deductionId, change.leg, 'recovered'),
        { text: recoverText, values: [change.deductionId, change.leg] },
      ];
    case 'misconfigured':
      return [openSetUpStatement(change)];
    case 'configured': {
      const values = [change.channel, change.leg, change.code];
      // Two statements: the second one's snapshot must be taken when nobody else can be about to close it.
      return [
        { text: lockSetUpText, values },
        { text: recoverSetUpText, values },
      ];
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

function openLegStatement(
  change: Extract<CaseChange, { readonly type: 'held' | 'late_truth' }>,
  cause: LegCaseCause,
  points: string,
): Statement {
  const { deduction, leg: name, told } = change;
  const leg = deduction[name];
  const operation = operationOf(change);
  const error = errorOf(cause, told, leg);
  const values = [
    deduction.id,
    points,
    cause,
    suggestionFor(cause, leg),
    name,
    operation,
    error,
    fingerprintOf(deduction.channel, operation, error),
    JSON.stringify({ ...factsOf(deduction), ...evidenceOf(told) }),
  ];
  return { text: openLegText, values };
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

function endRetry(deductionId: string, leg: LegName, outcome: string): Statement {
  return { text: endRetryText, values: [deductionId, leg, outcome] };
}

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

function openSetUpStatement(change: Extract<CaseChange, { readonly type: 'misconfigured' }>): Statement {
  const { deduction, leg, code, told } = change;
  const { channel } = deduction;
  const operation = operationOf(change);
  const error = errorOf('misconfigured', told, deduction[leg]);
  const values = [
    leg,
    channel,
    code,
    operation,
    error,
    fingerprintOf(channel, operation, error),
    JSON.stringify({ deductionId: deduction.id, ...evidenceOf(told) }),
  ];
  return { text: openSetUpText, values };
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
