/** What the people of a remote know and can do: the truth about one leg, from its own books. */
import type { Truth } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { LegName } from '../core/leg.ts';
import { operationKey } from '../core/operation-key.ts';
import { Points } from '../core/points.ts';
import type { CaseView } from '../store/cases.ts';
import type { RemoteBooks } from './remote-books.ts';
import type { RemoteWorld } from './remotes.ts';

/** A request is surely over so long after its intent: the send window and the call's time, and some more. */
const quietAfterMs = 15_000;

/** A case about a leg, and what it is about. */
export interface LegCase {
  readonly view: CaseView;
  readonly leg: LegName;
  readonly deduction: Deduction;
}

/**
 * The truth that a person may state about a leg; undefined as long as there is none: a request may still be on its
 * way, or the remote has not decided.
 */
export function truthOf(world: RemoteWorld, about: LegCase): Truth | undefined {
  const latest = about.view.attempts.at(-1);
  if (latest !== undefined && Date.parse(latest.at) + quietAfterMs > world.time.nowMs) return undefined;
  const statement = booksOf(world, about).statement(keyOf(about));
  if (statement === 'undecided') return undefined;
  if (statement === 'nothing' || statement === 'refused') return { tookEffect: false };
  const points = new Points(statement.cents).dividedBy(100);
  return isGivingBack(about) || statement.cents > 0
    ? { tookEffect: true, points, remoteId: 'T' }
    : { tookEffect: false };
}

/** Has the remote's people bring a refused giving back to its end. False where that is not what is wrong. */
export function completedByHand(world: RemoteWorld, about: LegCase): boolean {
  if (about.deduction[about.leg].state !== 'undo_refused' || !isGivingBack(about)) return false;
  const statement = booksOf(world, about).statement(keyOf(about));
  if (statement === 'nothing' || statement === 'undecided') return false;
  booksOf(world, about).completeByHand(keyOf(about));
  return true;
}

/** As the case itself says; a person knows no better. */
function isGivingBack({ view }: LegCase): boolean {
  return view.operation?.endsWith('.give_back') ?? false;
}

function booksOf({ channels, portal }: RemoteWorld, { leg, deduction }: LegCase): RemoteBooks {
  const remote = leg === 'quota' ? portal : channels.get(deduction.channel);
  if (remote === undefined) throw new Error(`there is no channel ${deduction.channel}`);
  return remote.books;
}

function keyOf(about: LegCase): string {
  const { leg, deduction } = about;
  return operationKey(deduction.keyBase, leg, isGivingBack(about) ? 'give_back' : 'deduct');
}
