import { createTestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { placeOrder } from '../../intake/place-order.ts';
import type { SettlementStore } from '../../settlement/store-port.ts';
import { messageNames } from '../../settlement/topology.ts';
import { openDatabase, type Database } from '../database.ts';
import { migrateHub } from '../migrate.ts';
import { settlementStore } from '../settlements.ts';

/** A database of its own with a mall and two channels, for the contract suites of the stores in Postgres. */
export interface StoreUnderTest {
  readonly database: Database;
  readonly store: SettlementStore;
  /** Places an order of two deductions, at `airmiles` and `fuelcard`, of 5.25 each. @returns its row id */
  place(orderId: string, deadlineAt: Date): Promise<string>;
  /** Subjects of the messages that were appended since it was asked last. */
  appended(): Promise<string[]>;
  dispose(): Promise<void>;
}

/** @param options.wakeAfterMs by default so long that nothing is overdue by itself */
export async function storeUnderTest({ wakeAfterMs } = { wakeAfterMs: 600_000 }): Promise<StoreUnderTest> {
  const testDatabase = await createTestDatabase();
  const { knex, url } = testDatabase;
  await migrateHub(knex);
  await knex('hub.malls').insert({ id: 'shop', name: 'A shop' });
  await knex('hub.channels').insert(
    ['airmiles', 'fuelcard'].map((id) => ({ id, scale: 2, points_max: '1000' })),
  );
  const database = openDatabase({ url, applicationName: 'test', poolMax: 8 });
  const options = { names: messageNames(), wakeAfterMs, patienceUntil: undefined };
  return {
    database,
    store: settlementStore({ database, ...options, log: pino({ level: 'silent' }) }),
    place: async (orderId, deadlineAt) => {
      const deductions = ['airmiles', 'fuelcard'].map((channel) => ({ channel, points: '5.25' }));
      await knex.transaction((transaction) =>
        placeOrder(transaction, { mallId: 'shop', orderId, userId: 'ada', deductions }),
      );
      await knex('hub.orders').where({ order_id: orderId }).update({ deadline_at: deadlineAt });
      const row = await knex<{ id: string; order_id: string }>('hub.orders')
        .where({ order_id: orderId })
        .first('id');
      return row?.id ?? '';
    },
    appended: async () => {
      const { rows } = await database.query<{ subject: string }>(
        'delete from outbox.messages returning subject',
      );
      return rows.map(({ subject }) => subject);
    },
    dispose: async () => {
      await database.close();
      await testDatabase.drop();
    },
  };
}
