import { mkdirSync, statfsSync } from 'node:fs';
import type { Plan } from './arguments.ts';
import { bytesPerEndedOrder } from './stand/load-orders.ts';

/** On disk per waiting order: rows, messages in the outbox and then in RabbitMQ, write-ahead logs; rounded up. */
const bytesPerWaitingOrder = 6_000;
/** On disk per case with its order and deduction, and a row of the audit, their indexes and write-ahead logs. */
const bytesPerDeskRow = 3_000;
/** Servers, logs, and what a run of the small scenarios leaves until it ends. */
const bytesAlways = 3e9;

/** What a run needs at most at one time: scenarios clear up after themselves. */
export function bytesNeeded({ scenarios, sizes, isQuick }: Plan): number {
  const history = scenarios.includes('history') ? Math.max(...sizes.historyOrders) * bytesPerEndedOrder : 0;
  const backlog = scenarios.includes('backlog') ? sizes.backlogOrders * bytesPerWaitingOrder : 0;
  const desk = scenarios.includes('desk') ? sizes.deskRows * bytesPerDeskRow : 0;
  return (isQuick ? bytesAlways / 10 : bytesAlways) + Math.max(history, backlog, desk);
}

/**
 * Says what is needed and what is there.
 *
 * @throws Error when that is too little, before anything was started
 */
export function checkDisk(plan: Plan, folder: string, say: (line: string) => void): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  const [needed, there] = [bytesNeeded(plan), bavail * bsize];
  say(`Disk: ${inGb(needed)} needed in ${folder}, ${inGb(there)} free`);
  if (needed > there)
    throw new Error(
      `not enough disk in ${folder}; name another folder with --data, or leave scenarios out with --only`,
    );
}

function inGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
