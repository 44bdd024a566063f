/** What keeps a deduction from moving by itself, as the columns that keep it. */
import type { MisconfigurationCode } from '@points-hub/adapters';
import type { Attention, LegCaseCause } from '../core/attention.ts';
import type { LegName } from '../core/leg.ts';

export interface AttentionColumns {
  readonly attention: Attention['type'] | null;
  readonly attention_leg: LegName | null;
  readonly attention_cause: string | null;
}

export function attentionOfColumns(columns: AttentionColumns): Attention | undefined {
  const { attention: type, attention_leg: leg, attention_cause: cause } = columns;
  if (type === null || leg === null || cause === null) return undefined;
  switch (type) {
    case 'held':
    case 'retried':
      return { type, leg, cause: cause as LegCaseCause };
    case 'misconfigured':
      return { type, leg, code: cause as MisconfigurationCode };
  }
}

export function columnsOfAttention(attention: Attention | undefined): AttentionColumns {
  if (attention === undefined) return { attention: null, attention_leg: null, attention_cause: null };
  const { type, leg } = attention;
  const cause = attention.type === 'misconfigured' ? attention.code : attention.cause;
  return { attention: type, attention_leg: leg, attention_cause: cause };
}
