/** What somebody with a console, a session and bad intentions may try. Nothing changes, and it is written down. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import { browserOf, sameOrigin, type Answer, type Heads, type Person } from './testing/person.ts';

let ops: ConsoleUnderTest;
let id: string;
let version: number;
let root: Person;

beforeAll(async () => {
  ops = await consoleUnderTest();
  root = await ops.person('root', ['admin']);
  const dead = { takesEffect: false, status: 200, body: () => ({}) };
  ops.twist({ on: /\/channels\/airmiles/, ...dead });
  await ops.hub.place({ orderId: 'o-1', userId: 'u', deductions: [{ channel: 'airmiles', points: '5' }] });
  const [opened] = await ops.opened(1);
  ({ id, version } = opened ?? { id: '', version: 0 });
});
afterAll(() => ops.close());

/** So many refusals of one person within a minute would be answered without a look at them. */
let operators = 0;
let mallory: Person;
beforeEach(async () => {
  operators += 1;
  mallory = await ops.person(`mallory ${operators}`, ['operator']);
});

function refusal(status: number, code: string) {
  return { status, body: { code, status } };
}

/** Everything about people and cases that an attack could be after. */
async function state(): Promise<unknown> {
  const { knex } = ops.hub.database;
  return {
    case: await ops.read(id),
    operators: await knex('hub.operators').orderBy('id'),
    tokens: await knex('hub.access_tokens').whereNot({ name: 'mine' }).orderBy('id'),
    sessions: (await knex('hub.sessions').orderBy('id').select('id', 'operator_id', 'token_hash')) as unknown,
    compensations: await knex('hub.compensations').orderBy('id'),
    thresholds: await knex('hub.compensation_thresholds').orderBy('channel'),
    replays: await knex('hub.replays').orderBy('id'),
    pauses: (await knex('hub.channel_states').select('remote', 'paused_at').orderBy('remote')) as unknown,
  };
}

/** Refused with this, as the last thing in the audit, and nothing has changed. */
async function expectRefused(
  attack: () => Promise<Answer>,
  status: number,
  code: string,
  denial: object = { outcome: 'refused', code },
): Promise<void> {
  const before = await state();
  expect(await attack()).toMatchObject(refusal(status, code));
  expect((await ops.audit()).at(-1)).toMatchObject(denial);
  expect(await state()).toEqual(before);
}

const heads = (person: Person): Heads => ({
  cookie: [...person.cookies].map((pair) => pair.join('=')).join('; '),
  'x-csrf-token': person.csrfToken,
  ...sameOrigin,
});

describe('more rights than one has', () => {
  test.each([
    ['a person of his own', '/operators', { name: 'another me', roles: ['approver'] }],
    ['the switch of a channel', '/channels/airmiles/pause', { reason: 'r' }],
    ['a threshold', '/channels/airmiles/compensation-threshold', { pointsMax: '999' }],
    ['an approval', '/compensations/1/approve', { digest: 'a'.repeat(64) }],
  ])('are not got by asking for %s', async (_, path, body) => {
    await expectRefused(() => mallory.ask('POST', path, body), 403, 'HUB_FORBIDDEN');
  });

  test('are not got by giving them to oneself, or by taking over who has them', async () => {
    const own = `/operators/${mallory.operatorId}/roles`;
    await expectRefused(
      () => mallory.ask('POST', own, { roles: ['operator', 'approver'] }),
      403,
      'HUB_FORBIDDEN',
    );
    const reset = `/operators/${root.operatorId}/reset`;
    await expectRefused(() => mallory.ask('POST', reset), 403, 'HUB_FORBIDDEN');
  });

  test('are not got by an admin, who would approve himself', async () => {
    const own = `/operators/${root.operatorId}/roles`;
    const asked = { roles: ['admin', 'approver'] };
    await expectRefused(() => root.ask('POST', own, asked), 422, 'HUB_ROLES_INVALID');
  });

  test.each([
    [['people.manage']],
    [['compensation.approve']],
    [['audit.read']],
    [['cases.read', 'channels.manage']],
  ])('are not got by a token with %j', async (scopes) => {
    const wanted = { name: 'wide', scopes, days: 1 };
    await expectRefused(() => mallory.ask('POST', '/tokens', wanted), 403, 'HUB_SCOPE_TOO_SMALL');
  });

  test('a token that was made with fewer rights than its owner has later stays as it was made', async () => {
    const made = await mallory.ask('POST', '/tokens', { name: 'mine', scopes: ['cases.read'], days: 1 });
    const authorization = `Bearer ${String(made.body['token'])}`;
    const act = () =>
      ops.line.send('POST', `/cases/${id}/claim`, {}, { authorization, 'if-match': `"${version}"` });
    await expectRefused(act, 403, 'HUB_SCOPE_TOO_SMALL');
    const more = { name: 'wider', scopes: ['cases.read', 'cases.claim'], days: 1 };
    const make = () => ops.line.send('POST', '/tokens', more, { authorization });
    await expectRefused(make, 403, 'HUB_PROOF_STALE');
  });

  test('a threshold is set by no token, whatever its scopes', async () => {
    const scopes = ['channels.manage'];
    const made = await root.ask('POST', '/tokens', { name: 'mine', scopes, days: 1 });
    const authorization = `Bearer ${String(made.body['token'])}`;
    const path = '/channels/airmiles/compensation-threshold';
    const set = () => ops.line.send('POST', path, { pointsMax: '999' }, { authorization });
    await expectRefused(set, 403, 'HUB_PROOF_STALE');
  });
});

