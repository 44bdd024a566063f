import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

const env = { DATABASE_URL: 'postgres://localhost/hub', AMQP_URL: 'amqp://localhost' };
const provider = {
  HUB_CONSOLE_URL: 'https://ops.example.com',
  HUB_OIDC_ISSUER: 'https://id.example.com',
  HUB_OIDC_CLIENT_ID: 'points-hub',
  HUB_OIDC_CLIENT_SECRET: 'secret',
  HUB_OIDC_ROLES: '{"points=ops, all":["operator"]}',
};

function consoleOf(
  more: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
): unknown {
  return (readSettings(['--roles', 'console', ...args], { ...env, ...more }) as { console: unknown }).console;
}

describe('the console', () => {
  test('is no role of a process that was not told so', () => {
    expect(readSettings([], env)).toMatchObject({ console: undefined });
  });

  test('listens on the loopback unless told otherwise', () => {
    const nobody = new Map();
    const found = { host: '127.0.0.1', port: 8081, url: undefined, oidc: undefined, targets: nobody };
    expect(consoleOf({})).toEqual(found);
  });

  test('knows its identity provider, whatever groups are called there', () => {
    expect(consoleOf(provider)).toMatchObject({
      url: 'https://ops.example.com',
      oidc: { groupsClaim: 'groups', rolesOfGroups: { 'points=ops, all': ['operator'] } },
    });
  });

  test.each([
    ['listens for others without an address that browsers use', {}, ['--console-host', '0.0.0.0']],
    ['would send passwords over plain HTTP', { HUB_CONSOLE_URL: 'http://ops.example.com' }, []],
    ['is served under a path', { HUB_CONSOLE_URL: 'https://example.com/ops' }, []],
    ['has an address that is none', { HUB_CONSOLE_URL: 'ops' }, []],
    ['has a provider and no address', { ...provider, HUB_CONSOLE_URL: undefined }, []],
    ['has a provider on plain HTTP', { ...provider, HUB_OIDC_ISSUER: 'http://id.example.com' }, []],
    ['has a provider without a secret', { ...provider, HUB_OIDC_CLIENT_SECRET: '' }, []],
    ['has groups that are no JSON', { ...provider, HUB_OIDC_ROLES: 'ops=operator' }, []],
    ['has a role that there is not', { ...provider, HUB_OIDC_ROLES: '{"ops":["root"]}' }, []],
  ])('does not start where it %s', (_, more, args) => {
    expect(() => consoleOf(more, args)).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }));
  });
});
