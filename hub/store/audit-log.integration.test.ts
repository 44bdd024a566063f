/** The chain of the audit on a real Postgres: what is added, what nobody may change, and what tampering shows. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, uniquePrefix, type TestDatabase } from '@points-hub/dev/testing';
import { audit, audited } from '../operations/audit.ts';
import { verifyAudit } from '../operations/audit-chain.ts';
import { exportAudit } from '../operations/audit-export.ts';
import { grantApplicationRole } from './application-role.ts';
import { listAudit } from './audit-log.ts';
import { openDatabase, type Database } from './database.ts';
import { insertOperator, lockAdmins, lockOperator, writeRoles } from './operators.ts';
import { migrateHub } from './migrate.ts';

let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  database = openDatabase({ url: testDatabase.url, applicationName: 'audit', poolMax: 8 });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const actor = {
  via: 'web',
  operatorId: undefined,
  name: 'Ada',
  address: '192.0.2.7',
  userAgent: 'x'.repeat(400),
  requestId: 'r-1',
} as const;

async function add(count: number, on = database): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await on.transaction((connection) =>
      audit(connection, actor, {
        action: 'test.add',
        subject: `thing:${index}`,
        reason: 'für 零, 1:2,-,',
        details: { index },
      }),
    );
  }
}

/** As the owner can: past the triggers. */
async function tamper(statement: string): Promise<void> {
  await testDatabase.knex.raw('alter table hub.audit disable trigger all');
  await testDatabase.knex.raw(statement);
  await testDatabase.knex.raw('alter table hub.audit enable always trigger audit_is_chained');
  await testDatabase.knex.raw('alter table hub.audit enable always trigger audit_stays');
}

describe('the chain', () => {
  test('is whole from its beginning, empty or not, however few rows are read at once', async () => {
    expect(await verifyAudit(database)).toMatchObject({ type: 'whole', rows: 0 });
    await add(5);
    const [newest] = await listAudit(database, {}, undefined, 1);
    for (const pageRows of [1, 2, 5, 1_000]) {
      const end = { id: '5', hash: newest?.hash };
      expect(await verifyAudit(database, pageRows)).toEqual({ type: 'whole', rows: 5, end });
    }
  });

  test('has no gap and no fork where many add at once, and some of them give up', async () => {
    const adding = Array.from({ length: 40 }, async (_, index) => {
      const added = database.transaction(async (connection) => {
        await audit(connection, actor, { action: 'test.race', details: { index } });
        if (index % 4 === 0) throw new Error('given up');
      });
      await added.catch((error: unknown) => expect(error).toMatchObject({ message: 'given up' }));
    });
    await Promise.all(adding);
    expect(await verifyAudit(database)).toMatchObject({ type: 'whole', rows: 30 });
  });

  test('is added to by a person while an admin changes him: nobody waits in a circle', async () => {
    const nameKey = 'ada';
    const id = await insertOperator(database, { name: 'Ada', nameKey, origin: 'local', roles: ['admin'] });
    const operatorId = id ?? '';
    await database.transaction(async (connection) => {
      await lockAdmins(connection);
      await lockOperator(connection, operatorId);
      await writeRoles(connection, operatorId, ['viewer']);
      await database.transaction((other) => audit(other, { ...actor, operatorId }, { action: 'test.own' }));
      await audit(connection, actor, { action: 'test.changed' });
    });
    expect(await verifyAudit(database)).toMatchObject({ type: 'whole', rows: 2 });
  });

  test('has a row if and only if its effect was committed', async () => {
    const failing = audited(database, actor, () => Promise.reject(new Error('no effect')));
    await expect(failing).rejects.toThrow('no effect');
    expect(await verifyAudit(database)).toMatchObject({ rows: 0 });
    const result = await audited(database, actor, () =>
      Promise.resolve({ entry: { action: 'test.done' }, result: 'an effect' }),
    );
    expect(result).toBe('an effect');
    expect(await verifyAudit(database)).toMatchObject({ rows: 1 });
  });
});

