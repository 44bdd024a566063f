/** People and their rights over real sockets and a real Postgres: getting in, staying in, and being kept out. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import { browserOf, invited, sameOrigin, type Person } from './testing/person.ts';

let ops: ConsoleUnderTest;
let admin: Person;
beforeAll(async () => {
  ops = await consoleUnderTest();
  admin = await ops.person('grace', ['admin']);
});
afterAll(() => ops.close());

function refusal(status: number, code: string) {
  return { status, body: { code, status } };
}

async function lastRefusal() {
  const refused = (await ops.audit()).filter(({ outcome }) => outcome === 'refused');
  return refused.at(-1);
}

/** As the owner of the database, who can make time pass. */
async function pass(statement: string, ...values: readonly string[]): Promise<void> {
  await ops.hub.database.knex.raw(statement, [...values]);
}

describe('a one-time link', () => {
  test('sets a password once, and begins a session', async () => {
    const { operatorId, token } = await invited(ops.hub.database.url, 'lina', ['viewer']);
    const password = 'set by a link, once';
    const one = browserOf(ops.line, 'lina', operatorId, password);
    const other = browserOf(ops.line, 'lina', operatorId, password);
    const answers = await Promise.all(
      [one, other].map((browser) => browser.ask('POST', '/one-time-links/redeem', { token, password })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410]);
    expect(await other.ask('POST', '/one-time-links/redeem', { token, password })).toMatchObject(
      refusal(410, 'HUB_LINK_WRONG'),
    );
    expect(await lastRefusal()).toMatchObject({
      action: 'password.set',
      code: 'HUB_LINK_WRONG',
      actor: null,
    });
    expect((await one.signIn()).status).toBe(200);
    expect(JSON.stringify(await ops.hub.database.knex('hub.one_time_links'))).not.toContain(token);
  });

  test('is kept where the password is too weak, and ends after a day', async () => {
    const { operatorId, token } = await invited(ops.hub.database.url, 'weak', ['viewer']);
    const browser = browserOf(ops.line, 'weak', operatorId, '');
    const redeem = (password: string) => browser.ask('POST', '/one-time-links/redeem', { token, password });
    expect(await redeem('passwordpassword')).toMatchObject(refusal(422, 'HUB_PASSWORD_WEAK'));
    await pass(`update hub.one_time_links set expires_at = now() where operator_id = ?`, operatorId);
    expect(await redeem('a good and long one')).toMatchObject(refusal(410, 'HUB_LINK_WRONG'));
  });
});

