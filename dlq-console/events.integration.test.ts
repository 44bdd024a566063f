/** The stream of what changed: complete, bounded, and over when its session is. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { callerNamed } from '../hub/operations/testing/caller.ts';
import { openConsole } from './api.ts';
import { openEventStreams } from './event-streams.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import { readEvents, type EventReader } from './testing/event-reader.ts';

const lost = { status: 200, body: () => ({}) };
const never = { on: /POST \/channels\/airmiles/, takesEffect: false, ...lost };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, ...lost };

let ops: ConsoleUnderTest;
let readers: EventReader[];
beforeEach(async () => {
  ops = await consoleUnderTest();
  readers = [];
});
afterEach(async () => {
  for (const reader of readers) reader.close();
  await ops.close();
});

async function follow(after?: string): Promise<EventReader> {
  const reader = await readEvents(ops.line.url, ops.ada, after);
  readers.push(reader);
  return reader;
}

async function oneCase(orderId = 'o-1'): Promise<string> {
  ops.twist(never, mute);
  await ops.hub.place({ orderId, userId: 'eve', deductions: [{ channel: 'airmiles', points: '7' }] });
  const cases = await ops.opened(1);
  return cases[0]?.id ?? '';
}

test('what happens to cases, replays, compensations and channels is told by kind and id, and nothing else of them', async () => {
  const reader = await follow();
  const id = await oneCase();
  await reader.told('case', id);
  await ops.act(id, 'claim');
  const asked = await ops.act(id, 'compensations', {
    kind: 'mark_undone',
    reasonCode: 'BY_HAND',
    reason: 'r',
    evidence: 'e',
  });
  await reader.told('compensation', String(asked.body['id']));
  const previewed = await ops.ask('POST', '/replays', { filter: { state: 'open' } });
  await reader.told('replay', String(previewed.body['id']));
  const root = await ops.person('root', ['admin']);
  await root.ask('POST', '/channels/fuelcard/pause', { reason: 'maintenance' });
  await reader.told('channel', 'channel:fuelcard');
  expect(reader.body).not.toMatch(/"eve"|o-1|airmiles|BY_HAND|maintenance/);
});

test('a note and the end of an operation are told of their case', async () => {
  const id = await oneCase();
  const reader = await follow();
  await ops.ask('POST', `/cases/${id}/notes`, { text: 'seen' });
  await reader.told('case', id);
  const again = await follow();
  await ops.act(id, 'query');
  expect(await again.told('case', id)).toMatch(/^\d+-\d+$/);
});

test('what commits late is told, though others that began after it were told before', async () => {
  const id = await oneCase();
  const { knex } = ops.hub.database;
  const reader = await follow();
  await knex.transaction(async (slow) => {
    await slow('hub.cases')
      .where({ id })
      .update({ version: knex.raw('version + 1') });
    await knex('hub.channel_states').insert({ remote: 'channel:bankplus', state: 'closed' });
    const looked = await knex.raw<{ rows: unknown[] }>('select * from hub.changes');
    expect(looked.rows.length).toBeGreaterThan(0);
  });
  expect(await reader.told('case', id)).toMatch(/^\d+-\d+$/);
  await reader.told('channel', 'channel:bankplus');
});

test('whoever comes again with the place that he last saw hears what he missed; an unknown place is a resync', async () => {
  const first = await follow();
  const id = await oneCase();
  const place = await first.told('case', id);
  first.close();
  await ops.act(id, 'claim');
  const second = await follow(place);
  await second.told('case', id);
  for (const unknown of ['1-1', `9999999999-${Date.now()}`, 'anything']) {
    const stranger = await follow(unknown);
    await eventually('a resync', () =>
      Promise.resolve(stranger.events.some(({ type }) => type === 'resync')),
    );
  }
});

test('a console that stops ends its streams, and another one goes on from their place', async () => {
  const console = { host: '127.0.0.1', port: 0, url: undefined, oidc: undefined };
  const second = await ops.hub.start({ roles: new Set(['console'] as const), console }, { openConsole });
  const reader = await readEvents(`${second.consoleUrl ?? ''}/ops/v1`, ops.ada);
  const id = await oneCase();
  const place = await reader.told('case', id);
  await second.stop();
  await reader.ended();
  await ops.act(id, 'claim');
  const again = await follow(place);
  await again.told('case', id);
  expect(again.events.map(({ type }) => type)).not.toContain('resync');
});

test('a stream that begins while the console stops ends as soon as it has begun', async () => {
  const following = Promise.withResolvers<{ stop(): void }>();
  const begun = Promise.withResolvers<void>();
  const streams = openEventStreams({
    changes: {
      follow: () => {
        begun.resolve();
        return following.promise;
      },
    },
  });
  const server = createServer((_request, response) => {
    void streams.open(callerNamed('ada', '1'), undefined, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await begun.promise;
  streams.close();
  following.resolve({ stop: () => undefined });
  expect(await (await answer).text()).toBe('retry: 2000\n\n');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a statement that changes very many names none of them', async () => {
  const reader = await follow();
  await ops.hub.database.knex.raw(`
    insert into hub.cases (message_key, cause, suggestion, error, fingerprint, evidence)
    select 'm-' || n, 'unreadable_message', 'resolve', 'e', 'f', '{}' from generate_series(1, 500) as n`);
  await eventually('it is told', () => Promise.resolve(reader.body.includes('"subjects":null')));
  expect((await ops.hub.database.knex('hub.changes')).length).toBeLessThan(10);
});

test('a stream ends with its session and does not keep it from ending unused', async () => {
  const reader = await follow();
  const { knex } = ops.hub.database;
  const old = new Date(Date.now() - 29 * 60_000);
  await knex('hub.sessions').where({ operator_id: ops.ada.operatorId }).update({ last_seen_at: old });
  const id = await oneCaseBy(await ops.person('bob', ['operator']));
  await reader.told('case', id);
  const [session] = await knex<{ last_seen_at: Date; operator_id: string }>('hub.sessions')
    .where({ operator_id: ops.ada.operatorId })
    .select('last_seen_at');
  expect(session).toEqual({ last_seen_at: old });
  await knex('hub.sessions')
    .where({ operator_id: ops.ada.operatorId })
    .update({ last_seen_at: new Date(Date.now() - 31 * 60_000) });
  await reader.ended();
  expect(reader.events.at(-1)).toMatchObject({ type: 'over' });
  expect((await follow()).status).toBe(401);
});

/** A case, without ada asking for anything. */
async function oneCaseBy(person: { ask: ConsoleUnderTest['ask'] }): Promise<string> {
  ops.twist(never, mute);
  await ops.hub.place({ orderId: 'o-9', userId: 'eve', deductions: [{ channel: 'airmiles', points: '7' }] });
  return eventually('a case is open', async () => {
    const { cases } = (await person.ask('GET', '/cases')).body as { cases: readonly { id: string }[] };
    return cases[0]?.id;
  });
}

