import { createTestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { placeOrder } from '../intake/place-order.ts';
import { describeKeptCallbacks } from '../settlement/testing/callback-store-contract.ts';
import {
  describeSettlementStore,
  type SettlementStoreHarness,
} from '../settlement/testing/settlement-store-contract.ts';
import { messageNames } from '../settlement/topology.ts';
import { openDatabase } from './database.ts';
import { migrateHub } from './migrate.ts';
import { settlementStore } from './settlements.ts';

const makeHarness = async ({
  wakeAfterMs,
}: {
  readonly wakeAfterMs: number;
}): Promise<SettlementStoreHarness> => {
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
};

describeSettlementStore('the store in Postgres', makeHarness);
describeKeptCallbacks('the store in Postgres', makeHarness);
