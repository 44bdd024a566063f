import { readEnvelope } from '@points-hub/outbox';
import { z } from 'zod';
import { deductionDueType } from './topology.ts';

const rowId = z.string().regex(/^[1-9]\d{0,18}$/);
const dataSchema = z.object({ deductionId: rowId, orderRowId: rowId });

export type DueReading =
  | {
      readonly type: 'due';
      readonly deductionId: string;
      readonly orderRowId: string;
      readonly traceparent: string | undefined;
    }
  | { readonly type: 'unreadable'; readonly reason: string };

/** Reads "look at this deduction" off a queue, where anybody may have put anything. Never throws. */
export function readDueMessage(body: Buffer): DueReading {
  const reading = readEnvelope(body);
  if (reading.type === 'unreadable') return reading;
  const { type, data, traceparent } = reading.envelope;
  if (type !== deductionDueType) return { type: 'unreadable', reason: `its type is not ${deductionDueType}` };
  const parsed = dataSchema.safeParse(data);
  if (!parsed.success) return { type: 'unreadable', reason: 'its data names no deduction and order' };
  return { type: 'due', ...parsed.data, traceparent };
}