test('a token is refused, and so is the eleventh stream of a person until another one ends', async () => {
  const { body } = await ops.ask('POST', '/tokens', { name: 'laptop', scopes: ['cases.read'], days: 1 });
  const answer = await fetch(`${ops.line.url}/events`, {
    headers: { authorization: `Bearer ${String(body['token'])}` },
  });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'HUB_FORBIDDEN']);
  for (let number = 1; number <= 10; number += 1) expect((await follow()).status).toBe(200);
  const eleventh = await follow();
  expect([eleventh.status, eleventh.body]).toEqual([429, expect.stringContaining('HUB_STREAMS_TOO_MANY')]);
  readers[0]?.close();
  await eventually('there is a place again', async () => (await follow()).status === 200);
});

test('whoever does not read is dropped, and holds up nobody else', async () => {
  const caller = callerNamed('ada', '1');
  const tellers: ((tidings: never) => void)[] = [];
  const streams = openEventStreams({
    changes: {
      follow: (_caller, _after, tell) => {
        tellers.push(tell);
        return Promise.resolve({ stop: () => undefined });
      },
    },
  });
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    responses.push(response);
    void streams.open(caller, undefined, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const mutes = connect(port, '127.0.0.1');
  mutes.pause();
  mutes.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const taking = connect(port, '127.0.0.1');
  let taken = 0;
  taking.on('data', (chunk) => (taken += chunk.length));
  taking.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually('both follow', () => Promise.resolve(tellers.length === 2));
  const subjects = Array.from({ length: 100 }, (_, index) => `${index}`.padStart(100, '0'));
  const tidings = { type: 'changed', place: '1-1', changes: [{ kind: 'case', subjects }] } as never;
  const isDropped = await eventually('one is dropped', async () => {
    for (let round = 0; round < 100; round += 1) {
      for (const tell of tellers) tell(tidings);
      // Lets the one that reads read.
      await setImmediate();
    }
    return responses.some(({ destroyed }) => destroyed);
  });
  expect(isDropped).toBe(true);
  expect(responses.filter(({ destroyed }) => destroyed)).toHaveLength(1);
  expect(taken).toBeGreaterThan(100_000);
  streams.close();
  mutes.destroy();
  taking.destroy();
  await new Promise((resolve) => server.close(resolve));
});
