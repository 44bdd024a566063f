/** Signing in at a real OpenID Connect provider, over real sockets, with a browser's cookies at both ends. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
