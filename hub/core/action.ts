/** What a remote call is for, and in which way it finds something out. */

/**
 * Which way an operation goes: it takes, whether at once or by holding, confirms what is held, or gives back what was
 * taken or held.
 */
export const directions = ['deduct', 'confirm', 'give_back'] as const;
export type Direction = (typeof directions)[number];

/**
 * How a remote is asked what became of an operation: by its key, by looking for our marker among the member's recent
 * transactions, or in the remote's statement. Tried in this order.
 */
export const lookUps = ['query', 'scan', 'statement'] as const;
export type LookUp = (typeof lookUps)[number];

/** What a call is for. Those with a look-up have no effect at the remote. */
const meanings = {
  deduct: { direction: 'deduct', lookUp: undefined },
  /** Instead of `deduct`, where the channel can. */
  hold: { direction: 'deduct', lookUp: undefined },
  find_deduct: { direction: 'deduct', lookUp: 'query' },
  scan_deduct: { direction: 'deduct', lookUp: 'scan' },
  statement_deduct: { direction: 'deduct', lookUp: 'statement' },
  /** What is held is taken for good. */
  confirm: { direction: 'confirm', lookUp: undefined },
  find_confirm: { direction: 'confirm', lookUp: 'query' },
  give_back: { direction: 'give_back', lookUp: undefined },
  /** Instead of `give_back`, of what is held and not confirmed. */
  release: { direction: 'give_back', lookUp: undefined },
  find_give_back: { direction: 'give_back', lookUp: 'query' },
  scan_give_back: { direction: 'give_back', lookUp: 'scan' },
  statement_give_back: { direction: 'give_back', lookUp: 'statement' },
} as const satisfies Record<string, { readonly direction: Direction; readonly lookUp: LookUp | undefined }>;

export type Action = keyof typeof meanings;
export const actions = Object.keys(meanings) as Action[];

/** Which way a call goes, or which way that went which it finds out about. */
export function directionOfAction(action: Action): Direction {
  return meanings[action].direction;
}

/** How a call finds something out; undefined for one that moves something. */
export function lookUpOfAction(action: Action): LookUp | undefined {
  return meanings[action].lookUp;
}

const looking = {
  // Lists show what is done, by the key under which it was taken: who confirms is asked by key alone.
  query: { deduct: 'find_deduct', confirm: 'find_confirm', give_back: 'find_give_back' },
  scan: { deduct: 'scan_deduct', confirm: 'find_confirm', give_back: 'scan_give_back' },
  statement: { deduct: 'statement_deduct', confirm: 'find_confirm', give_back: 'statement_give_back' },
} as const satisfies Record<LookUp, Record<Direction, Action>>;

/** The call that finds out in this way what became of an operation. */
export function actionOfLookUp(lookUp: LookUp, direction: Direction): Action {
  return looking[lookUp][direction];
}
