/** By what a channel's callbacks may name an operation: our key from its intent on, and the channel's own id once told. */
import type { CallbackReference } from '@points-hub/adapters';
import { directionOfAction, type Direction } from '../core/action.ts';
import type { Attempt, Input, Verdict } from '../core/advance.ts';
import type { Answer, Call } from '../core/deduction.ts';

/** One name of one operation. */
export interface KnownReference {
  readonly channel: string;
  readonly about: CallbackReference;
  readonly deductionId: string;
  readonly orderRowId: string;
  readonly direction: Direction;
}

/** What becomes known by an input and the verdict on it. Only channels send callbacks, so the quota has none. */
export function referencesOf(
  channel: string,
  orderRowId: string,
  input: Input,
  verdict: Verdict,
): KnownReference[] {
  const references: KnownReference[] = [];
  const add = (call: Call, deductionId: string, about: CallbackReference): void => {
    if (call.leg !== 'points') return;
    references.push({ channel, about, deductionId, orderRowId, direction: directionOfAction(call.action) });
  };
  if (input.type === 'outcome') {
    const remoteId = remoteIdOf(input.answer);
    if (remoteId !== undefined)
      add(input.call, input.deductionId, { kind: 'remote_id', reference: remoteId });
  }
  if (verdict.type === 'call') {
    const { call, deductionId, key }: Attempt = verdict.attempt;
    add(call, deductionId, { kind: 'key', reference: key });
  }
  return references;
}

function remoteIdOf({ outcome }: Answer): string | undefined {
  const told = outcome.type === 'found' ? outcome.outcome : outcome;
  return told.type === 'done' || told.type === 'pending' ? told.remoteId : undefined;
}
