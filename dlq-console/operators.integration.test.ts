/** What an admin does about people, what access tokens open, and the audit of both, over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import { browserOf, type Person } from './testing/person.ts';

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

async function pass(statement: string, ...values: readonly string[]): Promise<void> {
  await ops.hub.database.knex.raw(statement, [...values]);
}

describe('an admin', () => {
  test('invites a person by a link, resets him by another, and disables him for good', async () => {
    const made = await admin.ask('POST', '/operators', { name: 'New One', roles: ['operator', 'approver'] });
    const { operatorId, token } = made.body as { operatorId: string; token: string };
    const person = browserOf(ops.line, 'New One', operatorId, 'the first long password');
    await person.ask('POST', '/one-time-links/redeem', { token, password: person.password });
    expect((await person.ask('GET', '/me')).body).toMatchObject({ roles: ['operator', 'approver'] });

    const reset = await admin.ask('POST', `/operators/${operatorId}/reset`);
    expect((await person.ask('GET', '/me')).status).toBe(401);
    expect((await person.signIn()).status).toBe(401);
    const again = { token: String(reset.body['token']), password: 'the second long password' };
    expect((await person.ask('POST', '/one-time-links/redeem', again)).status).toBe(200);

    const disable = `/operators/${operatorId}/disable`;
    expect(await admin.ask('POST', disable, {})).toMatchObject(refusal(422, 'HUB_REQUEST_INVALID'));
    expect((await admin.ask('POST', disable, { reason: 'left the company' })).status).toBe(200);
    expect((await person.ask('GET', '/me')).status).toBe(401);
    expect((await person.signIn('the second long password')).status).toBe(401);
    const path = `/operators/${operatorId}/reset`;
    expect(await admin.ask('POST', path)).toMatchObject(refusal(409, 'HUB_OPERATOR_DISABLED'));
    expect((await admin.ask('POST', `/operators/${operatorId}/enable`)).status).toBe(200);
    expect((await person.signIn('the second long password')).status).toBe(200);
    expect((await admin.ask('POST', `/operators/${operatorId}/revoke`)).body).toEqual({
      sessions: 1,
      tokens: 0,
    });

    const rows = (await ops.audit()).filter(({ subject }) => subject === `operator:${operatorId}`);
    expect(rows.map(({ actor, action, code }) => [actor, action, code])).toEqual([
      ['grace', 'operator.invite', null],
      ['New One', 'password.set', null],
      ['grace', 'operator.reset', null],
      [null, 'session.begin', 'HUB_SIGN_IN_FAILED'],
      ['New One', 'password.set', null],
      ['grace', 'operator.disable', 'HUB_REQUEST_INVALID'],
      ['grace', 'operator.disable', null],
      [null, 'session.begin', 'HUB_SIGN_IN_FAILED'],
      ['grace', 'operator.reset', 'HUB_OPERATOR_DISABLED'],
      ['grace', 'operator.enable', null],
      ['grace', 'operator.revoke', null],
    ]);
    expect(rows.find(({ action, code }) => action === 'operator.disable' && code === null)?.reason).toBe(
      'left the company',
    );
  });

  test.each([
    ['a name that is taken', '/operators', { name: 'ADA', roles: ['viewer'] }, 409, 'HUB_OPERATOR_TAKEN'],
    [
      'a name that nobody sees',
      '/operators',
      { name: '\u200b', roles: ['viewer'] },
      422,
      'HUB_REQUEST_INVALID',
    ],
    [
      'a name that no text can be',
      '/operators',
      { name: 'a\0b', roles: ['viewer'] },
      422,
      'HUB_REQUEST_INVALID',
    ],
    ['no role', '/operators', { name: 'x', roles: [] }, 422, 'HUB_REQUEST_INVALID'],
    ['a role that there is not', '/operators', { name: 'x', roles: ['root'] }, 422, 'HUB_REQUEST_INVALID'],
    [
      'admin and approver',
      '/operators',
      { name: 'x', roles: ['admin', 'approver'] },
      422,
      'HUB_ROLES_INVALID',
    ],
    ['nobody', '/operators/987654/revoke', {}, 404, 'HUB_OPERATOR_UNKNOWN'],
    ['what is no id', '/operators/me/revoke', {}, 404, 'HUB_OPERATOR_UNKNOWN'],
  ])('is refused %s', async (_, path, body, status, code) => {
    expect(await admin.ask('POST', path, body)).toMatchObject(refusal(status, code));
    expect((await ops.audit()).at(-1)).toMatchObject({ actor: 'grace', outcome: 'refused', code });
  });

  test('of whom there is only one stays; of two who remove each other at once, one does', async () => {
    const path = (id: string) => `/operators/${id}/roles`;
    const viewer = { roles: ['viewer'] };
    expect(await admin.ask('POST', path(admin.operatorId), viewer)).toMatchObject(
      refusal(409, 'HUB_LAST_ADMIN'),
    );
    const disable = `/operators/${admin.operatorId}/disable`;
    expect(await admin.ask('POST', disable, { reason: 'x' })).toMatchObject(refusal(409, 'HUB_LAST_ADMIN'));
    const second = await ops.person('second', ['admin']);
    const answers = await Promise.all([
      admin.ask('POST', path(second.operatorId), viewer),
      second.ask('POST', path(admin.operatorId), viewer),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    await pass(`update hub.operators set roles = '{admin}' where id = ?`, admin.operatorId);
  });

  test('proves anew who he is before he gives rights away, when his proof is old', async () => {
    await pass(
      `update hub.sessions set proven_at = now() - interval '11 min' where operator_id = ?`,
      admin.operatorId,
    );
    const invitation = { name: 'late', roles: ['viewer'] };
    expect(await admin.ask('POST', '/operators', invitation)).toMatchObject(refusal(403, 'HUB_PROOF_STALE'));
    expect((await admin.ask('GET', '/operators')).status).toBe(200);
    const wrong = { password: 'somebody at his desk' };
    expect(await admin.ask('POST', '/session/proof', wrong)).toMatchObject(
      refusal(401, 'HUB_SIGN_IN_FAILED'),
    );
    expect((await admin.ask('POST', '/session/proof', { password: admin.password })).status).toBe(200);
    expect((await admin.ask('POST', '/operators', invitation)).status).toBe(200);
  });
});

describe('an access token', () => {
  async function tokenOf(person: Person, scopes: readonly string[]): Promise<{ id: string; token: string }> {
    const made = await person.ask('POST', '/tokens', { name: 'laptop', scopes, days: 7 });
    return made.body as { id: string; token: string };
  }
  const with_ = (token: string, method: 'GET' | 'POST', path: string, body?: unknown) =>
    ops.line.send(method, path, body, { authorization: `Bearer ${token}` });

  test('opens what its scopes say, needs no CSRF token, and is named cli in the audit', async () => {
    const { token, id } = await tokenOf(ops.ada, ['cases.read', 'cases.note']);
    expect(token).toMatch(/^pht_[a-z0-9]{12}_[\w-]{43}$/);
    expect((await with_(token, 'GET', '/me')).body).toMatchObject({
      name: 'ada',
      permissions: ['cases.read', 'cases.note'],
      proof: { type: 'token', tokenId: id },
    });
    expect((await with_(token, 'GET', '/cases')).status).toBe(200);
    expect((await with_(token, 'POST', '/cases/1/notes', { text: 'x' })).status).toBe(404);
    expect((await ops.audit()).at(-1)).toMatchObject({ actor: 'ada', via: 'cli', code: 'HUB_CASE_UNKNOWN' });
    expect(await with_(token, 'POST', '/cases/1/retry', {})).toMatchObject(
      refusal(403, 'HUB_SCOPE_TOO_SMALL'),
    );
    expect((await ops.audit()).at(-1)).toMatchObject({ action: 'case.retry', code: 'HUB_SCOPE_TOO_SMALL' });
    const { tokens } = (await ops.ask('GET', '/tokens')).body as {
      tokens: { id: string; lastUsedAt: unknown }[];
    };
    expect(tokens.find((one) => one.id === id)?.lastUsedAt).toEqual(expect.any(String));
    expect(JSON.stringify(await ops.hub.database.knex('hub.access_tokens'))).not.toContain(token.slice(17));
  });

  test.each([
    ['was revoked', (id: string) => ops.ask('POST', `/tokens/${id}/revoke`)],
    ['is too old', (id: string) => pass(`update hub.access_tokens set expires_at = now() where id = ?`, id)],
  ])('that %s opens nothing', async (_, end) => {
    const { token, id } = await tokenOf(ops.ada, ['cases.read']);
    expect((await with_(token, 'GET', '/cases')).status).toBe(200);
    await end(id);
    expect(await with_(token, 'GET', '/cases')).toMatchObject(refusal(401, 'HUB_ACCESS_TOKEN_WRONG'));
    expect((await ops.audit()).at(-1)).toMatchObject({ actor: null, code: 'HUB_ACCESS_TOKEN_WRONG' });
  });

  test.each([
    '',
    'nonsense',
    `pht_${'a'.repeat(12)}_${'A'.repeat(43)}`,
    `ph_${'a'.repeat(12)}_${'A'.repeat(43)}`,
  ])('%j is none', async (token) => {
    expect(await with_(token, 'GET', '/cases')).toMatchObject(refusal(401, 'HUB_ACCESS_TOKEN_WRONG'));
  });

  test('with another secret is none', async () => {
    const { token } = await tokenOf(ops.ada, ['cases.read']);
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect((await with_(forged, 'GET', '/cases')).status).toBe(401);
  });

  test('gives nothing that its owner lost, and ends with him', async () => {
    const person = await ops.person('demoted', ['operator']);
    const { token } = await tokenOf(person, ['cases.read', 'cases.retry']);
    await admin.ask('POST', `/operators/${person.operatorId}/roles`, { roles: ['viewer'] });
    expect((await with_(token, 'POST', '/cases/1/retry', {})).status).toBe(403);
    expect((await with_(token, 'GET', '/cases')).status).toBe(200);
    await admin.ask('POST', `/operators/${person.operatorId}/disable`, { reason: 'gone' });
    await admin.ask('POST', `/operators/${person.operatorId}/enable`);
    expect((await with_(token, 'GET', '/cases')).status).toBe(401);
  });

  test('gives no rights away, makes no other token, and cannot have what its owner cannot do', async () => {
    const wanted = { name: 'x', scopes: ['people.manage'], days: 1 };
    expect(await admin.ask('POST', '/tokens', wanted)).toMatchObject(refusal(403, 'HUB_SCOPE_TOO_SMALL'));
    const beyond = { name: 'x', scopes: ['audit.read'], days: 1 };
    expect(await ops.ask('POST', '/tokens', beyond)).toMatchObject(refusal(403, 'HUB_SCOPE_TOO_SMALL'));
    const { token } = await tokenOf(ops.ada, ['cases.read']);
    const more = { name: 'x', scopes: ['cases.read'], days: 1 };
    expect(await with_(token, 'POST', '/tokens', more)).toMatchObject(refusal(403, 'HUB_PROOF_STALE'));
    expect((await with_(token, 'POST', '/password', { current: 'x', password: 'y' })).status).toBe(403);
    expect(await ops.ask('POST', '/tokens', { ...more, days: 366 })).toMatchObject(
      refusal(422, 'HUB_REQUEST_INVALID'),
    );
    const { id } = await tokenOf(ops.ada, ['cases.read']);
    expect(await admin.ask('POST', `/tokens/${id}/revoke`)).toMatchObject(
      refusal(404, 'HUB_ACCESS_TOKEN_UNKNOWN'),
    );
  });
});

describe('the audit', () => {
  test('is listed by who, what, whom and outcome, page by page', async () => {
    const { rows } = (await admin.ask('GET', '/audit?limit=3')).body as { rows: { id: string }[] };
    expect(rows).toHaveLength(3);
    const { body } = await admin.ask('GET', `/audit?limit=3&before=${rows.at(-1)?.id}`);
    expect(Number((body['rows'] as { id: string }[])[0]?.id)).toBe(Number(rows.at(-1)?.id) - 1);
    const query = `operator=${ops.ada.operatorId}&outcome=refused&since=2020-01-01T00:00:00Z`;
    const refused = (await admin.ask('GET', `/audit?${query}`)).body['rows'] as Record<string, unknown>[];
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ actor, outcome }) => `${String(actor)} ${String(outcome)}`))).toEqual(
      new Set(['ada refused']),
    );
    for (const wrong of ['outcome=x', 'operator=ada', 'since=yesterday', 'limit=201', 'who=ada']) {
      expect(await admin.ask('GET', `/audit?${wrong}`)).toMatchObject(refusal(422, 'HUB_REQUEST_INVALID'));
    }
  });

  test('is taken along as CSV or lines of JSON, which is itself written down', async () => {
    const hostile = await ops.person('=cmd|calc', ['viewer']);
    await hostile.ask('GET', '/audit');
    const csv = await admin.ask('GET', '/audit/export?format=csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toContain('attachment');
    expect(csv.body['text']).toContain(`"'=cmd|calc"`);
    const lines = await admin.ask('GET', '/audit/export?format=jsonl&action=audit.export');
    const written = String(lines.body['text'])
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(written).toMatchObject([
      { actor: 'grace', details: { format: 'csv' } },
      { actor: 'grace', details: { format: 'jsonl' } },
    ]);
  });

  test('is verified, and names the first row that somebody changed behind its back', async () => {
    expect((await admin.ask('GET', '/audit/verification')).body).toMatchObject({ type: 'whole' });
    await pass(`alter table hub.audit disable trigger audit_stays`);
    await pass(`update hub.audit set actor = 'mallory' where id = 4`);
    expect((await admin.ask('GET', '/audit/verification')).body).toMatchObject({
      type: 'broken',
      firstBadId: '4',
    });
  });

  test('takes so many refusals of one address and no more', async () => {
    const stranger = browserOf(ops.line, 'x', '0', 'x');
    const codes = new Set<unknown>();
    const before = (await ops.audit()).length;
    for (let index = 0; index < 70; index += 1) {
      stranger.cookies.set('points-hub-session', 'A'.repeat(43));
      const answer = await stranger.ask('GET', '/me');
      codes.add(answer.body['code']);
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(codes).toEqual(new Set(['HUB_SESSION_OVER', 'HUB_REFUSALS_TOO_MANY']));
    expect((await ops.audit()).length - before).toBeLessThanOrEqual(60);
  });
});
