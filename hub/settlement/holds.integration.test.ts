/**
 * Orders at channels that hold, over real sockets and Postgres: nothing is taken before all is there, and what the
 * sandbox's books say has to be what the orders say, to the last point.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { compensate } from '../testing/compensate.ts';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

const holds = (releaseBarsHold: boolean): readonly (readonly [string, string])[] => [
  ['callTimeoutMs: 5000', 'callTimeoutMs: 300'],
  ['notFoundFinalAfterMs: 1000', 'notFoundFinalAfterMs: 200'],
  [
    'query: by-key',
    `query: by-key\n  hold: { expiresAfterMs: 1500000, releaseBarsHold: ${releaseBarsHold} }`,
  ],
];
const channels = ['airmiles', 'bankplus', 'coffeeclub'] as const;
type Channel = (typeof channels)[number];

let config: ConfigFolder;
let hub: HubUnderTest;
beforeAll(async () => {
  config = await configFolder({
    airmiles: holds(true),
    bankplus: holds(false),
    coffeeclub: [['callTimeoutMs: 5000', 'callTimeoutMs: 300']],
  });
  hub = await hubUnderTest('in-process');
  await hub.start({ configFolder: config.path });
});
afterAll(async () => {
  await hub.close();
  await config.remove();
});
afterEach(async () => {
  for (const channel of channels) await faults(channel);
});

async function faults(channel: Channel, ...rules: object[]): Promise<void> {
  const response = await fetch(`${hub.sandbox.url}/admin/channels/${channel}/faults`, {
    method: 'PUT',
    body: JSON.stringify({ faults: rules }),
  });
  if (response.status !== 200) throw new Error(await response.text());
}

async function place(orderId: string, of: readonly Channel[], deadlineSeconds = 900): Promise<void> {
  const deductions = of.map((channel) => ({ channel, points: '12.5' }));
  await hub.place({ orderId, userId: `user of ${orderId}`, deadlineSeconds, deductions });
}

/** What the sandbox's books have of an order's member. */
function booked(orderId: string, channel: Channel): { deducted: string; refunded: string; held: string } {
  const book = hub.sandbox.books().channels[channel]?.members[`user of ${orderId}`];
  return { deducted: book?.deducted ?? '0', refunded: book?.refunded ?? '0', held: book?.held ?? '0' };
}
const taken = { deducted: '12.5', refunded: '0', held: '0' };
const untouched = { deducted: '0', refunded: '0', held: '0' };
const givenBack = { deducted: '12.5', refunded: '12.5', held: '0' };

interface Row {
  readonly channel: string;
  readonly leg: string;
  readonly action: string;
  readonly outcome: string;
  readonly key: string;
}

async function attempts(orderId: string): Promise<Row[]> {
  return hub.database
    .knex<Row>('hub.attempts')
    .join('hub.deductions', 'deductions.id', 'attempts.deduction_id')
    .join('hub.orders', 'orders.id', 'deductions.order_id')
    .where({ 'orders.order_id': orderId })
    .orderBy('intended_at')
    .select<Row[]>('channel', 'leg', 'action', 'attempts.outcome', 'attempts.key');
}

async function actions(orderId: string, channel: Channel): Promise<string[]> {
  const rows = await attempts(orderId);
  return rows.filter((row) => row.channel === channel).map(({ leg, action }) => `${action} ${leg}`);
}

async function reasonOf(orderId: string): Promise<unknown> {
  return hub.database
    .knex('hub.orders')
    .where({ order_id: orderId })
    .first('reason_code', 'reason_channel', 'reason_leg');
}

interface CaseRow {
  readonly id: string;
  readonly version: number;
  readonly cause: string;
}

async function caseOf(orderId: string): Promise<CaseRow | false> {
  const row = await hub.database
    .knex('hub.cases')
    .join('hub.orders', 'orders.id', 'cases.order_id')
    .where({ 'orders.order_id': orderId })
    .first<CaseRow>('cases.id', 'version', 'cause', 'cases.channel', 'leg', 'operation', 'suggestion');
  return row ?? false;
}

/** A channel without answers leaves the order where it is, with what others hold for it. */
async function stalledAt(orderId: string, channel: Channel, held: readonly Channel[]): Promise<void> {
  await eventually(`${orderId} waits for ${channel}`, async () => {
    const isHeld = held.every((one) => booked(orderId, one).held === '12.5');
    return isHeld && (await actions(orderId, channel)).length > 0;
  });
}

