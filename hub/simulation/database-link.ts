import type { World } from './hub-process.ts';

/** Whether the database can be reached now. */
export interface DatabaseLink {
  readonly isAway: () => boolean;
}

/** A database that goes away now and then, for all processes at once. */
export function databaseLink({ dice, time, faults }: World): DatabaseLink {
  let awayUntilMs = 0;
  return {
    isAway: () => {
      if (time.nowMs < awayUntilMs) return true;
      if (!dice.chance(0.02) || !faults.strikes('database away')) return false;
      awayUntilMs = time.nowMs + dice.whole(200, 15_000);
      return true;
    },
  };
}

/** Whether an error says that the database was away. */
export function isAway(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && error.code === '57P01';
}