describe('signing in', () => {
  test('says the same of a wrong password, an unknown name and a person without a password', async () => {
    await invited(ops.hub.database.url, 'without', ['viewer']);
    const known = await ops.person('known', ['viewer']);
    const details = new Set<unknown>();
    for (const name of ['known', 'nobody', 'without']) {
      const answer = await known.ask('POST', '/session', { name, password: 'not the password' });
      expect(answer).toMatchObject(refusal(401, 'HUB_SIGN_IN_FAILED'));
      details.add(answer.body['detail']);
    }
    expect(details.size).toBe(1);
    const refused = (await ops.audit()).filter(({ code }) => code === 'HUB_SIGN_IN_FAILED').slice(-3);
    expect(refused.map(({ subject }) => subject !== null)).toEqual([true, false, true]);
    expect(JSON.stringify(refused)).not.toContain('nobody');
  });

  test('gives a new session each time, in a cookie that scripts and other sites cannot use', async () => {
    const person = await ops.person('cookie', ['viewer']);
    const before = person.cookies.get('points-hub-session');
    const answer = await person.signIn();
    const [session] = answer.headers.getSetCookie();
    expect(session).toMatch(/^points-hub-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(person.cookies.get('points-hub-session')).not.toBe(before);
    const stored = JSON.stringify(await ops.hub.database.knex('hub.sessions'));
    expect(stored).not.toContain(person.cookies.get('points-hub-session'));
  });

  test('is the same for a name in other letters', async () => {
    const person = await ops.person('Zoë', ['viewer']);
    expect(
      (await person.ask('POST', '/session', { name: ' ZOE\u0308', password: person.password })).status,
    ).toBe(200);
    expect((await person.ask('GET', '/me')).body).toMatchObject({ name: 'Zoë' });
  });

  test('is paused for those who guess; whoever signed in from his browser before still gets in', async () => {
    const person = await ops.person('target', ['viewer']);
    const guesser = browserOf(ops.line, 'target', person.operatorId, 'guess');
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess += 1)
      statuses.push((await guesser.signIn(`guess ${guess}`)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    // Not even with the right password: it may be a guess like the others.
    const paused = await guesser.signIn(person.password);
    expect(paused).toMatchObject(refusal(429, 'HUB_SIGN_IN_THROTTLED'));
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await person.signIn()).status).toBe(200);
    await pass(`update hub.sign_in_tries set ends_at = now()`);
    expect((await guesser.signIn(person.password)).status).toBe(200);
  });

  test('is paused for an address that tries many names, and those who guess at once are no faster', async () => {
    await pass(`delete from hub.sign_in_tries`);
    const guesser = browserOf(ops.line, 'x', '0', 'x');
    // One refusal less than the audit takes in a minute would hide the pause.
    await pass(
      `insert into hub.sign_in_tries (bucket, tries, ends_at) values ('address:127.0.0.1', 48, now() + interval '1 h')`,
    );
    const answers = await Promise.all(
      ['p', 'q', 'r', 's'].map((name) => guesser.ask('POST', '/session', { name, password: 'x' })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([401, 401, 429, 429]);
    await pass(`delete from hub.sign_in_tries`);
  });
});

describe('a session', () => {
  test.each([
    ['that is too old', `update hub.sessions set expires_at = now() where operator_id = ?`],
    [
      'that nobody used',
      `update hub.sessions set last_seen_at = now() - interval '31 min' where operator_id = ?`,
    ],
    ['of a person who was disabled', `update hub.operators set disabled_at = now() where id = ?`],
    ['that was deleted', `delete from hub.sessions where operator_id = ?`],
  ])('%s opens nothing', async (name, statement) => {
    const person = await ops.person(name, ['viewer']);
    expect((await person.ask('GET', '/cases')).status).toBe(200);
    await pass(statement, person.operatorId);
    const answer = await person.ask('GET', '/cases');
    expect(answer).toMatchObject(refusal(401, 'HUB_SESSION_OVER'));
    expect(await lastRefusal()).toMatchObject({ action: 'case.list', code: 'HUB_SESSION_OVER', actor: null });
    expect(await person.ask('GET', '/cases')).toMatchObject(refusal(401, 'HUB_SIGN_IN_NEEDED'));
  });

  test('that somebody made up opens nothing', async () => {
    const forger = browserOf(ops.line, 'x', '0', 'x');
    forger.cookies.set('points-hub-session', 'A'.repeat(43));
    expect(await forger.ask('GET', '/me')).toMatchObject(refusal(401, 'HUB_SESSION_OVER'));
  });

  test('of an approver ends sooner for want of use', async () => {
    const person = await ops.person('approves', ['approver']);
    await pass(
      `update hub.sessions set last_seen_at = now() - interval '16 min' where operator_id = ?`,
      person.operatorId,
    );
    expect(await person.ask('GET', '/me')).toMatchObject(refusal(401, 'HUB_SESSION_OVER'));
  });

  test('goes on while it is used', async () => {
    const person = await ops.person('busy', ['viewer']);
    const before = `update hub.sessions set last_seen_at = now() - interval '29 min' where operator_id = ?`;
    await pass(before, person.operatorId);
    expect((await person.ask('GET', '/me')).status).toBe(200);
    const row = (await ops.hub.database
      .knex('hub.sessions')
      .where({ operator_id: person.operatorId })
      .whereRaw(`last_seen_at > now() - interval '1 min'`)) as unknown[];
    expect(row).toHaveLength(1);
  });

  test('can be ended, alone or with all others', async () => {
    const here = await ops.person('leaves', ['viewer']);
    const there = browserOf(ops.line, 'leaves', here.operatorId, here.password);
    await there.signIn();
    const { sessions } = (await here.ask('GET', '/sessions')).body as { sessions: { id: string }[] };
    expect(sessions).toHaveLength(2);
    expect((await here.ask('POST', `/sessions/${sessions[0]?.id}/end`)).status).toBe(200);
    expect((await there.ask('GET', '/me')).status).toBe(401);
    await there.signIn();
    expect((await here.ask('POST', '/sessions/end')).body).toEqual({ sessions: 2 });
    expect((await there.ask('GET', '/me')).status).toBe(401);
    await here.signIn();
    expect((await here.ask('POST', '/session/end')).status).toBe(200);
    expect(await here.ask('GET', '/me')).toMatchObject(refusal(401, 'HUB_SIGN_IN_NEEDED'));
    const other = await ops.person('other', ['viewer']);
    await here.signIn();
    const [own] = ((await here.ask('GET', '/sessions')).body as { sessions: { id: string }[] }).sessions;
    expect(await other.ask('POST', `/sessions/${own?.id}/end`)).toMatchObject(
      refusal(404, 'HUB_SESSION_UNKNOWN'),
    );
  });
});

describe('another site', () => {
  test.each([
    ['says that it is one', { 'sec-fetch-site': 'cross-site' }, 'HUB_CROSS_SITE'],
    ['of the same domain says so', { 'sec-fetch-site': 'same-site' }, 'HUB_CROSS_SITE'],
    ['cannot send the token', { 'x-csrf-token': '' }, 'HUB_CSRF_TOKEN_WRONG'],
    ['makes the token up', { 'x-csrf-token': 'A'.repeat(43) }, 'HUB_CSRF_TOKEN_WRONG'],
  ] as const)('%s, and changes nothing', async (_, headers, code) => {
    expect(await ops.ask('POST', '/sessions/end', {}, headers)).toMatchObject(refusal(403, code));
    expect(await lastRefusal()).toMatchObject({ actor: 'ada', action: 'session.end_all', code });
    expect((await ops.ask('GET', '/me')).status).toBe(200);
  });

  test.each([
    ['an old browser on the page itself', 'own', 200],
    ['an old browser elsewhere', 'https://evil.example', 403],
    ['an old browser that hides where it is', 'null', 403],
    ['what is no browser', undefined, 403],
  ])('%s is told by its Origin', async (_, origin, status) => {
    const { cookies, csrfToken } = ops.ada;
    const shown = origin === 'own' ? new URL(ops.line.url).origin : origin;
    const answer = await ops.line.send(
      'POST',
      '/cases/1/notes',
      { text: 1 },
      {
        cookie: `points-hub-session=${cookies.get('points-hub-session')}`,
        'x-csrf-token': csrfToken,
        ...(shown === undefined ? {} : { origin: shown }),
      },
    );
    // The body is wrong, so that nothing is written where it gets in.
    expect(answer.status).toBe(status === 200 ? 422 : status);
  });

  test('a name that leads here is not this console', async () => {
    const headers = { origin: 'http://rebound.example', host: 'rebound.example' };
    const answer = await ops.line.send('POST', '/session', { name: 'ada', password: 'x' }, headers);
    expect(answer).toMatchObject(refusal(403, 'HUB_CROSS_SITE'));
  });

  test('a form cannot sign anybody in', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin };
    const answer = await ops.line.send('POST', '/session', 'name=ada&password=x', headers);
    expect(answer).toMatchObject(refusal(415, 'HUB_CONTENT_TYPE_UNSUPPORTED'));
  });
});

