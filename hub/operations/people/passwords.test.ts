import { expect, test } from '@jest/globals';
import { checkPassword, hashPassword, isPassword } from './passwords.ts';

test.each([
  ['too short', 'elevenchars'],
  ['too long', 'long '.repeat(60)],
  ['one that is tried first', 'Password1234'],
  ['one that is tried first, with more digits', 'P-a-s-s-w-o-r-d-2026'],
  ['the name and little else', 'ada.lovelace99'],
  ['the same few characters', 'abababababababab'],
])('a password that is %s is refused', (_, password) => {
  expect(() => checkPassword(password, 'Ada Lovelace')).toThrow(
    expect.objectContaining({ code: 'HUB_PASSWORD_WEAK' }),
  );
});

test.each(['four words will do', '就是这样一个很长的口令没有人猜', 'Ada Lovelace wrote the first program'])(
  '"%s" is good enough',
  (password) => {
    expect(() => checkPassword(password, 'Ada Lovelace')).not.toThrow();
  },
);

test('a password is kept as Argon2id with a salt of its own', async () => {
  const [one, other] = await Promise.all([
    hashPassword('four words will do'),
    hashPassword('four words will do'),
  ]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
  expect(one).not.toBe(other);
  expect(await isPassword('four words will do', one)).toBe(true);
  expect(await isPassword('four words will dO', one)).toBe(false);
});

test('an accent typed on another keyboard is the same accent', async () => {
  expect(
    await isPassword('caf\u0065\u0301 au lait, bitte', await hashPassword('caf\u00e9 au lait, bitte')),
  ).toBe(true);
});

test('who has no password is told no by the same work', async () => {
  expect(await isPassword('four words will do', undefined)).toBe(false);
});

test('a stored password of another kind is a defect, not a refusal', async () => {
  await expect(isPassword('x', '$argon2d$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA')).rejects.toThrow(/PHC string/);
});

test('what the reference implementation hashed, at another cost, is known', async () => {
  // echo -n password | argon2 somesaltsomesalt -id -t 2 -k 64 -p 1 -l 32 -e
  const stored =
    '$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Gpj7qOY5RCXJvcMzqcdQqvgR3wcPX7SleI4c9NtXk6E';
  expect(await isPassword('password', stored)).toBe(true);
  expect(await isPassword('Password', stored)).toBe(false);
});
