/** Behaviours of the list that no adapter can show or spoil, and what proves each instead. */
export interface NotHere {
  readonly id: string;
  readonly rule: string;
  readonly why: string;
  /** Files from the root of the project. */
  readonly provenBy: readonly string[];
}

const CALLBACKS = ['hub/core/callback.test.ts', 'hub/callbacks/callbacks.integration.test.ts'] as const;

export const NOT_HERE: readonly NotHere[] = [
  {
    id: 'C32',
    rule: 'expired points come back as the policy says',
    why: 'no answer of a channel shows it; capabilities.expiryOnRefund says what is promised',
    provenBy: [],
  },
  {
    id: 'C36',
    rule: 'a hold that is over by itself is the member’s again',
    why: 'no shipped channel lets a hold end within the time of a try',
    provenBy: ['adapters/testing/holds-contract.ts', 'hub/settlement/holds.integration.test.ts'],
  },
  {
    id: 'C38',
    rule: 'a part that is confirmed releases the rest',
    why: 'holds are confirmed whole by contract',
    provenBy: [],
  },
  {
    id: 'C42',
    rule: 'callbacks that come out of order change nothing that is proven',
    why: 'the hub keeps and applies callbacks',
    provenBy: [...CALLBACKS, 'hub/simulation/callback-senders.ts'],
  },
  {
    id: 'C43',
    rule: 'a callback that comes before the answer counts',
    why: 'the hub keeps and applies callbacks',
    provenBy: [...CALLBACKS, 'hub/simulation/callback-senders.ts'],
  },
  {
    id: 'C47',
    rule: 'days are cut at midnight of the zone',
    why: 'adapters share one calculation of days',
    provenBy: ['adapters/look-ups/day-window.test.ts', 'adapters/declarative/expressions.test.ts'],
  },
  {
    id: 'C53',
    rule: 'calls for one member wait for each other',
    why: 'the hub keeps capabilities.perUserLane',
    provenBy: ['hub/settlement/turns.integration.test.ts', 'hub/core/pace.property.test.ts'],
  },
  {
    id: 'C54',
    rule: 'a process that dies anywhere loses nothing',
    why: 'the hub is killed at every call',
    provenBy: ['hub/simulation/simulation.test.ts'],
  },
];
