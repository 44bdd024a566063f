/** The hub as a database role that owns nothing: it settles orders all the same. */
import { expect, test } from '@jest/globals';
import { uniquePrefix } from '@points-hub/dev/testing';
import { grantApplicationRole } from './store/application-role.ts';
import { hubUnderTest } from './testing/hub-under-test.ts';

test('a hub that runs without owning its tables settles an order', async () => {
  const hub = await hubUnderTest('in-process');
  const { knex, url } = hub.database;
  const role = uniquePrefix('app');
  await knex.raw(`create role ?? login password 'only-for-this-test'`, [role]);
  try {
    await grantApplicationRole(knex, role);
    const own = new URL(url);
    own.username = role;
    own.password = 'only-for-this-test';
    const running = await hub.start({ databaseUrl: own.href });
    await hub.place({ orderId: 'o-1', userId: 'ada', deductions: [{ channel: 'airmiles', points: '5' }] });
    expect(await hub.ended('o-1')).toBe('settled');
    const { rows } = await knex.raw<{ rows: unknown[] }>(
      `select from pg_stat_activity where usename = ? and datname = current_database()`,
      [role],
    );
    expect(rows.length).toBeGreaterThan(0);
    await expect(hub.start({ databaseUrl: own.href, roles: new Set(['migrate']) })).rejects.toMatchObject({
      code: '42501',
    });
    await running.stop();
  } finally {
    await knex.raw('drop owned by ??', [role]);
    await knex.raw('drop role ??', [role]);
    await hub.close();
  }
});
