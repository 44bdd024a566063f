import { acceptedAnswer, operationAnswer, problemAnswer, type Answer } from './answers.ts';
import type { Desk } from './desk.ts';
import type { OperationEntry, OperationRequest } from './entries.ts';
import type { CallFaults } from './faults/call-faults.ts';
import { isSame, type Terms } from './keyed-operations.ts';
import { parseUnits } from './units.ts';

/** Performs an operation, or what the faults make of it. What it changes is in the journal when it returns. */
export function answerOperation(desk: Desk, request: OperationRequest, faults: CallFaults): Answer {
  const { books, journal } = desk;
  if (request.member !== undefined) {
    const accepted = desk.faults.acceptances(request.channel).get(request.key);
    if (accepted !== undefined)
      return isSame(accepted.request, request) ? acceptedAnswer(accepted) : problemAnswer('KEY_REUSED');
  }
  const isEchoed = desk.natures.get(request.channel)?.echo !== false || request.member === undefined;
  const terms = termsOf(request, faults);
  const isKnown = (faults.async !== undefined || faults.repeat !== undefined) && books.knows(request);
  if (faults.async !== undefined && !isKnown && request.member !== undefined) {
    const verdict = books.judge(request, terms);
    if (verdict.type === 'refused') return problemAnswer(verdict.code);
    const target = desk.faults.planOf(request.channel)?.callback;
    const acceptances = desk.faults.acceptances(request.channel);
    const { acceptance, told } = acceptances.accept(request, faults.async, terms, faults, target);
    return acceptedAnswer(acceptance, told);
  }
  const verdict = books.perform(journal, request, terms);
  switch (verdict.type) {
    case 'new':
      if (isKnown) faults.met('no-idempotency');
      if (faults.amount !== undefined && verdict.entry.code === undefined) faults.met('wrong-amount');
      return operationAnswer(verdict.entry, false, shownUnits(verdict.entry, faults), isEchoed);
    case 'replay':
      if (faults.repeat?.kind === 'duplicate-as-error') {
        faults.met('duplicate-as-error');
        return problemAnswer('DUPLICATE');
      }
      return operationAnswer(verdict.entry, true, shownUnits(verdict.entry, faults), isEchoed);
    case 'refused':
      return problemAnswer(verdict.code);
  }
}

function termsOf(request: OperationRequest, { amount, repeat }: CallFaults): Terms | undefined {
  if (amount === undefined && repeat === undefined) return undefined;
  return {
    ...(repeat?.kind === 'no-idempotency' ? { ignoresKey: true } : {}),
    ...(amount === undefined ? {} : { movingUnits: differing(request.askedUnits, amount.by) }),
  };
}

/** The points that the answer shows, which the books need not agree with. */
function shownUnits(entry: OperationEntry, { amount, after, met }: CallFaults): bigint {
  if (entry.code !== undefined) return entry.movedUnits;
  if (after?.kind === 'wrong-echo') {
    met('wrong-echo');
    return differing(entry.movedUnits, after.by);
  }
  return amount?.echo === 'asked' ? entry.askedUnits : entry.movedUnits;
}

/** So much more, or less with a minus, but not below zero. */
function differing(units: bigint, by: string): bigint {
  const size = parseUnits(by.replace('-', '')) ?? 0n;
  if (!by.startsWith('-')) return units + size;
  return size > units ? 0n : units - size;
}
