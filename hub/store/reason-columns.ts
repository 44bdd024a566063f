import type { CancelReason } from '../core/order.ts';

/** Why an order was not to settle, as the columns that keep it; the CHECK `reason_is_whole` holds the same rule. */
export interface ReasonColumns {
  readonly reason_code: CancelReason['code'] | null;
  readonly reason_channel: string | null;
  readonly reason_leg: 'points' | 'quota' | null;
}

export function columnsOfReason(reason: CancelReason | undefined): ReasonColumns {
  if (reason === undefined) return { reason_code: null, reason_channel: null, reason_leg: null };
  return 'channel' in reason
    ? { reason_code: reason.code, reason_channel: reason.channel, reason_leg: reason.leg }
    : { reason_code: reason.code, reason_channel: null, reason_leg: null };
}

/** @throws Error on columns that no reason has, which the CHECK keeps out */
export function reasonOfColumns(columns: ReasonColumns): CancelReason | undefined {
  const { reason_code: code, reason_channel: channel, reason_leg: leg } = columns;
  if (code === null) return undefined;
  if (code === 'cancelled_by_mall' || code === 'deadline_passed') return { code };
  if (channel === null || leg === null) throw new Error(`the reason ${code} names no channel and leg`);
  return { code, channel, leg };
}
