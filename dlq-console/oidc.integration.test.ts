/** Signing in at a real OpenID Connect provider, over real sockets, with a browser's cookies at both ends. */
import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { hubUnderTest, type HubUnderTest } from '../hub/testing/hub-under-test.ts';
import { freePort } from '../dev/ports.ts';
import { openConsole } from './api.ts';
import {
  clientOfHub,
  providerBrowser,
  startProvider,
  type Account,
  type IdentityProvider,
} from './testing/identity-provider.ts';
import { browserOf, openLine, personAt, type Answer, type Line, type Person } from './testing/person.ts';

let hub: HubUnderTest;
let provider: IdentityProvider;
let line: Line;
let admin: Person;

beforeAll(async () => {
  hub = await hubUnderTest('in-process');
  const [port, providerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const oidc = oidcAt(providerPort);
  const console_ = { host: '127.0.0.1', port, url, oidc };
  const started = await hub.start({ roles: new Set(['console']), console: console_ }, { openConsole });
  line = await openLine(started.consoleUrl ?? '');
  admin = await personAt(line, hub.database.url, 'grace', ['admin']);
  // The provider is away while the console starts: signing in works once it is there.
  const early = await browserOf(line, 'early', '', '').ask('GET', '/oidc/begin');
  expect(early).toMatchObject({ status: 401, body: { code: 'HUB_OIDC_FAILED' } });
  provider = await startProvider(providerPort, `${url}/ops/v1/oidc/callback`);
}, 60_000);
afterAll(async () => {
  await provider.close();
  await hub.close();
});

function oidcAt(providerPort: number) {
  return {
    ...clientOfHub,
    issuer: `http://127.0.0.1:${providerPort}`,
    scopes: ['groups'],
    groupsClaim: 'groups',
    rolesOfGroups: { ops: ['operator'], seniors: ['approver'], access: ['admin'] },
  } as const;
}

function refusal(status: number, code: string) {
  return { status, body: { code, status } };
}

/** The whole way, in a browser of its own. */
async function signIn(
  accountId: string,
  account: Account,
  at = { person: browserOf(line, accountId, '', ''), browser: providerBrowser() },
  begin = '/oidc/begin',
): Promise<{ answer: Answer; person: Person; browser: typeof at.browser }> {
  provider.accounts.set(accountId, account);
  const begun = await at.person.ask('GET', begin);
  const search = await at.browser.signIn(begun.headers.get('location') ?? '', accountId);
  return { ...at, answer: await callback(at.person, search) };
}

/** The provider's page sends the browser here: another site, and no token of ours. */
function callback(person: Person, search: string): Promise<Answer> {
  return person.ask('GET', `/oidc/callback${search}`, undefined, { 'sec-fetch-site': 'cross-site' });
}

async function meOf(person: Person): Promise<Answer['body']> {
  return (await person.ask('GET', '/me')).body;
}

describe('a person of the company', () => {
  test('gets in with the roles of his groups, and nothing of the provider stays here', async () => {
    const { answer, person } = await signIn('u-1', { preferred_username: 'Lin', groups: ['ops', 'others'] });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/');
    const session = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('points-hub-session='));
    expect(session).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(await meOf(person)).toMatchObject({ name: 'Lin', roles: ['operator'] });
    expect((await person.ask('GET', '/cases')).status).toBe(200);
    expect(await hub.database.knex('hub.oidc_logins')).toEqual([]);
    const rows: unknown = await hub.database.knex('hub.audit').where({ actor: 'Lin' }).orderBy('id');
    expect(rows).toMatchObject([{ action: 'session.begin', details: { by: 'identity provider' } }]);
  });

  test('has other roles when his groups have changed, at his next sign-in', async () => {
    const first = await signIn('u-2', { preferred_username: 'Mo', groups: ['ops'] });
    await signIn('u-2', { preferred_username: 'Mo', groups: ['ops', 'seniors'] }, first);
    // The old session is his as well: rights are looked up with every request.
    expect(await meOf(first.person)).toMatchObject({ roles: ['operator', 'approver'] });
    const { operators } = (await admin.ask('GET', '/operators')).body as {
      operators: { id: string; name: string }[];
    };
    const mo = operators.filter(({ name }) => name === 'Mo');
    expect(mo).toHaveLength(1);
    const change = await admin.ask('POST', `/operators/${mo[0]?.id}/roles`, { roles: ['viewer'] });
    expect(change).toMatchObject(refusal(409, 'HUB_ROLES_ELSEWHERE'));
    expect(await admin.ask('POST', `/operators/${mo[0]?.id}/reset`)).toMatchObject(
      refusal(409, 'HUB_ROLES_ELSEWHERE'),
    );
  });

  test('who was disabled here stays out', async () => {
    const { person } = await signIn('u-3', { preferred_username: 'Noa', groups: ['ops'] });
    const { id } = await meOf(person);
    await admin.ask('POST', `/operators/${String(id)}/disable`, { reason: 'left' });
    expect((await person.ask('GET', '/me')).status).toBe(401);
    const { answer } = await signIn('u-3', { preferred_username: 'Noa', groups: ['ops'] });
    expect(answer).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
  });

  test.each([
    ['in no group with a role', { preferred_username: 'Pat', groups: ['others'] }, 401, 'HUB_OIDC_FAILED'],
    ['in no group at all', { preferred_username: 'Quy' }, 401, 'HUB_OIDC_FAILED'],
    [
      'in a group that is called like a part of every object',
      { groups: ['constructor'] },
      401,
      'HUB_OIDC_FAILED',
    ],
    ['in the groups of admins and approvers', { groups: ['access', 'seniors'] }, 422, 'HUB_ROLES_INVALID'],
    [
      'who calls himself like somebody here',
      { preferred_username: 'GRACE', groups: ['access'] },
      409,
      'HUB_OPERATOR_TAKEN',
    ],
  ])('%s stays out', async (name, account, status, code) => {
    const { answer, person } = await signIn(`stranger ${name}`, account);
    expect(answer).toMatchObject(refusal(status, code));
    expect((await person.ask('GET', '/me')).status).toBe(401);
    const [row] = (await hub.database.knex('hub.audit').orderBy('id', 'desc').limit(1)) as unknown[];
    expect(row).toMatchObject({ outcome: 'refused', code, action: 'session.begin', actor: null });
  });
});