/** Behind the hub's back, as the hold's own end would. */
async function endHold(orderId: string, channel: Channel): Promise<void> {
  const hold = (await attempts(orderId)).find((row) => row.channel === channel && row.action === 'hold');
  const body = {
    key: `R${hold?.key}`,
    originalKey: hold?.key,
    orderId,
    member: `user of ${orderId}`,
    points: '12.5',
  };
  const response = await fetch(`${hub.sandbox.url}/channels/${channel}/v1/releases`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

const noAnswer = { kind: 'error-before-effect', on: ['deductions'], probability: 1 };

describe('an order at channels that hold', () => {
  test('takes nothing before all is held, and has its quota between', async () => {
    await place('all-hold', ['airmiles', 'bankplus']);
    expect(await hub.ended('all-hold')).toBe('settled');
    for (const channel of ['airmiles', 'bankplus'] as const) {
      expect(await actions('all-hold', channel)).toEqual(['hold points', 'deduct quota', 'confirm points']);
      expect(booked('all-hold', channel)).toEqual(taken);
    }
    const order = (await attempts('all-hold')).map(({ action }) => action);
    expect(order.indexOf('confirm')).toBeGreaterThan(order.lastIndexOf('deduct'));
  });

  test('is released where another refuses, and nobody saw points leave', async () => {
    await fetch(`${hub.sandbox.url}/admin/channels/bankplus/members/user%20of%20poor`, {
      method: 'PUT',
      body: JSON.stringify({ balance: '1' }),
    });
    await place('poor', ['airmiles', 'bankplus']);
    expect(await hub.ended('poor')).toBe('cancelled');
    expect(await reasonOf('poor')).toMatchObject({
      reason_code: 'insufficient_points',
      reason_channel: 'bankplus',
    });
    expect([booked('poor', 'airmiles'), booked('poor', 'bankplus')]).toEqual([untouched, untouched]);
  });

  test('holds before others deduct, and confirms after them', async () => {
    await place('mixed', ['coffeeclub', 'airmiles']);
    expect(await hub.ended('mixed')).toBe('settled');
    const steps = (await attempts('mixed')).map(({ channel, leg, action }) => `${action} ${leg} ${channel}`);
    expect(steps).toEqual([
      'hold points airmiles',
      'deduct quota airmiles',
      'deduct points coffeeclub',
      'deduct quota coffeeclub',
      'confirm points airmiles',
    ]);
    expect([booked('mixed', 'airmiles'), booked('mixed', 'coffeeclub')]).toEqual([taken, taken]);
  });

  test('deducts at once where its deadline is longer than a hold', async () => {
    await place('patient', ['airmiles'], 1_201);
    expect(await hub.ended('patient')).toBe('settled');
    expect(await actions('patient', 'airmiles')).toEqual(['deduct points', 'deduct quota']);
    expect(booked('patient', 'airmiles')).toEqual(taken);
  });

  test('settles by looking up a hold and a confirmation whose answers were lost', async () => {
    await faults('airmiles', { kind: 'reset-after-effect', on: ['holds', 'confirmations'], next: 2 });
    await place('lost', ['airmiles']);
    expect(await hub.ended('lost')).toBe('settled');
    expect(await actions('lost', 'airmiles')).toEqual([
      'hold points',
      'find_deduct points',
      'deduct quota',
      'confirm points',
      'find_confirm points',
    ]);
    expect(booked('lost', 'airmiles')).toEqual(taken);
  });
});

describe('a hold that is late', () => {
  test('is barred by its release, where the channel says so', async () => {
    await faults(
      'airmiles',
      { kind: 'late-effect', on: ['holds'], next: 1, afterMs: 1_000 },
      {
        kind: 'error-before-effect',
        on: ['lookups'],
        probability: 1,
      },
    );
    await place('late', ['airmiles']);
    await eventually('it is asked for', async () => (await actions('late', 'airmiles')).length > 1);
    await hub.database
      .knex('hub.orders')
      .where({ order_id: 'late' })
      .update({ deadline_at: new Date(0) });
    expect(await hub.ended('late')).toBe('cancelled');
    expect(await actions('late', 'airmiles')).toContain('release points');
    await faults('airmiles');
    const [hold] = await attempts('late');
    const refused = await eventually('the hold came', async () => {
      const url = `${hub.sandbox.url}/channels/airmiles/v1/transactions/${hold?.key}`;
      const response = await fetch(url);
      return response.status === 200 && ((await response.json()) as { code: string });
    });
    expect(refused).toMatchObject({ status: 'refused', code: 'KEY_VOIDED' });
    expect(booked('late', 'airmiles')).toEqual(untouched);
  });
});

describe('a confirmation that is refused', () => {
  test('turns its order while nothing is confirmed', async () => {
    await faults('coffeeclub', noAnswer);
    await place('over', ['airmiles', 'coffeeclub']);
    await stalledAt('over', 'coffeeclub', ['airmiles']);
    await endHold('over', 'airmiles');
    await faults('coffeeclub');
    expect(await hub.ended('over')).toBe('cancelled');
    expect(await reasonOf('over')).toEqual({
      reason_code: 'hold_released',
      reason_channel: 'airmiles',
      reason_leg: 'points',
    });
    expect([booked('over', 'airmiles'), booked('over', 'coffeeclub')]).toEqual([untouched, givenBack]);
  });

  test('beside a confirmation is a case, until which the order neither ends nor is cancelled', async () => {
    await faults('coffeeclub', noAnswer);
    await faults('bankplus', { kind: 'error-before-effect', on: ['confirmations'], probability: 1 });
    await place('half', ['airmiles', 'bankplus', 'coffeeclub']);
    await stalledAt('half', 'coffeeclub', ['airmiles', 'bankplus']);
    await endHold('half', 'bankplus');
    await faults('coffeeclub');
    await eventually('one is confirmed', () =>
      Promise.resolve(booked('half', 'airmiles').deducted === '12.5'),
    );
    await faults('bankplus');
    const found = await eventually('its case is open', () => caseOf('half'));
    expect(found).toMatchObject({
      cause: 'confirm_refused',
      channel: 'bankplus',
      leg: 'points',
      operation: 'points.confirm',
      suggestion: 'resolve',
    });
    const row = await hub.database
      .knex('hub.orders')
      .where({ order_id: 'half' })
      .first<{ status: string }>('status');
    expect(row).toEqual({ status: 'settling' });

    await compensate(hub, config.path, found, 'mark_undone', '12.5');
    expect(await hub.ended('half')).toBe('cancelled');
    expect(await reasonOf('half')).toMatchObject({
      reason_code: 'hold_released',
      reason_channel: 'bankplus',
    });
    expect(booked('half', 'airmiles')).toEqual(givenBack);
    expect(booked('half', 'bankplus')).toEqual(untouched);
    expect(booked('half', 'coffeeclub')).toEqual(givenBack);
  });
});
