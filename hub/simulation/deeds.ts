/** What requests to a remote are for, in the words of the audit. */
import type { Deed, Movement } from './book-requests.ts';

/** Each operation of a deduction has one key per purpose. */
export type Purpose = 'taking' | 'confirming' | 'returning';

export const purposes = {
  take: 'taking',
  hold: 'taking',
  confirm: 'confirming',
  give_back: 'returning',
  release: 'returning',
} as const satisfies Record<Deed, Purpose>;

export function deedInWords(deed: Movement['deed'], moved: number): string {
  switch (deed) {
    case 'take':
    case 'give_back':
    case 'by_hand':
      return moved > 0 ? 'taken' : 'given back';
    case 'hold':
      return 'held';
    case 'confirm':
      return 'confirmed';
    case 'release':
      return 'released';
    case 'expire':
      return 'expired';
  }
}
