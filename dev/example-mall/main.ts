/**
 * `node dev/example-mall/main.ts`, with DATABASE_URL naming the hub's database: sells one cart and fails to sell
 * another, and shows that the shop's rows and the hub's always agree.
 */
import knexFactory from 'knex';
import { checkout, createShop } from './checkout.ts';

const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') {
  process.stderr.write('DATABASE_URL is not set; "npm start" prints the one of the running stack\n');
  process.exit(2);
}
const knex = knexFactory({ client: 'pg', connection: url, pool: { min: 0, max: 2 } });
try {
  await createShop(knex);
  await knex('shop.stock').insert({ sku: 'teapot', left_over: 1 }).onConflict('sku').merge();
  for (const orderId of [`teapot-${Date.now()}-a`, `teapot-${Date.now()}-b`]) {
    const sold = await checkout(knex, 'demo', {
      orderId,
      shopper: 'ada',
      goods: [{ sku: 'teapot', count: 1 }],
      payWith: [
        { channel: 'airmiles', points: '120.00' },
        { channel: 'coffeeclub', points: '3.50' },
      ],
    }).then(
      () => 'sold',
      (error: Error) => `not sold (${error.message.split('\n')[0]})`,
    );
    const inShop = await knex('shop.orders').where({ order_id: orderId });
    const inHub = await knex('hub.orders').where({ mall_id: 'demo', order_id: orderId });
    process.stdout.write(
      `${orderId}: ${sold}; rows in the shop: ${inShop.length}, in the hub: ${inHub.length}\n`,
    );
  }
} finally {
  await knex.destroy();
}
