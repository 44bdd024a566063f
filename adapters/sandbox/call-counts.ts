/** What a request is for, as far as its address tells. A portal's `balances` are quotas; `scans` list a member's. */
export const CALL_KINDS = [
  'deductions',
  'refunds',
  'returns',
  'lookups',
  'scans',
  'balances',
  'statements',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** Who is called. */
export type RemoteKind = 'channel' | 'portal';

/** A channel gives points back by refunds, the portal quota by returns; only channels have members to list. */
export function callKindsOf(remote: RemoteKind): readonly CallKind[] {
  const others: readonly CallKind[] = remote === 'channel' ? ['returns'] : ['refunds', 'scans'];
  return CALL_KINDS.filter((kind) => !others.includes(kind));
}

/** Requests seen since the start, refused and repeated ones included; not part of the journal. */
export class CallCounts {
  readonly #counts = new Map<string, Record<CallKind, number>>();

  /** `remote` is a channel's id, or `portal`. */
  add(remote: string, kind: CallKind): void {
    this.of(remote)[kind] += 1;
  }

  of(remote: string): Record<CallKind, number> {
    let counts = this.#counts.get(remote);
    if (counts === undefined) {
      counts = { deductions: 0, refunds: 0, returns: 0, lookups: 0, scans: 0, balances: 0, statements: 0 };
      this.#counts.set(remote, counts);
    }
    return counts;
  }
}
