/** What a mall may ask to be given back of a settled order. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { readPoints, writePoints } from '../core/points.ts';
import { isReservedRefundId, type RefundAsk } from '../core/refund.ts';
import type { FieldFault } from '../errors.ts';
import { deductionsMax, id, invalid, readShape, type ChannelRules } from './order-request.ts';

export const refundRequestSchema = z
  .strictObject({
    refundId: id('refundId').describe("The mall's own id of the refund; unique per order for ever."),
    deductions: z
      .array(
        z.strictObject({
          channel: z.string().min(1).max(32),
          points: z
            .string('must be a string such as "12.50"')
            .optional()
            .describe('What to give back; default whatever is left of this deduction.'),
        }),
      )
      .min(1, 'must have at least one deduction, or be left out to give back everything')
      .max(deductionsMax, `must have at most ${deductionsMax} deductions`)
      .optional()
      .describe('Default: everything that is left of every deduction.'),
  })
  .meta({ id: 'RefundRequest' });

export interface RefundReading {
  readonly refundId: string;
  /** Undefined: everything that is left. */
  readonly asks: readonly RefundAsk[] | undefined;
  /** Equal exactly for requests with equal content. */
  readonly fingerprint: string;
}

/** Reads a refund request. @throws HubError with every fault at once; its code is that of the first fault */
export function readRefundRequest(body: unknown, channels: ChannelRules): RefundReading {
  const { refundId, deductions } = readShape(refundRequestSchema, body);
  if (isReservedRefundId(refundId)) {
    const detail = 'has the form of the hub\'s own refunds, "correction of case 17"';
    throw invalid([{ field: '/refundId', code: 'HUB_REFUND_ID_RESERVED', detail }]);
  }
  if (deductions === undefined)
    return { refundId, asks: undefined, fingerprint: fingerprintOf(refundId, undefined) };
  const faults: FieldFault[] = [];
  const seen = new Set<string>();
  const asks = deductions.flatMap(({ channel, points }, index): RefundAsk[] => {
    const fault = (field: string, code: FieldFault['code'], detail: string): [] => {
      faults.push({ field: `/deductions/${index}/${field}`, code, detail });
      return [];
    };
    if (seen.has(channel)) return fault('channel', 'HUB_CHANNEL_TWICE', 'appears twice');
    seen.add(channel);
    const rule = channels.get(channel);
    if (rule === undefined) return fault('channel', 'HUB_CHANNEL_UNKNOWN', 'is not a channel of this hub');
    if (points === undefined) return [{ channel, points: undefined }];
    const reading = readPoints(points, rule);
    if (reading.type === 'refused') return fault('points', 'HUB_POINTS_INVALID', reading.reason);
    return [{ channel, points: reading.points }];
  });
  if (faults.length > 0) throw invalid(faults);
  return { refundId, asks, fingerprint: fingerprintOf(refundId, asks) };
}

function fingerprintOf(refundId: string, asks: readonly RefundAsk[] | undefined): string {
  const parts = asks
    ?.map(({ channel, points }) => [channel, points === undefined ? '' : writePoints(points)])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([refundId, parts ?? null]), 'hex');
}
