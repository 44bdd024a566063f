/** What a request is for, as far as its address tells. A portal's `balances` are quotas; `scans` list a member's. */
export const CALL_KINDS = [
  'deductions',
  'refunds',
  'holds',
  'confirmations',
  'releases',
  'returns',
  'lookups',
  'scans',
  'balances',
  'statements',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** Who is called. */
export type RemoteKind = 'channel' | 'portal';

/** A channel gives points back by refunds, the portal quota by returns; only channels hold, and have members to list. */
export function callKindsOf(remote: RemoteKind): readonly CallKind[] {
  const others: readonly CallKind[] =
    remote === 'channel' ? ['returns'] : ['refunds', 'holds', 'confirmations', 'releases', 'scans'];
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
      counts = Object.fromEntries(CALL_KINDS.map((one) => [one, 0])) as Record<CallKind, number>;
      this.#counts.set(remote, counts);
    }
    return counts;
  }
}
