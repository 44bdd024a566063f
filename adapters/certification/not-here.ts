/** Behaviours of the list that no adapter can show or spoil, and where each is proven instead. */
export const NOT_HERE: readonly { readonly id: string; readonly rule: string; readonly why: string }[] = [
  {
    id: 'C32',
    rule: 'expired points come back as the policy says',
    why: 'no answer of a channel shows it; capabilities.expiryOnRefund says what is promised',
  },
  ...['C34', 'C35', 'C36', 'C37', 'C38'].map((id) => ({ id, rule: 'holds', why: 'adapters have no holds' })),
  ...['C42', 'C43'].map((id) => ({
    id,
    rule: 'callbacks that are out of order or early',
    why: 'the hub keeps and applies callbacks; its simulation meets these',
  })),
  {
    id: 'C47',
    rule: 'days are cut at midnight of the zone',
    why: 'adapters share one calculation of days, with tests of its own',
  },
  { id: 'C50', rule: 'statements that differ are told apart', why: 'the hub compares statements' },
  {
    id: 'C53',
    rule: 'calls for one member wait for each other',
    why: 'the hub keeps capabilities.perUserLane',
  },
  {
    id: 'C54',
    rule: 'a process that dies anywhere loses nothing',
    why: 'the simulation of the hub kills it at every call',
  },
];
