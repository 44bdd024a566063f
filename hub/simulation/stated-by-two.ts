/** What two people agree on where no answer of the remote bears it out, as `compensation/compensations.ts` has it. */
import type { Direction } from '../core/action.ts';
import type { Truth } from '../core/case.ts';
import { planCompensation } from '../core/compensation.ts';
import { directionOf } from '../core/operator.ts';
import { Points } from '../core/points.ts';
import { takeEffect } from '../operations/compensation/effect.ts';
import { met } from '../operations/compensation/request.ts';
import { onSubject, type SubjectOptions } from '../operations/subject.ts';
import { directionInWords } from '../settlement/case-words.ts';
import { refused, type Done, type Wish } from '../operations/wish.ts';

/** @throws HubError as a compensation does */
export function stateByTwo(
  options: SubjectOptions,
  { caseId, version, caller, reason }: Wish,
  { truth, direction: ofCase }: { readonly truth: Truth; readonly direction: Direction },
  points: string | null,
): Promise<Done> {
  return onSubject(options, { caseId, version }, ['open', 'ignored'], async (subject) => {
    const { locked, settlement, transaction } = subject;
    const { deductionId, leg, channel, cause, operation } = locked;
    const deduction = settlement?.deductions.find(({ id }) => id === deductionId);
    if (
      settlement === undefined ||
      deduction === undefined ||
      leg === null ||
      channel === null ||
      cause === 'misconfigured' ||
      cause === 'unreadable_message' ||
      cause === 'unmatched_callback'
    ) {
      throw refused('the case is not about a leg');
    }
    const direction = directionInWords(operation);
    // What is signed shows where the leg stands; it does not hold for another place.
    if (cause !== 'late_truth' && ofCase !== directionOf(deduction[leg], deduction.goal))
      throw refused('the leg has moved on');
    const plan = met(
      planCompensation(
        settlement,
        {
          deductionId: deduction.id,
          leg,
          kind: truth.tookEffect === (ofCase !== 'give_back') ? 'mark_done' : 'mark_undone',
          points: truth.tookEffect ? truth.points : undefined,
          remoteId: truth.tookEffect ? truth.remoteId : undefined,
        },
        { cause, direction, points: new Points(points ?? 0) },
        () => 'parts',
      ),
    );
    const compensation = {
      id: caseId,
      deductionId: deduction.id,
      leg,
      channel,
      requestedBy: caller.name,
      reason: reason ?? '',
      evidence: 'the statement of today',
    };
    await takeEffect({ ...subject, settlement, compensation }, plan, 'somebody else', options.policiesOf);
    await transaction.audit(caller, { action: 'compensation.approve', subject: `case:${caseId}` });
    const after = await transaction.lockCase(caseId);
    return {
      operationId: '',
      state: after?.state ?? 'resolved',
      version: after?.version ?? version,
      outcome: 'stated by two',
    };
  });
}
