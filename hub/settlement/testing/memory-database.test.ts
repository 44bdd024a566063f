import { Points } from '../../core/points.ts';
import { MemoryDatabase } from './memory-database.ts';
import { describeSettlementStore } from './settlement-store-contract.ts';

describeSettlementStore('the store in memory', () => {
  const appended: string[] = [];
  const database = new MemoryDatabase({
    now: () => new Date(),
    random: Math.random,
    wakeAfterMs: 600_000,
    onAppended: ({ message }) =>
      appended.push(message.type === 'deduction_due' ? message.deductionId : message.order.orderId),
  });
  return Promise.resolve({
    // Each transaction lets the others go on between its decision and its commit, as a database does.
    store: database.store(() => Promise.resolve()),
    place: (orderId, deadlineAt) => {
      const placed = database.insert({
        order: { mallId: 'shop', orderId, userId: 'ada', deadlineAt, traceparent: undefined },
        deductions: ['airmiles', 'fuelcard'].map((channel) => ({
          channel,
          memberRef: 'ada',
          asked: new Points('5.25'),
          keyBase: 'A'.repeat(26),
        })),
      });
      return Promise.resolve(placed?.order.id ?? '');
    },
    appended: () => Promise.resolve(appended.splice(0)),
    dispose: () => Promise.resolve(),
  });
});
