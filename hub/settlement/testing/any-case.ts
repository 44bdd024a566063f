import type { CaseFilter } from '../../store/case-lists.ts';

/** The filter that every case passes. */
export const anyCase: CaseFilter = {
  state: undefined,
  channel: undefined,
  cause: undefined,
  operation: undefined,
  fingerprint: undefined,
  claimedBy: undefined,
  since: undefined,
  until: undefined,
  pointsMin: undefined,
  pointsMax: undefined,
  orderId: undefined,
  user: undefined,
};
