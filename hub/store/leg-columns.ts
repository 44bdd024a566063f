/** One leg as the columns that keep it; the CHECK on `hub.is_leg` holds the same rules. */
import type { RejectionReason } from '@points-hub/adapters';
import type { Asked, ConfirmRefusedLeg, Leg, LegState, UndoRefusedLeg } from '../core/leg.ts';
import { Points } from '../core/points.ts';

export interface LegColumns {
  readonly state: LegState;
  readonly first_sent_at: Date | null;
  readonly quiet_at: Date | null;
  readonly unproven: boolean | null;
  readonly asked: Asked | null;
  readonly moved: string | null;
  readonly remote_id: string | null;
  readonly refusal: string | null;
}

const nothing: Omit<LegColumns, 'state'> = {
  first_sent_at: null,
  quiet_at: null,
  unproven: null,
  asked: null,
  moved: null,
  remote_id: null,
  refusal: null,
};

/** Where a leg goes. */
export function columnsOfLeg(leg: Leg): LegColumns {
  const { state } = leg;
  switch (leg.state) {
    case 'idle':
    case 'void':
      return { ...nothing, state };
    case 'sent':
      return {
        ...nothing,
        state,
        first_sent_at: leg.firstSentAt,
        quiet_at: leg.quietAt,
        unproven: leg.unproven,
      };
    case 'pending':
      return {
        ...nothing,
        state,
        first_sent_at: leg.firstSentAt,
        quiet_at: leg.quietAt,
        remote_id: leg.remoteId ?? null,
      };
    case 'in_doubt':
      return { ...nothing, state, first_sent_at: leg.firstSentAt, quiet_at: leg.quietAt, asked: leg.asked };
    case 'held':
    case 'applied':
      return { ...nothing, state, ...columnsOfTaken(leg) };
    case 'refused':
      return { ...nothing, state, refusal: leg.reason };
    case 'confirm_sent':
    case 'undo_sent':
      return {
        ...nothing,
        state,
        ...columnsOfTaken(leg.taken),
        first_sent_at: leg.firstSentAt,
        quiet_at: leg.quietAt,
        unproven: leg.unproven,
      };
    case 'confirm_pending':
    case 'undo_pending':
      return {
        ...nothing,
        state,
        ...columnsOfTaken(leg.taken),
        first_sent_at: leg.firstSentAt,
        quiet_at: leg.quietAt,
      };
    case 'confirm_in_doubt':
    case 'undo_in_doubt':
      return {
        ...nothing,
        state,
        ...columnsOfTaken(leg.taken),
        first_sent_at: leg.firstSentAt,
        quiet_at: leg.quietAt,
        asked: leg.asked,
      };
    case 'undone':
      return { ...nothing, state, moved: leg.points.toFixed() };
    case 'confirm_refused':
    case 'undo_refused':
      return { ...nothing, state, ...columnsOfTaken(leg.taken), refusal: leg.reason };
  }
}

function columnsOfTaken(
  taken: { readonly points: InstanceType<typeof Points>; readonly remoteId: string | undefined } | undefined,
) {
  return { moved: taken?.points.toFixed() ?? null, remote_id: taken?.remoteId ?? null };
}

/** Where a leg comes from. @throws Error on columns that no leg has, which the CHECK keeps out. */
export function legOfColumns(columns: LegColumns): Leg {
  const { state } = columns;
  switch (state) {
    case 'idle':
    case 'void':
      return { state };
    case 'sent':
      return { state, ...sending(columns), unproven: known(columns.unproven) };
    case 'pending':
      return { state, ...sending(columns), remoteId: columns.remote_id ?? undefined };
    case 'in_doubt':
      return { state, ...sending(columns), asked: known(columns.asked) };
    case 'held':
    case 'applied':
      return { state, points: new Points(known(columns.moved)), remoteId: columns.remote_id ?? undefined };
    case 'refused':
      return { state, reason: known(columns.refusal) as RejectionReason };
    case 'confirm_sent':
      return {
        state,
        ...sending(columns),
        taken: known(takenOf(columns)),
        unproven: known(columns.unproven),
      };
    case 'confirm_pending':
      return { state, ...sending(columns), taken: known(takenOf(columns)) };
    case 'confirm_in_doubt':
      return { state, ...sending(columns), taken: known(takenOf(columns)), asked: known(columns.asked) };
    case 'confirm_refused': {
      const reason = known(columns.refusal) as ConfirmRefusedLeg['reason'];
      return { state, taken: known(takenOf(columns)), reason };
    }
    case 'undo_sent':
      return { state, ...sending(columns), taken: takenOf(columns), unproven: known(columns.unproven) };
    case 'undo_pending':
      return { state, ...sending(columns), taken: takenOf(columns) };
    case 'undo_in_doubt':
      return { state, ...sending(columns), taken: takenOf(columns), asked: known(columns.asked) };
    case 'undone':
      return { state, points: new Points(known(columns.moved)) };
    case 'undo_refused':
      return { state, taken: takenOf(columns), reason: known(columns.refusal) as UndoRefusedLeg['reason'] };
  }
}

function sending(columns: LegColumns) {
  return { firstSentAt: known(columns.first_sent_at), quietAt: known(columns.quiet_at) };
}

function takenOf({ moved, remote_id: remoteId }: LegColumns) {
  return moved === null ? undefined : { points: new Points(moved), remoteId: remoteId ?? undefined };
}

function known<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('a leg misses a column that its state needs');
  return value;
}
