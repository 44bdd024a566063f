import type { Knex } from 'knex';

/** Every seventh is resolved; users have ten cases each, channels and causes are as uneven as in life. */
const loadText = `
with numbers as (
  select i, 10000000 + i as order_number from generate_series(1, ?::integer) as i
), orders as (
  insert into hub.orders (mall_id, order_id, user_id, fingerprint, deadline_at, placed_at)
  select 'shop', 'order-' || order_number, 'user-' || i / 10, '', now() + interval '1 day', now() - interval '2 days'
  from numbers
  returning id, order_id
), deductions as (
  insert into hub.deductions (order_id, channel, member_ref, asked, key_base)
  select
    id,
    (array['airmiles', 'airmiles', 'airmiles', 'bankplus', 'bankplus', 'coffeeclub'])[1 + abs(hashtext(order_id || 'c') % 6)],
    'member', 1 + abs(hashtext(order_id) % 500), upper(translate(substr(md5(order_id), 1, 26), '0189', 'WXYZ'))
  from orders
  returning id, order_id, channel, asked
)
insert into hub.cases (
  order_id, deduction_id, points, cause, suggestion, leg, channel, operation, error, fingerprint, evidence, state,
  closed_at, first_seen_at, last_seen_at, claimed_by, claimed_at
)
select
  order_id, id, asked, cause, 'query', leg, channel, leg || '.deduct', cause || ' HTTP ' || status,
  'v1 ' || channel || ' ' || leg || '.deduct ' || cause || ' HTTP ' || status, '{}',
  case when id % 7 = 0 then 'resolved' else 'open' end,
  case when id % 7 = 0 then now() end,
  now() - (? - row_number() over (order by id)) * interval '50 ms', now(),
  case when id % 1000 = 3 then 'ada' when id % 50 = 7 then 'bo' end,
  case when id % 1000 = 3 or id % 50 = 7 then now() end
from deductions
cross join lateral (
  select
    case when id % 5000 = 1 then 'crash_loop' when id % 20 = 1 then 'doubt' else 'attempts_used_up' end as cause,
    case when id % 3 = 0 then 'quota' else 'points' end as leg,
    500 + (id % 40)::integer as status
) as facts`;

/** Fills an empty database with `count` cases, each of an order of its own. */
export async function loadCases(knex: Knex, count: number): Promise<void> {
  await knex.raw(loadText, [count, count]);
  await knex.raw('analyze hub.cases');
}
