import type { Leg, LegState } from '../core/leg.ts';

/** One arrow of the picture in `docs/state-machine.md`. */
export type Move = `${LegState} → ${LegState}`;

/**
 * The arrows that a leg took between two commits. One transaction may record an answer and write the next intent, so
 * two arrows may lie between; the facts of the leg tell which. Undefined: no way leads from `before` to `after`.
 */
export function movesOf(
  before: Leg,
  after: Leg,
  { isOperation, isHold }: { readonly isOperation: boolean; readonly isHold: boolean },
): readonly Move[] | undefined {
  if (before.state === after.state && !isAnewSent(before, after)) return [];
  const between = stateBetween(before, after, isHold);
  const way = between === undefined ? [before.state, after.state] : [before.state, between, after.state];
  const moves = way.slice(1).map((state, index): Move => `${way[index] as LegState} → ${state}`);
  const mayBe = (move: Move): boolean => moveNames.has(move) || (isOperation && operatorMoveNames.has(move));
  return moves.every(mayBe) ? moves : undefined;
}

/** Sent again by the transaction that recorded what became of the last sending. */
function isAnewSent(before: Leg, after: Leg): boolean {
  return (
    (before.state === 'sent' && after.state === 'sent' && before.quietAt < after.quietAt) ||
    (before.state === 'confirm_sent' && after.state === 'confirm_sent' && before.quietAt < after.quietAt) ||
    (before.state === 'undo_sent' && after.state === 'undo_sent' && before.quietAt < after.quietAt)
  );
}

/** The state that was recorded and left again in one transaction. */
function stateBetween({ state }: Leg, after: Leg, isHold: boolean): LegState | undefined {
  switch (after.state) {
    case 'sent':
      if (state === 'idle') return undefined;
      if (after.unproven) return state === 'in_doubt' ? undefined : 'in_doubt';
      return 'idle';
    case 'confirm_sent':
      if (after.unproven) return state === 'confirm_in_doubt' ? undefined : 'confirm_in_doubt';
      return state === 'held' ? undefined : 'held';
    case 'undo_sent':
      if (after.unproven) return state === 'undo_in_doubt' ? undefined : 'undo_in_doubt';
      if (after.taken === undefined) return state === 'in_doubt' ? undefined : 'in_doubt';
      if (state === 'applied' || state === 'held' || state === 'confirm_refused') return undefined;
      // What was pending was refused, or done: either way goes on to here, and no fact tells them apart.
      if (state === 'confirm_pending') return 'confirm_refused';
      return isHold ? 'held' : 'applied';
    case 'idle':
    case 'pending':
    case 'in_doubt':
    case 'held':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'applied':
    case 'refused':
    case 'void':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undone':
    case 'undo_refused':
      return undefined;
  }
}

/** Every arrow that settlement takes by itself; a test holds this list to the picture. */
export const moves = [
  'idle → sent',
  'idle → void',
  'sent → applied',
  'sent → refused',
  'sent → pending',
  'sent → in_doubt',
  'sent → idle',
  'sent → void',
  'pending → applied',
  'pending → refused',
  'pending → void',
  'in_doubt → applied',
  'in_doubt → refused',
  'in_doubt → pending',
  'in_doubt → idle',
  'in_doubt → void',
  'in_doubt → sent',
  'in_doubt → undo_sent',
  'sent → held',
  'pending → held',
  'in_doubt → held',
  'held → confirm_sent',
  'held → undo_sent',
  'held → void',
  'confirm_sent → applied',
  'confirm_sent → confirm_refused',
  'confirm_sent → confirm_pending',
  'confirm_sent → confirm_in_doubt',
  'confirm_sent → held',
  'confirm_pending → applied',
  'confirm_pending → confirm_refused',
  'confirm_in_doubt → applied',
  'confirm_in_doubt → confirm_refused',
  'confirm_in_doubt → confirm_pending',
  'confirm_in_doubt → held',
  'confirm_in_doubt → confirm_sent',
  'confirm_refused → undo_sent',
  'undo_sent → held',
  'undo_in_doubt → held',
  'applied → undo_sent',
  'applied → void',
  'undo_sent → undone',
  'undo_sent → undo_refused',
  'undo_sent → undo_pending',
  'undo_sent → undo_in_doubt',
  'undo_sent → applied',
  'undo_sent → in_doubt',
  'undo_pending → undone',
  'undo_pending → undo_refused',
  'undo_in_doubt → undone',
  'undo_in_doubt → undo_refused',
  'undo_in_doubt → undo_pending',
  'undo_in_doubt → applied',
  'undo_in_doubt → in_doubt',
  'undo_in_doubt → undo_sent',
] as const satisfies readonly Move[];

const moveNames: ReadonlySet<string> = new Set(moves);

/** The arrows that only a person takes; a test holds this list to the picture, too. */
export const operatorMoves = [
  'held → applied',
  'held → undone',
  'idle → held',
  'undo_pending → held',
  'undo_refused → held',
  'confirm_pending → held',
  'confirm_refused → applied',
  'confirm_refused → held',
  'confirm_refused → undone',
  'applied → undone',
  'undo_refused → undone',
  'undo_refused → applied',
  'undo_refused → in_doubt',
  'idle → applied',
  'pending → idle',
  'undo_pending → applied',
  'undo_pending → in_doubt',
] as const satisfies readonly Move[];

const operatorMoveNames: ReadonlySet<string> = new Set(operatorMoves);

/** Arrows that no pair of commits can show here. */
export const hiddenMoves: ReadonlyMap<Move, string> = new Map([
  [
    'applied → void',
    'an answer that took nothing turns its order in the transaction that records it, so no commit shows it applied',
  ],
  ['held → void', 'for the same reason'],
  ['held → applied', 'what is confirmed late is known by its key when it is confirmed again'],
  ['held → undone', 'nobody releases by hand what no request of ours was to release'],
  ['idle → held', 'as idle → applied'],
  [
    'confirm_refused → undone',
    'what is refused while it may be released is released at once, without a case',
  ],
  ['idle → applied', 'a late truth needs a remote that breaks its word on when "not found" is final'],
  ['applied → undone', 'nobody gives back by hand what no request of ours was to give back'],
  ['undo_pending → in_doubt', 'the portal, where alone the taking may be in doubt then, is never pending'],
]);
