/**
 * A mall whose backend lives in the hub's Postgres: its own order row and the hub's order commit or roll back
 * together. No message can be lost between "sold" and "points will be deducted", and none can be sent for a sale
 * that never was.
 */
import { placeOrder } from '@points-hub/hub';
import type { Knex } from 'knex';

export interface Cart {
  readonly orderId: string;
  readonly shopper: string;
  readonly goods: readonly { readonly sku: string; readonly count: number }[];
  readonly payWith: readonly { readonly channel: string; readonly points: string }[];
}

/** The mall's own tables, in a schema of its own. Idempotent. */
export async function createShop(knex: Knex): Promise<void> {
  await knex.raw(`
    create schema if not exists shop;
    create table if not exists shop.stock (
      sku  text primary key,
      left_over integer not null check (left_over >= 0)
    );
    create table if not exists shop.orders (
      order_id  text        primary key,
      shopper   text        not null,
      goods     jsonb       not null,
      sold_at   timestamptz not null default now()
    )`);
}

/**
 * Sells a cart: takes the goods from stock, writes the mall's order and places the points order, in one transaction.
 * Throws what any of them throws (sold out, unknown channel ...); then none of the three has happened.
 */
export async function checkout(knex: Knex, mallId: string, cart: Cart): Promise<void> {
  await knex.transaction(async (transaction) => {
    for (const { sku, count } of cart.goods) {
      const taken = await transaction('shop.stock').where({ sku }).decrement('left_over', count);
      if (taken === 0) throw new Error(`there is no ${sku}`);
    }
    await transaction('shop.orders').insert({
      order_id: cart.orderId,
      shopper: cart.shopper,
      goods: JSON.stringify(cart.goods),
    });
    await placeOrder(transaction, {
      mallId,
      orderId: cart.orderId,
      userId: cart.shopper,
      deductions: [...cart.payWith],
    });
  });
}
