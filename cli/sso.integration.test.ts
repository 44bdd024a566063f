/** The real command and a person who signs in at an identity provider only: in his browser, on the same machine. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../dev/ports.ts';
import { openConsole } from '../dlq-console/api.ts';
import {
  clientOfHub,
  providerBrowser,
  startProvider,
  type IdentityProvider,
} from '../dlq-console/testing/identity-provider.ts';
import { browserOf, openLine, personAt, type Line, type Person } from '../dlq-console/testing/person.ts';
import { hubUnderTest, type HubUnderTest } from '../hub/testing/hub-under-test.ts';
import { cliUnderTest, type CliUnderTest, type Ended } from './testing/cli-under-test.ts';

let hub: HubUnderTest;
let provider: IdentityProvider;
let line: Line;
let ada: Person;
let cli: CliUnderTest;
let url: string;

beforeAll(async () => {
  hub = await hubUnderTest('in-process');
  const [port, providerPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  const oidc = {
    ...clientOfHub,
    issuer: `http://127.0.0.1:${providerPort}`,
    scopes: ['groups'],
    groupsClaim: 'groups',
    rolesOfGroups: { seniors: ['approver'] },
  } as const;
  const console_ = { host: '127.0.0.1', port, url, oidc };
  const roles = new Set(['relay', 'worker', 'sweeper', 'console'] as const);
  await hub.start({ roles, console: console_ }, { openConsole });
  provider = await startProvider(providerPort, `${url}/ops/v1/oidc/callback`);
  provider.accounts.set('bo', { preferred_username: 'Bo', groups: ['seniors'] });
  provider.accounts.set('eve', { preferred_username: 'Eve', groups: ['seniors'] });
  line = await openLine(url);
  ada = await personAt(line, hub.database.url, 'ada', ['operator']);
  cli = cliUnderTest({ HUB_OPS_URL: url });
}, 60_000);
afterAll(async () => {
  cli.close();
  await provider.close();
  await hub.close();
});

/** Runs a command, and goes in a new browser where it says, as the account. */
async function inBrowser(accountId: string, args: readonly string[]): Promise<Ended & { page: string }> {
  let page: Promise<string> | undefined;
  const ended = await cli.run(args, {
    whenTold: (err) => {
      const address = /http:\/\/\S+\/oidc\/begin\S+/.exec(err)?.[0];
      if (address !== undefined) page ??= visit(accountId, address);
    },
  });
  return { ...ended, page: (await page) ?? '' };
}

async function visit(accountId: string, address: string): Promise<string> {
  const person = browserOf(line, accountId, '', '');
  const begun = await person.ask('GET', address.replace(line.url, ''), undefined, {
    'sec-fetch-site': 'none',
  });
  const search = await providerBrowser().signIn(begun.headers.get('location') ?? '', accountId);
  const back = await person.ask('GET', `/oidc/callback${search}`);
  const to = back.headers.get('location') ?? '';
  // Whatever else comes to that port is no answer.
  const elsewhere = new URL(to);
  expect((await fetch(new URL('/favicon.ico', elsewhere))).status).toBe(404);
  expect((await fetch(new URL('/?code=short', elsewhere))).status).toBe(404);
  expect((await fetch(elsewhere, { method: 'POST' })).status).toBe(404);
  return (await fetch(to)).text();
}

async function requested(orderId: string): Promise<string> {
  await hub.place({ orderId, userId: 'u', deductions: [{ channel: 'airmiles', points: '10' }] });
  expect(await hub.ended(orderId)).toBe('settled');
  const wish = { kind: 'refund_points', mallId: 'shop', orderId, channel: 'airmiles', points: '2' };
  const why = { reasonCode: 'GOODWILL', reason: 'r', evidence: 'e' };
  const answer = await ada.ask(
    'POST',
    '/compensations',
    { ...wish, ...why },
    { 'idempotency-key': `"${orderId}"` },
  );
  expect(answer.status).toBe(200);
  return String(answer.body['id']);
}

async function sessionsOf(name: string): Promise<number> {
  const [row] = await hub.database
    .knex('hub.sessions')
    .join('hub.operators', 'operators.id', 'sessions.operator_id')
    .where({ name })
    .count();
  return Number(row?.['count']);
}

describe('who has no password here', () => {
  test('signs in on the command line by his browser, and leaves no session behind', async () => {
    const { code, out, page } = await inBrowser('bo', ['login', '--sso']);
    expect(code).toBe(0);
    expect(out).toContain(`Signed in to ${url} as Bo until`);
    expect(page).toContain('you may close this page');
    expect(await cli.json(['whoami'])).toMatchObject({ name: 'Bo', provesBy: 'identity_provider' });
    expect(await sessionsOf('Bo')).toBe(0);
  });

  test('approves once he has proven anew who he is', async () => {
    const id = await requested('o-1');
    const { digest } = await cli.json(['compensation', 'show', id]);
    const sure = ['--digest', String(digest), '--yes', '--expect-count', '1'];
    const { code, out } = await inBrowser('bo', ['compensation', 'approve', id, ...sure, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ state: 'approved', decidedBy: 'Bo' });
    const rows: unknown[] = await hub.database.knex('hub.audit').where({ action: 'compensation.approve' });
    expect(rows).toMatchObject([{ actor: 'Bo', via: 'cli', outcome: 'done' }]);
    expect(await sessionsOf('Bo')).toBe(0);
  });

  test('decides nothing where somebody else proves it', async () => {
    const id = await requested('o-2');
    const { code, err } = await inBrowser('eve', ['compensation', 'reject', id, '--reason', 'no']);
    expect(code).toBe(2);
    expect(err).toContain("Eve signed in, and the token here is Bo's");
    expect(await cli.json(['compensation', 'show', id])).toMatchObject({ state: 'requested' });
    expect(await sessionsOf('Eve')).toBe(0);
  });
});
