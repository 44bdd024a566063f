import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

const env = { DATABASE_URL: 'postgres://localhost/hub', AMQP_URL: 'amqp://localhost' };

describe('the console', () => {
  test('is no role of a process that was not told so', () => {
    expect(readSettings([], env)).toMatchObject({ console: undefined });
  });
  test.each([undefined, '', 'too-short', 'a token with spaces in it, long'])(
    'does not start with the token %j: there is no default',
    (token) => {
      const start = () => readSettings(['--roles', 'console'], { ...env, OPS_TOKEN: token });
      expect(start).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }));
    },
  );
  test('listens on the loopback unless told otherwise', () => {
    const OPS_TOKEN = 'x'.repeat(24);
    const { console } = readSettings(['--roles', 'console'], { ...env, OPS_TOKEN }) as { console: unknown };
    expect(console).toEqual({ host: '127.0.0.1', port: 8081, token: OPS_TOKEN });
  });
});