describe('the own password', () => {
  test('is changed by whoever knows it; the other sessions end', async () => {
    const here = await ops.person('changes', ['viewer']);
    const there = browserOf(ops.line, 'changes', here.operatorId, here.password);
    await there.signIn();
    const wrong = { current: 'not the current one', password: 'another long password' };
    expect(await here.ask('POST', '/password', wrong)).toMatchObject(refusal(401, 'HUB_SIGN_IN_FAILED'));
    const weak = { current: here.password, password: 'changes changes' };
    expect(await here.ask('POST', '/password', weak)).toMatchObject(refusal(422, 'HUB_PASSWORD_WEAK'));
    const right = { current: here.password, password: 'another long password' };
    expect((await here.ask('POST', '/password', right)).status).toBe(200);
    expect((await there.ask('GET', '/me')).status).toBe(401);
    expect((await there.signIn()).status).toBe(401);
    expect((await there.signIn('another long password')).status).toBe(200);
  });
});

describe('what a person may do', () => {
  test('is told by /me, and is what the server lets him do', async () => {
    expect((await ops.ask('GET', '/me')).body).toMatchObject({
      name: 'ada',
      roles: ['operator'],
      permissions: expect.arrayContaining(['cases.retry', 'compensation.request']),
      proof: { type: 'session' },
    });
    expect((await admin.ask('GET', '/me')).body['permissions']).not.toContain('compensation.approve');
  });

  test.each([
    ['/cases/1/retry', {}, 'case.retry', 'case:1'],
    ['/cases/1/notes', { text: 'x' }, 'case.note', 'case:1'],
    ['/operators', { name: 'x', roles: ['admin'] }, 'operator.invite', null],
  ])('a viewer is refused %s, and the audit has it', async (path, body, action, subject) => {
    const viewer = await ops.person(`viewer of ${path}`, ['viewer']);
    expect(await viewer.ask('POST', path, body)).toMatchObject(refusal(403, 'HUB_FORBIDDEN'));
    expect(await lastRefusal()).toMatchObject({ actor: viewer.name, action, subject, code: 'HUB_FORBIDDEN' });
  });

  test('an operator does not read the audit, an admin does not act on cases', async () => {
    expect(await ops.ask('GET', '/audit')).toMatchObject(refusal(403, 'HUB_FORBIDDEN'));
    expect(await ops.ask('GET', '/audit/export?format=csv')).toMatchObject(refusal(403, 'HUB_FORBIDDEN'));
    expect(await ops.ask('GET', '/operators')).toMatchObject(refusal(403, 'HUB_FORBIDDEN'));
    expect(await admin.ask('POST', '/cases/1/retry', {})).toMatchObject(refusal(403, 'HUB_FORBIDDEN'));
  });

  test('changes with his next request', async () => {
    const person = await ops.person('promoted', ['viewer']);
    expect((await person.ask('POST', '/cases/1/notes', { text: 'x' })).status).toBe(403);
    await admin.ask('POST', `/operators/${person.operatorId}/roles`, { roles: ['operator'] });
    expect((await person.ask('POST', '/cases/1/notes', { text: 'x' })).status).toBe(404);
  });
});
