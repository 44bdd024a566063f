/** Passwords: which are good enough, and how they are kept (Argon2id, RFC 9106). */
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';
import { HubError } from '../../errors.ts';
import { commonPasswords } from './common-passwords.ts';

const passwordCharsMin = 12;
/** Beyond this only the hash gets slower. */
const passwordCharsMax = 256;

/** OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane; some 30 ms. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagOctets = 32;
const saltOctets = 16;

/** Hashes under way or in line at most; each takes 19 MiB while it runs. */
const hashesMax = 64;
let hashesUnderWay = 0;

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

/**
 * Length decides; no rules about kinds of characters, which make passwords alike.
 *
 * @throws HubError HUB_PASSWORD_WEAK
 */
export function checkPassword(password: string, name: string): void {
  // Code points: what a person would call one character may be several of them.
  const characters = Array.from(password).length;
  if (characters < passwordCharsMin || characters > passwordCharsMax) {
    throw weak(`a password has ${passwordCharsMin} to ${passwordCharsMax} characters`);
  }
  const plain = plainOf(password);
  const plainName = plainOf(name);
  if (
    plainName.length >= 3 &&
    plain.includes(plainName) &&
    plain.length - plainName.length < passwordCharsMin
  ) {
    throw weak('a password is not made of the name');
  }
  if (new Set(password).size < 5) throw weak('a password has more than a few different characters');
  if (commonPasswords.has(plain) || commonPasswords.has(plain.replace(/\d+$/, ''))) {
    throw weak('this password is among those that are tried first');
  }
}

/** As a PHC string: algorithm, cost, salt and hash. @throws HubError HUB_UNAVAILABLE while too many are under way */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltOctets);
  const tag = await tagOf(password, salt, cost);
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

const shape =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/;

/**
 * Whether this is the password. Takes as long where there is none to compare with, so that nobody learns who has one.
 *
 * @throws HubError HUB_UNAVAILABLE while too many are under way
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = shape.exec(stored ?? '');
  if (stored !== undefined && parts === null)
    throw new Error('a stored password is not a PHC string of Argon2id');
  if (parts === null) {
    await tagOf(password, Buffer.alloc(saltOctets), cost);
    return false;
  }
  const [, memory, passes, parallelism, salt = '', tag = ''] = parts;
  const asStored = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return timingSafeEqual(
    await tagOf(password, Buffer.from(salt, 'base64'), asStored),
    Buffer.from(tag, 'base64'),
  );
}

type Cost = Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism'>;

async function tagOf(
  password: string,
  nonce: Buffer,
  { memory, passes, parallelism }: Cost,
): Promise<Buffer> {
  if (hashesUnderWay >= hashesMax)
    throw new HubError('HUB_UNAVAILABLE', 'too many are signing in; try again');
  hashesUnderWay += 1;
  try {
    // The same characters may come composed or not, depending on the keyboard.
    const message = Buffer.from(password.normalize('NFKC'));
    return await derive('argon2id', { message, nonce, memory, passes, parallelism, tagLength: tagOctets });
  } finally {
    hashesUnderWay -= 1;
  }
}

function plainOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s._-]/g, '');
}

function base64(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '');
}

function weak(detail: string): HubError {
  return new HubError('HUB_PASSWORD_WEAK', detail, {
    faults: [{ field: '/password', code: 'HUB_PASSWORD_WEAK', detail }],
  });
}
