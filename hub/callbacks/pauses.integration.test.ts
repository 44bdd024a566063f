/** Callbacks of a channel that is left alone: kept, and taken in when it may be called again. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { openDatabase, type Database } from '../store/database.ts';
import { pauseChannel, resumeChannel } from '../store/channel-states.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { allHeard, entryOf, keptCallbacks, pointsState, setFaults, tell } from './testing/telling.ts';

let hub: HubUnderTest;
let database: Database;
let url: string;

beforeEach(async () => {
  hub = await hubUnderTest('rabbitmq');
  const log = pino({ level: 'silent' });
  database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1, log });
  const roles = new Set(['api', 'relay', 'worker', 'sweeper'] as const);
  const settings = { roles, sweepIntervalMs: 100, wakeAfterMs: 200 };
  const first = await hub.start(settings);
  const [on, probability] = [['deductions'], 1];
  await setFaults(hub, [
    { kind: 'async', on, probability, afterMs: 0, pollAfterMs: 3_600_000 },
    { kind: 'callback-lost', on, probability },
  ]);
  await hub.place({ orderId: 'o-1', userId: 'ada', deductions: [{ channel: 'telcostars', points: '2.50' }] });
  await eventually('it is pending', async () => (await pointsState(hub, 'o-1')) === 'pending');
  await pauseChannel(database, 'channel:telcostars', 'ada', 'maintenance');
  // A process that runs hears of it within a second; one that starts knows.
  await first.stop();
  url = (await hub.start(settings)).url ?? '';
});
afterEach(async () => {
  await database.close();
  await hub.close();
});

async function tellTheTruth(): Promise<void> {
  const truth = await eventually('the effect', () => entryOf(hub, 'ada'));
  expect(await tell(url, truth)).toBe('204');
}

function books(): unknown[] {
  const { channels, portal } = hub.sandbox.books();
  return [channels['telcostars']?.net, portal.quotas['telcostars']?.used];
}

test('an order settles by what was told while its channel was paused', async () => {
  await tellTheTruth();
  await resumeChannel(database, 'channel:telcostars');
  expect(await hub.ended('o-1')).toBe('settled');
  expect(books()).toEqual(['2.5', '2.5']);
});

test('what was told settles an order while its channel is left alone and nothing else waits for it', async () => {
  await hub.database.knex('hub.channel_states').update({
    paused_at: null,
    paused_by: null,
    paused_note: null,
    state: 'open',
    until: new Date(),
    openings: 1,
    cause: 'timeout',
  });
  const { calls } = hub.sandbox.books().channels['telcostars'] ?? {};
  await tellTheTruth();
  expect(await hub.ended('o-1')).toBe('settled');
  expect(books()).toEqual(['2.5', '2.5']);
  // Hearing it took no call, so nothing is known of the channel.
  expect(hub.sandbox.books().channels['telcostars']?.calls).toEqual(calls);
  expect(await hub.database.knex('hub.channel_states').select('state')).not.toEqual([{ state: 'closed' }]);
});

test('an order whose deadline passed meanwhile gives back what was told', async () => {
  await tellTheTruth();
  await hub.database.knex('hub.orders').update({ deadline_at: '2026-01-01' });
  const status = async () =>
    (await hub.database.knex('hub.orders').first<{ status: string }>('status'))?.status;
  await eventually('it turns', async () => (await status()) === 'compensating');
  await resumeChannel(database, 'channel:telcostars');
  expect(await hub.ended('o-1')).toBe('cancelled');
  expect(await allHeard(hub, 1)).toMatchObject([{ said: 'done', effect: 'moved' }]);
  expect(books()).toEqual(['0', '0']);
  expect(await keptCallbacks(hub)).toHaveLength(1);
});
