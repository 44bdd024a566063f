/** Behaviours of the list that no adapter can show or spoil, and where each is proven instead. */
export const NOT_HERE: readonly { readonly id: string; readonly rule: string; readonly why: string }[] = [
  { id: 'C7', rule: 'zero and negative points are refused', why: 'the hub refuses them at its door' },
  {
    id: 'C18',
    rule: 'a clock that is off beyond the window is told',
    why: 'no channel of the sandbox checks our clock',
  },
  {
    id: 'C19',
    rule: 'a duplicate is never a refusal',
    why: 'what a duplicate looks like only the channel knows; C1 and C3 meet it where keys replay',
  },
  {
    id: 'C32',
    rule: 'expired points come back as the policy says',
    why: 'descriptions promise nothing of expiry',
  },
  {
    id: 'C33',
    rule: 'a part is refused where only the whole can be given back',
    why: 'the hub refuses it by capabilities.partialRefund',
  },
  {
    id: 'C36',
    rule: 'a hold that is over is not confirmed',
    why: 'no kit waits for so long; C35 shows how the end of a hold is told',
  },
  {
    id: 'C38',
    rule: 'a hold that is confirmed in part gives the rest free',
    why: 'the hub confirms the whole of a hold',
  },
  ...['C41', 'C42', 'C43'].map((id) => ({
    id,
    rule: 'callbacks that are doubled, out of order or early',
    why: 'the hub keeps and applies callbacks; its simulation meets these',
  })),
  {
    id: 'C47',
    rule: 'days are cut at midnight of the zone',
    why: 'adapters share one calculation of days, with tests of its own',
  },
  {
    id: 'C48',
    rule: 'pages are stable while transactions come in',
    why: 'adapters share one reader of lists, with tests of its own',
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
