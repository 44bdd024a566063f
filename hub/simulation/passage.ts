import type { Passage } from '../settlement/testing/memory-rows.ts';
import { connectionLost } from '../settlement/testing/memory-tables.ts';
import type { DatabaseLink } from './database-link.ts';
import type { HubProcess, World } from './hub-process.ts';

/** Postgres ends a transaction that its client left idle for so long: `idle_in_transaction_session_timeout`. */
const idleInTransactionMs = 30_000;

/** How one process's transactions fare. */
export function passageOf(
  process: HubProcess,
  { world, link }: { readonly world: World; readonly link: DatabaseLink },
): Passage {
  const { faults, dice, time } = world;
  const openTransactions = new Set<() => void>();
  process.whenDead(() => {
    for (const abort of openTransactions) abort();
  });
  const never = (): Promise<void> => new Promise(() => undefined);
  return (point, abort) => {
    switch (point) {
      case 'begin':
        if (link.isAway()) return Promise.reject(connectionLost());
        if (!process.survives('before transaction')) return never();
        openTransactions.add(abort);
        return process.isRunning ? undefined : new Promise((resolve) => process.whenAwake(resolve));
      case 'statement':
        if (link.isAway()) return Promise.reject(connectionLost());
        if (!process.survives('before transaction')) return never();
        if (faults.strikes('transaction lost')) return Promise.reject(connectionLost());
        return process.sleep(dice.whole(1, 4));
      case 'commit': {
        if (!process.survives('before commit')) return never();
        if (faults.strikes('transaction lost')) {
          openTransactions.delete(abort);
          return Promise.reject(connectionLost());
        }
        let isOpen = true;
        if (!process.isRunning) {
          time.after(idleInTransactionMs, () => {
            if (!isOpen) return;
            faults.met('idle transaction ended');
            abort();
          });
        }
        return new Promise((resolve) => {
          process.after(dice.whole(1, 6), () => {
            isOpen = false;
            resolve();
          });
        });
      }
      case 'answer':
        openTransactions.delete(abort);
        if (!process.survives('after commit')) return never();
        if (faults.strikes('commit answer lost')) return Promise.reject(connectionLost());
        return process.isRunning ? undefined : new Promise((resolve) => process.whenAwake(resolve));
    }
  };
}
