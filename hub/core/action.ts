/** What a remote call is for, and in which way it finds something out. */

/** Which way an operation goes: it takes, or gives back what was taken. */
export type Direction = 'deduct' | 'give_back';

/**
 * How a remote is asked what became of an operation: by its key, by looking for our marker among the member's recent
 * transactions, or in the remote's statement. Tried in this order.
 */
export const lookUps = ['query', 'scan', 'statement'] as const;
export type LookUp = (typeof lookUps)[number];

/** What a call is for. Those with a look-up have no effect at the remote. */
const meanings = {
  deduct: { direction: 'deduct', lookUp: undefined },
  find_deduct: { direction: 'deduct', lookUp: 'query' },
  scan_deduct: { direction: 'deduct', lookUp: 'scan' },
  statement_deduct: { direction: 'deduct', lookUp: 'statement' },
  give_back: { direction: 'give_back', lookUp: undefined },
  find_give_back: { direction: 'give_back', lookUp: 'query' },
  scan_give_back: { direction: 'give_back', lookUp: 'scan' },
  statement_give_back: { direction: 'give_back', lookUp: 'statement' },
} as const satisfies Record<string, { readonly direction: Direction; readonly lookUp: LookUp | undefined }>;

export type Action = keyof typeof meanings;
export const actions = Object.keys(meanings) as Action[];

/** Whether a call takes or gives back, or finds out about taking or giving back. */
export function directionOfAction(action: Action): Direction {
  return meanings[action].direction;
}

/** How a call finds something out; undefined for one that moves something. */
export function lookUpOfAction(action: Action): LookUp | undefined {
  return meanings[action].lookUp;
}

const looking = {
  query: { deduct: 'find_deduct', give_back: 'find_give_back' },
  scan: { deduct: 'scan_deduct', give_back: 'scan_give_back' },
  statement: { deduct: 'statement_deduct', give_back: 'statement_give_back' },
} as const satisfies Record<LookUp, Record<Direction, Action>>;

/** The call that finds out in this way what became of an operation. */
export function actionOfLookUp(lookUp: LookUp, direction: Direction): Action {
  return looking[lookUp][direction];
}
