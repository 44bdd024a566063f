import { describe, expect, test } from '@jest/globals';
import { cookieJar } from './cookies.ts';

const value = 'A'.repeat(43);

describe('by HTTPS', () => {
  const jar = cookieJar(true);

  test('no other host sets a cookie, no script reads it, and no other site sends it', () => {
    expect(jar.set('session', value)).toBe(
      `__Host-points-hub-session=${value}; Path=/; HttpOnly; Secure; SameSite=Strict`,
    );
    expect(jar.clear('session')).toContain('Max-Age=0');
  });

  test('the provider sends the browser back with the one that binds a sign-in to it', () => {
    expect(jar.set('oidc', value)).toMatch(/^__Host-points-hub-oidc=.*; Secure; SameSite=Lax; Max-Age=600$/);
  });

  test('a cookie without the prefix, which any host of the domain can set, is none', () => {
    expect(jar.read(`points-hub-session=${value}`).session).toBeUndefined();
    expect(jar.read(`a=b; __Host-points-hub-session=${value}; c`).session).toBe(value);
  });
});

test.each([undefined, '', 'points-hub-session', 'points-hub-session=', 'points-hub-session=short'])(
  '%j shows no session',
  (header) => {
    expect(cookieJar(false).read(header)).toEqual({ session: undefined, device: undefined, oidc: undefined });
  },
);

test('of two of one name neither counts', () => {
  const twice = `points-hub-session=${value}; points-hub-session=${'B'.repeat(43)}`;
  expect(cookieJar(false).read(twice).session).toBeUndefined();
});
