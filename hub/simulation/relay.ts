import { writeEnvelope } from '@points-hub/outbox';
import type { OutboxRow } from '../settlement/testing/memory-rows.ts';
import { deductionDueType } from '../settlement/topology.ts';
import type { HubProcess, World } from './hub-process.ts';
import type { Messaging } from './messaging.ts';

/**
 * What `outbox/relay.ts` promises, without its SQL: a committed message is published at least once, by some running
 * process, soon after it is due; one that was not confirmed is published again.
 */
export function relay(
  world: World,
  messaging: Messaging,
  processes: () => readonly HubProcess[],
): (row: OutboxRow) => void {
  const { dice, time, faults, trace } = world;

  function later(delayMs: number, row: OutboxRow): void {
    time.after(delayMs, () => publish(row));
  }

  function publish(row: OutboxRow): void {
    const { message } = row;
    // Events for others end here: nobody in this world listens.
    if (message.type !== 'deduction_due') return;
    const running = processes().filter(({ isRunning }) => isRunning);
    if (running.length === 0) return later(500, row);
    const process = dice.pick(running);
    if (!process.survives('before publishing')) return later(100, row);
    const { deductionId, orderRowId, channel } = message;
    const body = writeEnvelope({
      id: row.id,
      source: '/simulation',
      type: deductionDueType,
      subject: deductionId,
      traceparent: null,
      time: row.availableAt.toISOString(),
      dataJson: JSON.stringify({
        deductionId,
        orderRowId,
      }),
    });
    trace.note(time.elapsedMs, `message ${row.id} for deduction ${deductionId} published`);
    const route = { exchange: 'deductions', routingKey: channel, mandatory: true };
    const outcome = messaging.publish({ id: row.id, ...route, body });
    const isDeleted = outcome.type === 'confirmed' && process.survives('after publishing');
    if (!isDeleted) {
      faults.met('message published again');
      later(dice.whole(500, 3_000), row);
    }
  }

  return (row) => later(Math.max(0, row.availableAt.getTime() - time.nowMs) + dice.whole(1, 20), row);
}