describe('what the owner does behind its back is found, and the first bad row is named', () => {
  test.each([
    ['a word changed', `update hub.audit set reason = 'another' where id = 3`, '3', /content/],
    ['a name taken out', `update hub.audit set actor = null where id = 2`, '2', /content/],
    [
      'a text moved between columns',
      `update hub.audit set actor = 'Ad', action = 'atest.add' where id = 2`,
      '2',
      /content/,
    ],
    ['a time moved', `update hub.audit set at = at - interval '1 us' where id = 4`, '4', /content/],
    ['details written anew', `update hub.audit set details = '{"index": 3}' where id = 4`, '4', /content/],
    ['a row deleted', 'delete from hub.audit where id = 3', '3', /gone; the next one is 4/],
    ['the first row deleted', 'delete from hub.audit where id = 1', '1', /gone/],
    ['the end cut off', 'delete from hub.audit where id >= 4', '4', /up to 5 are gone/],
    ['all deleted', 'delete from hub.audit', '1', /up to 5 are gone/],
    [
      'a row changed with its own hash made anew',
      `update hub.audit set reason = 'x', hash = sha256('x') where id = 3`,
      '3',
      /content/,
    ],
    [
      'two rows exchanged',
      `update hub.audit set id = case id when 2 then -3 else -2 end where id in (2, 3);
       update hub.audit set id = -id where id < 0`,
      '2',
      /follow/,
    ],
    ['the end written anew', `update hub.audit_head set hash = sha256('x')`, '5', /ended with/],
    ['the end forgotten', 'delete from hub.audit_head', '1', /end of the chain/],
  ])('%s', async (_, statement, firstBadId, reason) => {
    await add(5);
    await tamper(statement);
    expect(await verifyAudit(database, 2)).toEqual({
      type: 'broken',
      firstBadId,
      reason: expect.stringMatching(reason),
    });
  });
});

describe('nobody changes a row in passing', () => {
  test.each([
    `update hub.audit set reason = 'x'`,
    'delete from hub.audit',
    'truncate hub.audit',
    `insert into hub.audit (id, at, via, outcome, action, details, previous_hash, hash)
     values (1, now(), 'web', 'done', 'x', '{}', '', '') on conflict (id) do update set reason = 'x'`,
  ])('the owner is refused %s', async (statement) => {
    await add(2);
    await expect(testDatabase.knex.raw(statement)).rejects.toThrow(/only ever added to/);
    expect(await verifyAudit(database)).toMatchObject({ type: 'whole', rows: 2 });
  });

  test('what is added gets its place, time and hash from Postgres, whatever it says itself', async () => {
    await add(1);
    await testDatabase.knex.raw(
      `insert into hub.audit (id, at, via, outcome, action, details, previous_hash, hash)
       values (77, '2001-01-01', 'web', 'done', 'forged', '{}', '', '')`,
    );
    expect(await verifyAudit(database)).toMatchObject({ type: 'whole', rows: 2 });
    const [row] = await listAudit(database, {}, undefined, 1);
    expect(row?.at).not.toContain('2001');
  });
});

describe('a role that owns nothing', () => {
  test('adds and reads, and is refused everything else', async () => {
    const role = uniquePrefix('app');
    await testDatabase.knex.raw(`create role ?? login password 'only-for-this-test'`, [role]);
    const url = new URL(testDatabase.url);
    url.username = role;
    url.password = 'only-for-this-test';
    await grantApplicationRole(testDatabase.knex, role);
    const own = openDatabase({ url: url.href, applicationName: 'app', poolMax: 2 });
    try {
      await add(3, own);
      expect(await verifyAudit(own)).toMatchObject({ type: 'whole', rows: 3 });
      for (const statement of [
        `update hub.audit set reason = 'x'`,
        'delete from hub.audit',
        'truncate hub.audit',
        'alter table hub.audit disable trigger all',
        'drop table hub.audit',
        'update hub.audit_head set id = 0',
        'delete from hub.audit_head',
        'create or replace function hub.chain_audit() returns trigger language plpgsql as $$ begin return new; end $$',
        'set session_replication_role = replica',
      ]) {
        await expect(own.query(statement)).rejects.toMatchObject({ code: '42501' });
      }
      expect(await verifyAudit(own)).toMatchObject({ type: 'whole', rows: 3 });
      // Everything else of the hub it may do.
      await own.query(`insert into hub.malls (id, name) values ('shop', 'A shop')`);
      await own.query(`update hub.malls set name = 'The shop'`);
      await own.query(`select outbox.append('x', 'k', 't', 's', '{}'::json)`);
    } finally {
      await own.close();
      await testDatabase.knex.raw('drop owned by ??', [role]);
      await testDatabase.knex.raw('drop role ??', [role]);
    }
  });
});

describe('an export', () => {
  test('has every row, the oldest first, and no cell that a spreadsheet would run', async () => {
    await database.transaction((connection) =>
      audit(
        connection,
        { ...actor, name: '=HYPERLINK("http://x")' },
        { action: 'test.add', reason: '@"quoted",\r\ntwo lines' },
      ),
    );
    await add(2_001);
    let csv = '';
    for await (const part of exportAudit(database, 'csv', {})) csv += part;
    expect(csv.startsWith('\u{feff}"id","at","operatorId","actor",')).toBe(true);
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(csv).toContain(`"'@""quoted"",\r\ntwo lines"`);
    expect(csv.match(/test\.add/g)).toHaveLength(2_002);

    let lines = '';
    for await (const part of exportAudit(database, 'jsonl', { subject: 'thing:7' })) lines += part;
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ id: '9', actor: 'Ada', subject: 'thing:7', details: { index: 7 } }]);
  }, 60_000);
});
