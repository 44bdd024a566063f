/** Cases that came and went, in spans that a drawing and a table share. */
import type { Schemas } from './api.ts';

export type Hour = Schemas['CaseFlow']['hours'][number];

/** Cases opened and ended within some hours. */
export interface Span {
  readonly at: string;
  readonly opened: number;
  readonly ended: number;
}

/** The latest `hours` of them in spans of `each`, the last of which ends now; `each` divides `hours`. */
export function spansOf(all: readonly Hour[], hours: number, each: number): readonly Span[] {
  const latest = all.slice(-hours);
  const spans: Span[] = [];
  for (let begin = 0; begin < latest.length; begin += each) {
    const within = latest.slice(begin, begin + each);
    const [first] = within;
    if (first !== undefined) spans.push({ at: first.at, ...sumOf(within) });
  }
  return spans;
}

export function sumOf(spans: readonly Omit<Span, 'at'>[]): Omit<Span, 'at'> {
  return {
    opened: spans.reduce((sum, { opened }) => sum + opened, 0),
    ended: spans.reduce((sum, { ended }) => sum + ended, 0),
  };
}