describe('an answer of the provider', () => {
  const account = { preferred_username: 'Rui', groups: ['ops'] };

  async function returned(): Promise<{ person: Person; search: string }> {
    provider.accounts.set('u-4', account);
    const person = browserOf(line, 'Rui', '', '');
    const begun = await person.ask('GET', '/oidc/begin');
    return { person, search: await providerBrowser().signIn(begun.headers.get('location') ?? '', 'u-4') };
  }

  test('is good once', async () => {
    const { person, search } = await returned();
    const cookie = [...person.cookies];
    expect((await callback(person, search)).status).toBe(303);
    for (const [name, value] of cookie) person.cookies.set(name, value);
    expect(await callback(person, search)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
  });

  test('is good in the browser that asked for it only', async () => {
    const { person, search } = await returned();
    const victim = browserOf(line, 'victim', '', '');
    expect(await callback(victim, search)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    await victim.ask('GET', '/oidc/begin');
    expect(await callback(victim, search)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    expect((await callback(person, search)).status).toBe(303);
  });

  test.each([
    ['to another question', `update hub.oidc_logins set nonce = 'another'`],
    ['whose code somebody took', `update hub.oidc_logins set code_verifier = repeat('x', 43)`],
    ['that came late', `update hub.oidc_logins set expires_at = now()`],
  ])('%s is refused', async (_, statement) => {
    const { person, search } = await returned();
    await hub.database.knex.raw(statement);
    expect(await callback(person, search)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    expect((await person.ask('GET', '/me')).status).toBe(401);
  });

  test.each([
    ['with another state', (search: string) => search.replace(/state=[^&]+/, 'state=made-up')],
    ['with another code', (search: string) => search.replace(/code=[^&]+/, 'code=made-up')],
    ['of another issuer', (search: string) => search.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example')],
    ['with nothing in it', () => ''],
  ])('%s is refused', async (_, change) => {
    const { person, search } = await returned();
    expect(await callback(person, change(search))).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
  });

  test('that says no is a refusal', async () => {
    const person = browserOf(line, 'no', '', '');
    const begun = await person.ask('GET', '/oidc/begin');
    const search = await providerBrowser().refuse(begun.headers.get('location') ?? '');
    expect(search).toContain('error=access_denied');
    const answer = await callback(person, search);
    expect(answer).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    expect(answer.body['detail']).toContain('access_denied');
  });
});

test('groups that are not in the ID token are asked for', async () => {
  const [port, providerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const settings = oidcAt(providerPort);
  const talkative = provider;
  provider = await startProvider(providerPort, `${url}/ops/v1/oidc/callback`, false);
  const silent = provider;
  try {
    const console_ = { host: '127.0.0.1', port, url, oidc: settings };
    const started = await hub.start({ roles: new Set(['console']), console: console_ }, { openConsole });
    const there = await openLine(started.consoleUrl ?? '');
    const at = { person: browserOf(there, 'u-6', '', ''), browser: providerBrowser() };
    const { person } = await signIn('u-6', { preferred_username: 'Tal', groups: ['ops'] }, at);
    expect(await meOf(person)).toMatchObject({ name: 'Tal', roles: ['operator'] });
  } finally {
    provider = talkative;
    await silent.close();
  }
});

test('who has no password here proves anew who he is at the provider, which asks for it again', async () => {
  const account = { preferred_username: 'Sam', groups: ['access'] };
  const first = await signIn('u-5', account);
  const invitation = { name: 'a friend', roles: ['viewer'] };
  expect(await first.person.ask('POST', '/session/proof', { password: 'x' })).toMatchObject({ status: 403 });
  // The page learns its token from /me.
  await meOf(first.person);
  expect(await first.person.ask('POST', '/session/proof', { password: 'x' })).toMatchObject(
    refusal(401, 'HUB_SIGN_IN_FAILED'),
  );
  expect(await first.person.ask('POST', '/operators', invitation)).toMatchObject(
    refusal(403, 'HUB_PROOF_STALE'),
  );
  expect(first.browser.passwords.count).toBe(1);
  await signIn('u-5', account, first);
  expect(first.browser.passwords.count).toBe(1);
  await signIn('u-5', account, first, '/oidc/begin?renew=true');
  expect(first.browser.passwords.count).toBe(2);
  await meOf(first.person);
  expect((await first.person.ask('POST', '/operators', invitation)).status).toBe(200);
});

describe('a proof that is renewed from the page', () => {
  const account = { preferred_username: 'Kim', groups: ['seniors'] };

  test('ends the session that asked for it, and leads back to where the person was', async () => {
    const first = await signIn('u-7', account);
    expect(await meOf(first.person)).toMatchObject({ provesBy: 'identity_provider' });
    const before = new Map(first.person.cookies);
    const begin = '/oidc/begin?renew=true&back=/compensations/5';
    const { answer } = await signIn('u-7', account, first, begin);
    expect(answer.headers.get('location')).toBe('/#/compensations/5');
    expect(first.person.cookies.get('points-hub-session')).not.toBe(before.get('points-hub-session'));
    const old = browserOf(line, 'Kim', '', '');
    for (const [name, value] of before) old.cookies.set(name, value);
    expect(await old.ask('GET', '/me')).toMatchObject(refusal(401, 'HUB_SESSION_OVER'));
    const { sessions } = (await first.person.ask('GET', '/sessions')).body as { sessions: unknown[] };
    expect(sessions).toHaveLength(1);
  });

  test('is no proof of somebody else, whose session it would become', async () => {
    const first = await signIn('u-7', account);
    provider.accounts.set('u-8', { preferred_username: 'Lou', groups: ['ops'] });
    const begun = await first.person.ask('GET', '/oidc/begin?renew=true');
    const search = await providerBrowser().signIn(begun.headers.get('location') ?? '', 'u-8');
    expect(await callback(first.person, search)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    expect(await meOf(first.person)).toMatchObject({ name: 'Kim' });
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a%0d%0aset-cookie:x',
    '/a?b',
    '',
  ])('leads nowhere but into the page: %j', async (back) => {
    const person = browserOf(line, 'x', '', '');
    const answer = await person.ask('GET', `/oidc/begin?renew=true&back=${encodeURIComponent(back)}`);
    expect(answer).toMatchObject(refusal(422, 'HUB_REQUEST_INVALID'));
  });

  test('that is older than it may be is refused, whatever the provider made of the request', async () => {
    const first = await signIn('u-7', account);
    const begun = await first.person.ask('GET', '/oidc/begin?renew=true');
    const asked = new URL(begun.headers.get('location') ?? '');
    expect([asked.searchParams.get('prompt'), asked.searchParams.get('max_age')]).toEqual(['login', '300']);
    // As if the provider heeded neither: it lets him in by the sign-in that it remembers.
    asked.searchParams.delete('prompt');
    asked.searchParams.set('max_age', '100000');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'setInterval'] });
    try {
      jest.setSystemTime(Date.now() + 500_000);
      const search = await first.browser.signIn(asked.href, 'u-7');
      const answer = await callback(first.person, search);
      expect(answer).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
      expect(answer.body['detail']).toContain('too much time has elapsed');
    } finally {
      jest.useRealTimers();
    }
    expect(await meOf(first.person)).toMatchObject({ name: 'Kim' });
  });
});

describe('a command on the own machine', () => {
  const account = { preferred_username: 'Ola', groups: ['seniors'] };
  const verifier = 'v'.repeat(43);
  const challenge = hash('sha256', verifier, 'base64url');
  const begin = `/oidc/begin?port=40001&challenge=${challenge}`;
  const asTyped = { 'sec-fetch-site': 'none' } as const;

  /** @returns the code that his browser brings to the command */
  async function returned(): Promise<string> {
    provider.accounts.set('u-9', account);
    const person = browserOf(line, 'Ola', '', '');
    const begun = await person.ask('GET', begin, undefined, asTyped);
    const browser = providerBrowser();
    const search = await browser.signIn(begun.headers.get('location') ?? '', 'u-9');
    expect(browser.passwords.count).toBe(1);
    const answer = await callback(person, search);
    expect(answer.status).toBe(303);
    // The session is the command's, not the browser's.
    expect([...person.cookies.keys()]).toEqual([]);
    const to = new URL(answer.headers.get('location') ?? '');
    expect([to.protocol, to.host, to.pathname]).toEqual(['http:', '127.0.0.1:40001', '/']);
    return to.searchParams.get('code') ?? '';
  }

  const redeem = (code: string, shown = verifier, person = browserOf(line, 'Ola', '', '')) =>
    person.ask('POST', '/session/of-command', { code, verifier: shown });

  test('begins a session with the code that the browser brought, freshly proven', async () => {
    const person = browserOf(line, 'Ola', '', '');
    expect((await redeem(await returned(), verifier, person)).status).toBe(200);
    expect(await meOf(person)).toMatchObject({ name: 'Ola', roles: ['approver'] });
    const scopes = ['cases.read'];
    expect((await person.ask('POST', '/tokens', { name: 't', scopes, days: 1 })).status).toBe(200);
    expect(await hub.database.knex('hub.command_line_sign_ins')).toEqual([]);
  });

  test('gets one session for one code', async () => {
    const code = await returned();
    const answers = await Promise.all([redeem(code), redeem(code)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  test('gets nothing for the code of another command, which is then of no use to anybody', async () => {
    const code = await returned();
    expect(await redeem(code, 'w'.repeat(43))).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    expect(await redeem(code)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
  });

  test.each([
    ['late', `update hub.command_line_sign_ins set expires_at = now()`],
    ['for somebody who was disabled', `update hub.operators set disabled_at = now() where name = 'Ola'`],
  ])('gets nothing for a code that comes %s', async (_, statement) => {
    const code = await returned();
    await hub.database.knex.raw(statement);
    expect(await redeem(code)).toMatchObject(refusal(401, 'HUB_OIDC_FAILED'));
    await hub.database.knex.raw(`update hub.operators set disabled_at = null where name = 'Ola'`);
  });

  test.each(['cross-site', 'same-site', undefined])(
    'is begun by the person himself, not by a page that says %j',
    async (site) => {
      const answer = await line.send(
        'GET',
        begin,
        undefined,
        site === undefined ? {} : { 'sec-fetch-site': site },
      );
      expect(answer).toMatchObject(refusal(403, 'HUB_CROSS_SITE'));
    },
  );

  test.each([
    'port=40001',
    `challenge=${challenge}`,
    `port=80&challenge=${challenge}`,
    `port=40001@evil.example&challenge=${challenge}`,
    'port=40001&challenge=short',
  ])('cannot ask with %s', async (query) => {
    const answer = await line.send('GET', `/oidc/begin?${query}`, undefined, asTyped);
    expect(answer).toMatchObject(refusal(422, 'HUB_REQUEST_INVALID'));
  });
});

// The last one: from this address nobody begins for the rest of the minute.
test('so many sign-ins are begun from one address within a minute, and no more', async () => {
  const rows = async (): Promise<number> => (await hub.database.knex<object>('hub.oidc_logins')).length;
  const stranger = browserOf(line, 'stranger', '', '');
  const answers = [];
  for (let round = 0; round < 121; round += 1) answers.push(await stranger.ask('GET', '/oidc/begin'));
  expect(answers.at(-1)).toMatchObject(refusal(429, 'HUB_SIGN_IN_THROTTLED'));
  const kept = await rows();
  expect((await stranger.ask('GET', '/oidc/begin')).status).toBe(429);
  expect(await rows()).toBe(kept);
});
