/** What the people of a remote know and can do: the truth about one leg, from its own books. */
import type { Decimal } from 'decimal.js';
import type { Direction } from '../core/action.ts';
import type { Truth } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { LegName } from '../core/leg.ts';
import { operationKey } from '../core/operation-key.ts';
import { directionOf } from '../core/operator.ts';
import { Points } from '../core/points.ts';
import { directionInWords } from '../settlement/case-words.ts';
import type { CaseView } from '../store/cases.ts';
import type { RemoteBooks } from './remote-books.ts';
import type { RemoteWorld } from './remotes.ts';

/** A request is surely over so long after its intent: the send window and the call's time, and some more. */
const quietAfterMs = 15_000;
/** At a remote that breaks its word nobody is sure so soon. */
const brokenQuietAfterMs = 60_000;

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
  const books = booksOf(world, about);
  const quietMs = books.nature.breaksWord !== 'never' ? brokenQuietAfterMs : quietAfterMs;
  if (latest !== undefined && Date.parse(latest.at) + quietMs > world.time.nowMs) return undefined;
  if (hasNoCallFor(about)) {
    const cents = books.givenBackByHand(takingKeyOf(about));
    return cents === 0 ? undefined : { tookEffect: true, points: pointsOf(cents), remoteId: undefined };
  }
  const statement = books.truth(keyOf(about));
  if (statement === 'undecided') return undefined;
  if (statement === 'nothing' || statement === 'refused') return { tookEffect: false };
  const { cents, remoteId } = statement;
  return isGivingBack(about) || cents > 0
    ? { tookEffect: true, points: pointsOf(cents), remoteId }
    : { tookEffect: false };
}

function pointsOf(cents: number): Decimal {
  return new Points(cents).dividedBy(100);
}

/**
 * Has the remote's people bring a refused giving back to its end, or give back what no request can. False where that is
 * not what is wrong.
 */
export function completedByHand(world: RemoteWorld, about: LegCase): boolean {
  if (hasNoCallFor(about)) return booksOf(world, about).giveBackByHand(takingKeyOf(about)) > 0;
  const leg = about.deduction[about.leg];
  const { state } = leg;
  // Whatever it waited for at first.
  const isAnotherAmount = state === 'confirm_refused' && leg.reason === 'another_amount';
  if (isAnotherAmount && directionAsked(about) === 'confirm') {
    booksOf(world, about).confirmByHand(keyOf(about));
    return true;
  }
  if (state !== 'undo_refused' || !isGivingBack(about)) return false;
  const statement = booksOf(world, about).truth(keyOf(about));
  if (statement === 'nothing' || statement === 'undecided') return false;
  booksOf(world, about).completeByHand(keyOf(about));
  return true;
}

/** Points have to go back, and the remote has no call for that. */
function hasNoCallFor({ view, deduction }: LegCase): boolean {
  return view.cause === 'cannot_give_back' && deduction.points.state === 'applied';
}

/** What the truth is about: the case shows where its leg stands, which may have moved on since it was opened. */
export function directionAsked({ view, leg, deduction }: LegCase): Direction {
  return view.cause === 'late_truth'
    ? directionInWords(view.operation)
    : directionOf(deduction[leg], deduction.goal);
}

function isGivingBack(about: LegCase): boolean {
  return directionAsked(about) === 'give_back';
}

function booksOf({ channels, portal }: RemoteWorld, { leg, deduction }: LegCase): RemoteBooks {
  const remote = leg === 'quota' ? portal : channels.get(deduction.channel);
  if (remote === undefined) throw new Error(`there is no channel ${deduction.channel}`);
  return remote.books;
}

function keyOf(about: LegCase): string {
  const { leg, deduction } = about;
  return operationKey(deduction.keyBase, leg, directionAsked(about));
}

function takingKeyOf({ leg, deduction }: LegCase): string {
  return operationKey(deduction.refund?.originalKeyBase ?? deduction.keyBase, leg, 'deduct');
}
