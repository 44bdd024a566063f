/**
 * Every way out of doubt over real sockets and Postgres, at channels that lack something: what the sandbox's books say
 * has to be what the orders say, to the last point.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import type { Hub } from '../run.ts';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { compensate } from '../testing/compensate.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

/** A request that went unanswered is over 5 s (the send window) and 300 ms after its intent. */
const callTimeoutMs = 300;
const keyReplays = 'idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }';
const keyless = 'idempotency: { kind: none }';
const scanned = `query: none
  marker: note
  clockSkewMs: 1000
  scan: { reachMs: forever }`;

function capabilities(...changes: (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [
    ['callTimeoutMs: 5000', `callTimeoutMs: ${callTimeoutMs}`],
    ['notFoundFinalAfterMs: 1000', 'notFoundFinalAfterMs: 500'],
    ['lateEffectCheckMs: 60000', 'lateEffectCheckMs: 2500'],
    ...changes,
  ];
}

let config: ConfigFolder;
let hub: HubUnderTest;
let running: Hub;
beforeAll(async () => {
  config = await configFolder({
    airmiles: capabilities([keyReplays, keyless], ['query: by-key', scanned]),
    bankplus: capabilities(
      [keyReplays, keyless],
      [
        'query: by-key',
        `query: none
  marker: note
  clockSkewMs: 0
  statement: { period: range, availableAfterMs: 300, retentionMs: forever }`,
      ],
    ),
    coffeeclub: capabilities(['echo: points', 'echo: none']),
    fuelcard: capabilities(
      ['reversal: by-original', 'reversal: none'],
      ['partialRefund: true', 'partialRefund: false'],
    ),
    groceryone: capabilities(['echo: points', 'echo: none'], ['query: by-key', scanned]),
  });
  const listed = { lookups: false, keys: 'ignored' };
  hub = await hubUnderTest('in-process', {
    natures: {
      airmiles: { ...listed, statements: false },
      bankplus: { ...listed, scans: false, statementLagMs: 200 },
      coffeeclub: { echo: false, scans: false, statements: false },
      fuelcard: { refunds: false },
      groceryone: { echo: false, lookups: false, statements: false },
    },
  });
  running = await hub.start({ configFolder: config.path });
});
afterAll(async () => {
  await hub.close();
  await config.remove();
});
afterEach(async () => {
  for (const channel of ['airmiles', 'bankplus', 'coffeeclub', 'fuelcard', 'groceryone']) {
    await fetch(`${hub.sandbox.url}/admin/channels/${channel}/faults`, { method: 'DELETE' });
  }
});

async function faults(channel: string, ...rules: object[]): Promise<void> {
  const response = await fetch(`${hub.sandbox.url}/admin/channels/${channel}/faults`, {
    method: 'PUT',
    body: JSON.stringify({ faults: rules }),
  });
  if (response.status !== 200) throw new Error(await response.text());
}

/** Places an order of one deduction by a member of its own. */
async function place(orderId: string, channel: string, points = '12.5'): Promise<void> {
  await hub.place({ orderId, userId: `user of ${orderId}`, deductions: [{ channel, points }] });
}

/** What is in effect for an order's member at a channel by the sandbox's books, and every effect that it was. */
function effects(orderId: string, channel: string): { net: number; deducted: number } {
  const book = hub.sandbox.books().channels[channel]?.members[`user of ${orderId}`];
  const deducted = Number(book?.deducted ?? 0);
  return { net: deducted - Number(book?.refunded ?? 0), deducted };
}

interface TimelineRow {
  readonly action: string;
  readonly outcome: string | null;
  readonly cause: string | null;
}

/** The calls for the points of an order, oldest first, in words. */
async function timeline(orderId: string): Promise<string[]> {
  const rows = await hub.database
    .knex<TimelineRow>('hub.attempts')
    .join('hub.deductions', 'deductions.id', 'attempts.deduction_id')
    .join('hub.orders', 'orders.id', 'deductions.order_id')
    .where({ 'orders.order_id': orderId, leg: 'points' })
    .orderBy(['attempts.deduction_id', 'number'])
    .select<TimelineRow[]>('action', 'outcome', 'attempts.cause');
  return rows.map(({ action, outcome, cause }) => [action, outcome, cause].filter(Boolean).join(' '));
}

interface CaseRow {
  readonly id: string;
  readonly version: number;
  readonly cause: string;
  readonly points: string;
  readonly state: string;
}

function casesOf(orderId: string): Promise<CaseRow[]> {
  return hub.database
    .knex<CaseRow>('hub.cases')
    .join('hub.orders', 'orders.id', 'cases.order_id')
    .where({ 'orders.order_id': orderId })
    .select<CaseRow[]>('cases.id', 'version', 'cause', 'points', 'state');
}

/** Waits until something was sent. */
async function untilCalled(orderId: string): Promise<void> {
  await eventually(`${orderId} is called for`, async () => (await timeline(orderId)).length > 0);
}

/** The one case of an order, once it is open. */
async function caseOf(orderId: string): Promise<CaseRow> {
  const [only, ...more] = await eventually('its case is open', async () => {
    const rows = await casesOf(orderId);
    return rows.length > 0 && rows;
  });
  expect(more).toEqual([]);
  return only as CaseRow;
}

/** As a mall's cancelling does, in the way that an overdue order is turned back. */
async function passDeadline(orderId: string): Promise<void> {
  await hub.database
    .knex('hub.orders')
    .where({ order_id: orderId })
    .update({ deadline_at: new Date(0) });
}

describe('a channel that keeps no keys and can only be scanned', () => {
  const channel = 'airmiles';

  test('settles by what the scan finds of a request whose answer was lost', async () => {
    await faults(channel, { kind: 'reset-after-effect', on: ['deductions'], next: 1 });
    await place('scan-found', channel);
    expect(await hub.ended('scan-found')).toBe('settled');
    expect(await timeline('scan-found')).toEqual([
      'deduct unknown connection_lost',
      'scan_deduct found_done',
    ]);
    expect(effects('scan-found', channel)).toEqual({ net: 12.5, deducted: 12.5 });
  });

  test('sends again only once a scan that began after all was over found nothing', async () => {
    await faults(channel, { kind: 'reset-before-effect', on: ['deductions'], next: 1 });
    await place('scan-absent', channel);
    expect(await hub.ended('scan-absent')).toBe('settled');
    expect(await timeline('scan-absent')).toEqual([
      'deduct unknown connection_lost',
      'scan_deduct not_found',
      'scan_deduct not_found',
      'deduct done',
    ]);
    expect(effects('scan-absent', channel)).toEqual({ net: 12.5, deducted: 12.5 });
  });

  test('is believed nothing that its list shows only later', async () => {
    await faults(
      channel,
      { kind: 'timeout-after-effect', on: ['deductions'], next: 1 },
      { kind: 'query-lag', on: ['scans'], next: 1, lagMs: 60_000 },
    );
    await place('scan-lag', channel);
    expect(await hub.ended('scan-lag')).toBe('settled');
    expect(await timeline('scan-lag')).toEqual([
      'deduct unknown timeout',
      'scan_deduct not_found',
      'scan_deduct found_done',
    ]);
    expect(effects('scan-lag', channel)).toEqual({ net: 12.5, deducted: 12.5 });
  });

  test('gives back once, by what the scan finds of a refund whose answer was lost', async () => {
    await faults(
      channel,
      { kind: 'timeout-after-effect', on: ['deductions'], next: 1 },
      { kind: 'reset-after-effect', on: ['refunds'], next: 1 },
    );
    await place('scan-refund', channel);
    await untilCalled('scan-refund');
    await passDeadline('scan-refund');
    expect(await hub.ended('scan-refund')).toBe('cancelled');
    const calls = await timeline('scan-refund');
    expect(calls.slice(-2)).toEqual(['give_back unknown connection_lost', 'scan_give_back found_done']);
    expect(effects('scan-refund', channel)).toEqual({ net: 0, deducted: 12.5 });
  });
});

describe('a channel that can only be read by its statement', () => {
  const channel = 'bankplus';

  test('settles by what the statement shows', async () => {
    await faults(channel, { kind: 'timeout-after-effect', on: ['deductions'], next: 1 });
    await place('read-found', channel);
    expect(await hub.ended('read-found')).toBe('settled');
    const calls = await timeline('read-found');
    expect(calls[0]).toBe('deduct unknown timeout');
    expect(calls.at(-1)).toBe('statement_deduct found_done');
    expect(effects('read-found', channel)).toEqual({ net: 12.5, deducted: 12.5 });
  });

  test('sends again only once the closed statement does not have it', async () => {
    await faults(channel, { kind: 'reset-before-effect', on: ['deductions'], next: 1 });
    await place('read-absent', channel);
    expect(await hub.ended('read-absent')).toBe('settled');
    const calls = await timeline('read-absent');
    expect(calls.slice(0, 2)).toEqual(['deduct unknown connection_lost', 'statement_deduct open']);
    expect(calls.slice(-2)).toEqual(['statement_deduct not_found', 'deduct done']);
    expect(effects('read-absent', channel)).toEqual({ net: 12.5, deducted: 12.5 });
  });

  test('is cancelled without effect where the statement never had it', async () => {
    await faults(channel, { kind: 'reset-before-effect', on: ['deductions'], next: 1 });
    await place('read-cancelled', channel);
    await untilCalled('read-cancelled');
    await passDeadline('read-cancelled');
    expect(await hub.ended('read-cancelled')).toBe('cancelled');
    expect(effects('read-cancelled', channel)).toEqual({ net: 0, deducted: 0 });
  });
});

describe('a channel whose successes name no points', () => {
  test.each([
    ['coffeeclub', 'find'],
    ['groceryone', 'scan'],
  ])('%s settles and is undone by what look-ups show', async (channel, lookUp) => {
    const settled = `echo-${channel}`;
    await place(settled, channel);
    expect(await hub.ended(settled)).toBe('settled');
    expect(await timeline(settled)).toEqual(['deduct unknown missing_echo', `${lookUp}_deduct found_done`]);
    expect(effects(settled, channel)).toEqual({ net: 12.5, deducted: 12.5 });

    await faults(channel, { kind: 'wrong-amount', by: '-0.5', on: ['deductions'], next: 1 });
    const undone = `echo-undone-${channel}`;
    await place(undone, channel);
    expect(await hub.ended(undone)).toBe('cancelled');
    expect(await timeline(undone)).toEqual([
      'deduct unknown missing_echo',
      `${lookUp}_deduct found_done`,
      'give_back unknown missing_echo',
      `${lookUp}_give_back found_done`,
    ]);
    expect(effects(undone, channel)).toEqual({ net: 0, deducted: 12 });
  });
});

describe('a channel that gives nothing back', () => {
  test('may only be the one channel of an order', async () => {
    const placing = hub.place({
      orderId: 'mixed',
      userId: 'ada',
      deductions: [
        { channel: 'airmiles', points: '1' },
        { channel: 'fuelcard', points: '1' },
      ],
    });
    await expect(placing).rejects.toMatchObject({
      code: 'HUB_CHANNEL_ALONE_ONLY',
      faults: [{ field: '/deductions/1/channel', code: 'HUB_CHANNEL_ALONE_ONLY' }],
    });
  });

  test('settles an order by itself; what would have to be undone waits for a person', async () => {
    await place('alone', 'fuelcard');
    expect(await hub.ended('alone')).toBe('settled');

    await fetch(`${hub.sandbox.url}/admin/channels/fuelcard/quota`, {
      method: 'PUT',
      body: JSON.stringify({ granted: '20' }),
    });
    await place('alone-undone', 'fuelcard');
    const opened = await caseOf('alone-undone');
    expect(opened).toMatchObject({ cause: 'cannot_give_back', points: '12.5000', state: 'open' });
    expect(effects('alone-undone', 'fuelcard')).toEqual({ net: 12.5, deducted: 12.5 });
    expect(hub.sandbox.books().channels['fuelcard']?.calls.refunds).toBe(0);
    expect(hub.sandbox.books().portal.quotas['fuelcard']?.used).toBe('12.5');
    // Given back by hand, which the sandbox does not know.
    await compensate(hub, config.path, opened, 'mark_undone', '12.5');
    expect(await hub.ended('alone-undone')).toBe('cancelled');
  });
});

test('an effect that comes after its order ended is found by the late look, also after a restart', async () => {
  const orderId = 'too-late';
  // After the send window, the call, and the time after which "not found" is final.
  await faults('airmiles', { kind: 'late-effect', on: ['deductions'], next: 1, afterMs: 7_500 });
  await place(orderId, 'airmiles');
  await untilCalled(orderId);
  await passDeadline(orderId);
  expect(await hub.ended(orderId)).toBe('cancelled');
  expect(effects(orderId, 'airmiles')).toEqual({ net: 0, deducted: 0 });
  await running.stop();
  await hub.start({ configFolder: config.path });
  const opened = await caseOf(orderId);
  expect(opened).toMatchObject({ cause: 'late_truth', points: '12.5000', state: 'open' });
  expect((await timeline(orderId)).at(-1)).toBe('scan_deduct found_done');
  expect(await hub.ended(orderId)).toBe('cancelled');
  expect(effects(orderId, 'airmiles')).toEqual({ net: 12.5, deducted: 12.5 });

  await compensate(hub, config.path, opened, 'refund_points', '12.5');
  await eventually('the correction gave it back', () =>
    Promise.resolve(effects(orderId, 'airmiles').net === 0),
  );
  expect(await hub.ended(orderId)).toBe('cancelled');
});

test('in the end quota and points agree at every channel, but for what was given back by hand', async () => {
  const { channels, portal } = hub.sandbox.books();
  const byHand = { fuelcard: 12.5 } as Record<string, number>;
  for (const [channel, { net }] of Object.entries(channels)) {
    const used = Number(portal.quotas[channel]?.used);
    expect({ channel, ahead: Number(net) - used }).toEqual({ channel, ahead: byHand[channel] ?? 0 });
  }
});
