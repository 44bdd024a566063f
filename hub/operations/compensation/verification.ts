/** Once a compensation has taken effect and its leg is at rest, the remote is asked whether it says the same. */
import { directionOfAction } from '../../core/action.ts';
import { isHeldFirst } from '../../core/deduction.ts';
import type { Logger } from 'pino';
import { verdictOf, verificationOf, type Verdict, type Verification } from '../../core/compensation.ts';
import type { Attempt } from '../../core/advance.ts';
import type { Answer, Deduction } from '../../core/deduction.ts';
import { findingOf } from '../../core/evidence.ts';
import { operationKey } from '../../core/operation-key.ts';
import { callRemote, describeAnswer, type Remotes } from '../../settlement/remote-call.ts';
import { caseStatements } from '../../store/case-changes.ts';
import {
  expireCompensations,
  takeToVerify,
  verifyLater,
  writeVerification,
  type Compensation,
} from '../../store/compensations.ts';
import { runStatements } from '../../store/database.ts';
import { lockSettlements } from '../../store/settlements.ts';
import type { SqlSubjectOptions } from '../sql-subject.ts';

export interface VerificationOptions extends SqlSubjectOptions {
  readonly remotes: Remotes;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** Longer than a call can last: whoever dies in it lets another one ask again. */
const takenForMs = 120_000;
/** Between two looks at a leg that is still on its way. */
const lookAgainMs = 2_000;
const askAgainMs = 5_000;
/** A remote that gives no answer so often leaves the compensation unconfirmed, for people to see. */
const triesMax = 10;

/** Verifies the next compensation that is due. @returns whether there was one */
export async function verifyNext(options: VerificationOptions): Promise<boolean> {
  const { database, policiesOf, log } = options;
  await expireCompensations(database);
  const compensation = await takeToVerify(database, takenForMs);
  if (compensation === undefined) return false;
  const { id, lineId, leg, channel, verifyTries, decidedAt } = compensation;
  const subject = await readSubject(compensation, options);
  const asking = verificationOf(subject.deduction, leg, lineId !== null);
  const policy = policiesOf(channel)[leg];
  // What has just been stated may not have been heard of by the remote's books yet.
  const finalMs = (decidedAt?.getTime() ?? 0) + policy.notFoundFinalAfterMs;
  if (asking.type === 'wait' || Date.now() < finalMs) {
    await verifyLater(database, id, lookAgainMs, false);
    return true;
  }
  if (policy.query === 'none') {
    await writeVerification(database, id, 'unconfirmed', { detail: 'the remote cannot be asked' });
    return true;
  }
  const answer = await ask(subject, compensation, asking, policy.callDeadlineMs, options);
  const verdict = verdictOf(asking, findingOf(answer));
  if (verdict === 'ask_again' && verifyTries + 1 < triesMax) {
    await verifyLater(database, id, askAgainMs, true);
    return true;
  }
  await conclude(compensation, asking, answer, verdict, options);
  log.info({ compensation: id, verification: verdict }, 'a compensation is verified');
  return true;
}

interface Subject {
  readonly deduction: Deduction;
  readonly orderId: string;
}

async function readSubject(
  { orderRowId, lineId, deductionId }: Compensation,
  { database }: SqlSubjectOptions,
): Promise<Subject> {
  const { settlements } = await database.transaction((connection) =>
    lockSettlements(connection, [orderRowId]),
  );
  const settlement = settlements.get(orderRowId);
  const deduction = settlement?.deductions.find(({ id }) => id === (lineId ?? deductionId));
  if (settlement === undefined || deduction === undefined)
    throw new Error(`order row ${orderRowId} vanished`);
  return { deduction, orderId: settlement.order.orderId };
}

/** It only asks: no lease is needed, for nothing can come of it at the remote. */
async function ask(
  { deduction, orderId }: Subject,
  { leg, channel }: Compensation,
  { action }: Extract<Verification, { type: 'ask' }>,
  deadlineMs: number,
  { remotes }: VerificationOptions,
): Promise<Answer> {
  const { id, keyBase, memberRef, asked, attempts } = deduction;
  const now = new Date();
  const direction = directionOfAction(action);
  const attempt: Attempt = {
    deductionId: id,
    token: attempts,
    call: { leg, action },
    key: operationKey(keyBase, leg, direction),
    originalKey:
      direction === 'deduct'
        ? undefined
        : operationKey(deduction.refund?.originalKeyBase ?? keyBase, leg, 'deduct'),
    originalRemoteId: undefined,
    search: undefined,
    channel,
    memberRef,
    points: asked,
    isHold: isHeldFirst(deduction, leg),
    intendedAt: now,
    sendBy: new Date(now.getTime() + deadlineMs),
  };
  return callRemote(remotes, attempt, orderId, { deadlineMs, maySend: () => true });
}

/** What contradicts the leg is late truth: evidence, and a case for people. */
async function conclude(
  { id, orderRowId, leg, lineId, deductionId }: Compensation,
  { action }: Extract<Verification, { type: 'ask' }>,
  answer: Answer,
  verdict: Verdict,
  { database }: SqlSubjectOptions,
): Promise<void> {
  await database.transaction(async (connection) => {
    const { settlements } = await lockSettlements(connection, [orderRowId]);
    const verification = verdict === 'ask_again' ? 'unconfirmed' : verdict;
    const isFirst = await writeVerification(connection, id, verification, describeAnswer(answer));
    if (!isFirst || verification !== 'contradicted') return;
    const deductions = settlements.get(orderRowId)?.deductions ?? [];
    const deduction = deductions.find((one) => one.id === (lineId ?? deductionId));
    if (deduction === undefined) throw new Error(`order row ${orderRowId} vanished`);
    // Somebody has dealt with that already.
    const isCorrected = deductions.some(
      (line) =>
        line.refund !== undefined &&
        line.channel === deduction.channel &&
        line[leg].state !== 'void' &&
        line.id !== lineId,
    );
    if (isCorrected) return;
    const finding = findingOf(answer);
    const points = finding.type === 'done' ? finding.points : deduction.asked;
    const told = { call: { leg, action }, answer };
    await runStatements(connection, caseStatements([{ type: 'late_truth', deduction, leg, points, told }]));
  });
}