describe('a forged proof', () => {
  const own = 'pht_abcdefghijkl_';
  test.each([
    ['of no token', 'Bearer x'],
    ['of an empty token', 'Bearer '],
    ['of a token that there is not', `Bearer ${own}${'A'.repeat(43)}`],
    ['of a mall', `Bearer ph_abcdefghijkl_${'A'.repeat(43)}`],
    ['of another kind', 'Basic cm9vdDpyb290'],
    ['of a signed one that nobody signed', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.'],
    ['with a statement in it', `Bearer pht_a'or'1'='1_${'A'.repeat(43)}`],
    ['with a NUL in it', `Bearer pht_abcdefghijk%00_${'A'.repeat(43)}`],
  ])('%s opens nothing, not even beside a session that would', async (_, authorization) => {
    const ask = () => ops.line.send('GET', '/cases', undefined, { ...heads(mallory), authorization });
    await expectRefused(ask, 401, 'HUB_ACCESS_TOKEN_WRONG');
  });

  test('a session that somebody planted in a browser is not the one that signing in there begins', async () => {
    const planted = 'P'.repeat(43);
    const victim = browserOf(ops.line, mallory.name, mallory.operatorId, mallory.password);
    victim.cookies.set('points-hub-session', planted);
    expect((await victim.signIn()).status).toBe(200);
    expect(victim.cookies.get('points-hub-session')).not.toBe(planted);
    const planter = browserOf(ops.line, 'x', '', '');
    planter.cookies.set('points-hub-session', planted);
    expect(await planter.ask('GET', '/me')).toMatchObject(refusal(401, 'HUB_SESSION_OVER'));
  });

  test('of two sessions in one request neither counts', async () => {
    const cookie = `${heads(mallory)['cookie'] ?? ''}; points-hub-session=${'P'.repeat(43)}`;
    const answer = await ops.line.send('GET', '/me', undefined, { cookie });
    expect(answer).toMatchObject(refusal(401, 'HUB_SIGN_IN_NEEDED'));
  });

  test('where somebody comes from is not what he says himself', async () => {
    const spoofed = { 'x-forwarded-for': '10.9.9.9', forwarded: 'for=10.9.9.9', 'x-real-ip': '10.9.9.9' };
    await ops.line.send('POST', `/cases/${id}/notes`, { text: 1 }, { ...heads(mallory), ...spoofed });
    const rows: unknown[] = await ops.hub.database.knex('hub.audit').orderBy('id', 'desc').limit(1);
    expect(rows).toMatchObject([{ actor: mallory.name, address: '127.0.0.1' }]);
  });
});

describe('another site, in the browser of somebody who has signed in', () => {
  test.each([
    ['text/plain', `{"text":"x"}`],
    ['application/x-www-form-urlencoded', 'text=x'],
    ['multipart/form-data; boundary=b', '--b\r\n\r\nx\r\n--b--'],
    ['text/plain; application/json', `{"text":"x"}`],
    ['application/jsonp', `{"text":"x"}`],
  ])('is kept out where it sends %s', async (type, body) => {
    const path = `/cases/${id}/notes`;
    const foreign = { ...heads(mallory), 'content-type': type, 'sec-fetch-site': 'cross-site' };
    await expectRefused(() => ops.line.send('POST', path, body, foreign), 403, 'HUB_CROSS_SITE');
    const near = { ...heads(mallory), 'content-type': type };
    await expectRefused(() => ops.line.send('POST', path, body, near), 415, 'HUB_CONTENT_TYPE_UNSUPPORTED');
  });

  test.each([
    { 'x-http-method-override': 'POST' },
    { 'x-http-method': 'POST' },
    { 'x-method-override': 'POST' },
  ])('makes no change of a look by %j', async (override) => {
    const before = await state();
    const answer = await ops.line.send('GET', `/cases/${id}/claim?_method=POST`, undefined, {
      ...heads(mallory),
      ...override,
    });
    expect(answer).toMatchObject(refusal(404, 'HUB_ROUTE_UNKNOWN'));
    expect(await state()).toEqual(before);
  });

  test('reads nothing: no answer is let out to it', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await fetch(`${ops.line.url}/me`, {
        method,
        headers: {
          ...heads(mallory),
          origin: 'https://evil.example',
          'access-control-request-method': 'POST',
        },
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a version that was not seen', () => {
  test.each(['*', '""', '"-1"', '"1', '1', '"1", "2"', 'W/"1"', '"1e0"', '"9999999999"', '"1" '.repeat(2)])(
    'such as %s is none',
    async (ifMatch) => {
      const act = () => mallory.ask('POST', `/cases/${id}/claim`, {}, { 'if-match': ifMatch });
      await expectRefused(act, 428, 'HUB_VERSION_MISSING');
    },
  );

  test('or that is no more is refused', async () => {
    const act = () => mallory.ask('POST', `/cases/${id}/retry`, {}, { 'if-match': '"999999999"' });
    await expectRefused(act, 409, 'HUB_CASE_CHANGED');
  });
});

describe('a body', () => {
  const send = (body: string, more: Heads = {}) =>
    ops.line.send('POST', `/cases/${id}/ignore`, body, {
      ...heads(mallory),
      'if-match': `"${version}"`,
      ...more,
    });

  test.each([
    ['a field twice, of which the last counts', '{"reason":"fine","reason":""}', 422, 'HUB_REQUEST_INVALID'],
    ['what every object has', '{"reason":"r","__proto__":{"isAdmin":true}}', 422, 'HUB_REQUEST_INVALID'],
    ['a maker for its objects', '{"reason":"r","constructor":{}}', 422, 'HUB_REQUEST_INVALID'],
    ['a field that nobody knows', '{"reason":"r","operator":"root"}', 422, 'HUB_REQUEST_INVALID'],
    ['a NUL', '{"reason":"a\\u0000b"}', 422, 'HUB_REQUEST_INVALID'],
    ['a name with a NUL', '{"reason":"r","a\\u0000b":1}', 422, 'HUB_REQUEST_INVALID'],
    ['a list for an object', '[{"reason":"r"}]', 422, 'HUB_REQUEST_INVALID'],
    ['a number for a text', '{"reason":1}', 422, 'HUB_REQUEST_INVALID'],
    ['no JSON', '{"reason":"r"} x', 400, 'HUB_BODY_MALFORMED'],
    ['comments', '{"reason":"r"/*x*/}', 400, 'HUB_BODY_MALFORMED'],
    ['nothing', '', 400, 'HUB_BODY_MALFORMED'],
    ['lists in lists', '['.repeat(60_000), 400, 'HUB_BODY_MALFORMED'],
    ['objects in objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, 422, 'HUB_REQUEST_INVALID'],
    ['too much', `{"reason":"${'x'.repeat(70_000)}"}`, 413, 'HUB_BODY_TOO_LARGE'],
  ])('with %s is refused', async (_, body, status, code) => {
    await expectRefused(() => send(body), status, code);
  });

  test('that is compressed is refused, so that none is larger than it looks', async () => {
    const packed = () => send('{}', { 'content-encoding': 'gzip' });
    await expectRefused(packed, 415, 'HUB_CONTENT_TYPE_UNSUPPORTED');
  });
});

describe('a path', () => {
  test.each([
    ['GET', '/cases/%00', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', `/cases/1%00`, 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/1%0d%0aset-cookie:x=y', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/..%2f..%2fme', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/-1', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/01', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/0x1', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/%D9%A1', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/cases/9999999999999999999', 404, 'HUB_CASE_UNKNOWN'],
    ['GET', `/cases/1'%20or%201=1--`, 404, 'HUB_CASE_UNKNOWN'],
    ['GET', '/replays/%00', 404, 'HUB_REPLAY_UNKNOWN'],
    ['GET', '/compensations/1%00', 404, 'HUB_COMPENSATION_UNKNOWN'],
    ['POST', '/cases/%00/reveal', 404, 'HUB_CASE_UNKNOWN'],
    ['POST', '/sessions/%00/end', 404, 'HUB_SESSION_UNKNOWN'],
    ['POST', '/tokens/%00/revoke', 404, 'HUB_ACCESS_TOKEN_UNKNOWN'],
    ['POST', `/tokens/a'or'1'='1/revoke`, 404, 'HUB_ACCESS_TOKEN_UNKNOWN'],
  ] as const)('%s %s leads to nothing, which is written down', async (method, path, status, code) => {
    const body = method === 'POST' ? (path.endsWith('reveal') ? { reason: 'r' } : {}) : undefined;
    const before = await state();
    const answer = await mallory.ask(method, path, body);
    expect(answer).toMatchObject(refusal(status, code));
    expect(answer.headers.get('set-cookie')).toBeNull();
    const last = (await ops.audit()).at(-1);
    expect(last).toMatchObject({ actor: mallory.name, outcome: 'refused', code });
    expect(last?.subject).not.toMatch(/\p{Cc}/u);
    expect(await state()).toEqual(before);
  });

  test.each(['/channels/%00/pause', '/channels/air%00miles/resume', '/channels/..%2fportal/limit'])(
    '%s is no channel',
    async (path) => {
      const pause = () => root.ask('POST', path, { reason: 'r' });
      await expectRefused(pause, 422, 'HUB_CHANNEL_UNKNOWN');
    },
  );

  test.each(['/cases/%E0%A4%A', '/cases/%', '//cases', '/cases/', '/CASES', '/../ops/v1x/cases'])(
    '%s is nowhere',
    async (path) => {
      expect(await raw(path, heads(mallory))).toMatchObject({ status: 404 });
    },
  );
});

/** As it is: `fetch` would tidy a path up. */
function raw(path: string, headers: Heads): Promise<{ readonly status: number | undefined }> {
  const { hostname, port, pathname } = new URL(ops.line.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { hostname, port, path: `${pathname}${path}`, headers, agent: false },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ status: answer.statusCode }));
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

describe('who is put out while he is here', () => {
  test.each([
    ['disabled', 'disable', 401, 'HUB_SESSION_OVER'],
    ['revoked', 'revoke', 401, 'HUB_SESSION_OVER'],
    ['given a new password by an admin', 'reset', 401, 'HUB_SESSION_OVER'],
  ])('%s, acts no more: by session or by token', async (_, deed, status, code) => {
    const scopes = ['cases.read', 'cases.claim'];
    const made = await mallory.ask('POST', '/tokens', { name: 'mine', scopes, days: 1 });
    const authorization = `Bearer ${String(made.body['token'])}`;
    const claim = { 'if-match': `"${version}"` };
    expect((await mallory.ask('GET', `/cases/${id}`)).status).toBe(200);
    const body = deed === 'disable' ? { reason: 'r' } : {};
    expect((await root.ask('POST', `/operators/${mallory.operatorId}/${deed}`, body)).status).toBe(200);
    const bySession = () => mallory.ask('POST', `/cases/${id}/claim`, {}, claim);
    await expectRefused(bySession, status, code);
    const byToken = () => ops.line.send('POST', `/cases/${id}/claim`, {}, { authorization, ...claim });
    await expectRefused(byToken, 401, 'HUB_ACCESS_TOKEN_WRONG');
  });

  test('made a viewer, acts no more with his next request', async () => {
    const path = `/operators/${mallory.operatorId}/roles`;
    expect((await root.ask('POST', path, { roles: ['viewer'] })).status).toBe(200);
    const act = () => mallory.ask('POST', `/cases/${id}/claim`, {}, { 'if-match': `"${version}"` });
    await expectRefused(act, 403, 'HUB_FORBIDDEN');
  });
});
