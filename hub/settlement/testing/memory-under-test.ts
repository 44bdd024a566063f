import { Points } from '../../core/points.ts';
import { MemoryDatabase } from './memory-database.ts';
import type { Passage } from './memory-rows.ts';

/**
 * The database in memory, as the contract suites want it.
 *
 * @param options.wakeAfterMs by default so long that nothing is overdue by itself
 */
export function memoryUnderTest({ wakeAfterMs } = { wakeAfterMs: 600_000 }) {
  const messages: string[] = [];
  const database = new MemoryDatabase({
    now: () => new Date(),
    random: Math.random,
    wakeAfterMs,
    onAppended: ({ message }) =>
      messages.push(message.type === 'deduction_due' ? message.deductionId : message.order.orderId),
  });
  // Each transaction lets the others go on between its decision and its commit, as a database does.
  const pass: Passage = () => Promise.resolve();
  return {
    database,
    pass,
    store: database.store(pass),
    place: (orderId: string, deadlineAt: Date) => {
      const placed = database.insert({
        order: { mallId: 'shop', orderId, userId: 'ada', deadlineAt, traceparent: undefined },
        deductions: ['airmiles', 'fuelcard'].map((channel) => ({
          channel,
          memberRef: 'ada',
          asked: new Points('5.25'),
          keyBase: 'A'.repeat(26),
          holds: false,
        })),
      });
      return Promise.resolve(placed?.order.id ?? '');
    },
    appended: () => Promise.resolve(messages.splice(0)),
    dispose: () => Promise.resolve(),
  };
}
