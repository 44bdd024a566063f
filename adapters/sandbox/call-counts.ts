/** What a request is for, as far as its address tells. */
export type CallKind = 'deductions' | 'refunds' | 'returns' | 'lookups' | 'balances' | 'statements';

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
      counts = { deductions: 0, refunds: 0, returns: 0, lookups: 0, balances: 0, statements: 0 };
      this.#counts.set(remote, counts);
    }
    return counts;
  }
}
