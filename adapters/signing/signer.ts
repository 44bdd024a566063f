/** Signs requests and checks answers' signatures. Pure but for the secrets that it was opened with. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { writeInstant } from '../instants.ts';
import { EnvironmentError, readSecret, readSecretText, readValue, type Environment } from '../environment.ts';
import type { HttpAnswer } from '../http/transport.ts';
import { fieldOf, isJsonObject, parseJson, scalarText } from '../lossless-json.ts';
import { withoutPreset } from './presets.ts';
import { bodyText, queryText, type Field, type RequestDraft } from './request-draft.ts';
import type {
  HmacDescription,
  Md5SortedDescription,
  Rsa2Description,
  SigningDescription,
} from './signing-schema.ts';
import { fieldsOf, parametersOf, sortedText, withParameters } from './sorted-parameters.ts';

/** What differs from request to request. */
export interface SigningFacts {
  readonly now: Date;
  /** 32 characters of hex, new for every request. */
  readonly nonce: string;
  /** The path of `baseUrl`, without a slash at its end: what is signed is the path as it goes over the wire. */
  readonly pathPrefix: string;
}

export interface Signer {
  /** What no evidence may show. */
  readonly secrets: readonly string[];
  sign(draft: RequestDraft, facts: SigningFacts): RequestDraft;
  /** Whether the answer is from who holds the current or the previous key; true where answers are not signed. */
  accepts(answer: Pick<HttpAnswer, 'headers' | 'body'>): boolean;
}

/**
 * Opens what a description says, except for OAuth2, whose tokens come over the network.
 *
 * @throws EnvironmentError naming the variable that is missing or holds no key
 */
export function openSigner(
  description: Exclude<SigningDescription, { readonly method: 'oauth2-client-credentials' }>,
  env: Environment,
): Signer {
  const signing = withoutPreset(description);
  switch (signing.method) {
    case 'none':
      return { ...unsignedAnswers, secrets: [], sign: (draft) => draft };
    case 'bearer':
      return bearer(readSecret(signing.token, env));
    case 'headers':
      return keyHeaders(signing.headers, env);
    case 'basic':
      return basic(readValue(signing.user, env), readSecretText(signing.password, env));
    case 'hmac-sha256':
      return hmac(signing, env);
    case 'md5-sorted':
      return md5Sorted(signing, env);
    case 'rsa2':
      return rsa2(signing, env);
  }
}

const unsignedAnswers = { accepts: () => true };

function bearer(token: string): Signer {
  return {
    ...unsignedAnswers,
    secrets: [token],
    sign: (draft) => withHeaders(draft, { authorization: `Bearer ${token}` }),
  };
}

function keyHeaders(templates: Readonly<Record<string, string>>, env: Environment): Signer {
  const secrets: string[] = [];
  const headers = Object.fromEntries(
    Object.entries(templates).map(([name, template]) => {
      const filledIn = template.replace(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (_, variable: string) => {
        const secret = readSecret(`env:${variable}`, env);
        secrets.push(secret);
        return secret;
      });
      return [name, filledIn];
    }),
  );
  return { ...unsignedAnswers, secrets, sign: (draft) => withHeaders(draft, headers) };
}

/** RFC 7617, in UTF-8. */
function basic(user: string, password: string): Signer {
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    ...unsignedAnswers,
    secrets: [password, credentials],
    sign: (draft) => withHeaders(draft, { authorization: `Basic ${credentials}` }),
  };
}

function hmac(description: HmacDescription, env: Environment): Signer {
  const { canonical, headers, encoding, timestamp, answerHeader } = description;
  const keys = keysOf(description.keys, env);
  const keyId = description.keyId === undefined ? '' : readValue(description.keyId, env);
  const digest = (key: string, text: string): string =>
    createHmac('sha256', key).update(text).digest(encoding);
  return {
    secrets: keys,
    sign(draft, { now, nonce, pathPrefix }) {
      const body = bodyText(draft) ?? '';
      const names = {
        method: draft.method,
        path: pathPrefix + draft.path,
        query: queryText(draft.query),
        timestamp: writeInstant(now, timestamp.format, timestamp.zone),
        nonce,
        bodyHash: hash('sha256', body, 'hex'),
        body,
        keyId,
      };
      const signature = digest(keys[0], filled(canonical, names));
      return withHeaders(
        draft,
        Object.fromEntries(
          Object.entries(headers).map(([name, template]) => [
            name,
            filled(template, { ...names, signature }),
          ]),
        ),
      );
    },
    accepts({ headers: received, body }) {
      if (answerHeader === undefined) return true;
      const signature = received[answerHeader] ?? '';
      return keys.some((key) => sameText(signature, digest(key, body)));
    },
  };
}

function md5Sorted(description: Md5SortedDescription, env: Environment): Signer {
  const { encoding, answersSigned } = description;
  const keys = keysOf(description.keys, env);
  const digest = (secret: string, parameters: readonly Field[]): string => {
    const hex = hash('md5', sortedText(parameters, description, secret), 'hex');
    return encoding === 'hex' ? hex : hex.toUpperCase();
  };
  return {
    secrets: keys,
    sign: signedWith(description, env, (parameters) => digest(keys[0], parameters)),
    accepts: (answer) =>
      !answersSigned ||
      acceptsFields(answer.body, description.signatureField, (parameters, signature) =>
        keys.some((key) => sameText(signature, digest(key, parameters))),
      ),
  };
}

function rsa2(description: Rsa2Description, env: Environment): Signer {
  const privateKey = rsaKey(description.privateKey, env, 'PRIVATE');
  const { current, previous } = description.publicKeys ?? {};
  const publicKeys = [current, previous].flatMap((one) =>
    one === undefined ? [] : [rsaKey(one, env, 'PUBLIC')],
  );
  return {
    secrets: [readSecretText(description.privateKey, env)],
    sign: signedWith(description, env, (parameters) =>
      sign('RSA-SHA256', Buffer.from(sortedText(parameters, description, '')), privateKey).toString('base64'),
    ),
    accepts: (answer) =>
      !description.answersSigned ||
      acceptsFields(answer.body, description.signatureField, (parameters, signature) => {
        const text = Buffer.from(sortedText(parameters, description, ''));
        return publicKeys.some((key) => verify('RSA-SHA256', text, key, Buffer.from(signature, 'base64')));
      }),
  };
}

function signedWith(
  description: Md5SortedDescription | Rsa2Description,
  env: Environment,
  signatureOf: (parameters: readonly Field[]) => string,
): Signer['sign'] {
  const { added, timestamp, signatureField } = description;
  const keyId = description.keyId === undefined ? '' : readValue(description.keyId, env);
  return (draft, { now, nonce }) => {
    const names = { keyId, nonce, timestamp: writeInstant(now, timestamp.format, timestamp.zone) };
    const more = Object.entries(added).map(([name, template]): Field => [name, filled(template, names)]);
    const complete = withParameters(draft, description, more);
    return withParameters(complete, description, [
      [signatureField, signatureOf(parametersOf(complete, description))],
    ]);
  };
}

function acceptsFields(
  body: string,
  signatureField: string,
  isSigned: (parameters: readonly Field[], signature: string) => boolean,
): boolean {
  const value = parseJson(body);
  const signature = scalarText(fieldOf(value, signatureField));
  return isJsonObject(value) && signature !== undefined && isSigned(fieldsOf(value), signature);
}

function withHeaders(draft: RequestDraft, headers: Readonly<Record<string, string>>): RequestDraft {
  return { ...draft, headers: { ...draft.headers, ...headers } };
}

/** Fills `{name}`; an unknown name stays as it is, for a JSON body may be in there. */
function filled(template: string, names: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(names, name) ? (names[name] ?? '') : whole,
  );
}

/** In constant time for texts of one length; signatures of one kind have one. */
function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function keysOf(
  { current, previous }: { readonly current: string; readonly previous?: string | undefined },
  env: Environment,
): readonly [string, ...string[]] {
  return [readSecretText(current, env), ...(previous === undefined ? [] : [readSecretText(previous, env)])];
}

/** PEM, or the bare base64 in which Alipay's tools hand keys out. */
function rsaKey(reference: string, env: Environment, kind: 'PRIVATE' | 'PUBLIC'): KeyObject {
  const text = readSecretText(reference, env)
    .replaceAll(String.raw`\n`, '\n')
    .trim();
  const wraps = kind === 'PRIVATE' ? ['PRIVATE KEY', 'RSA PRIVATE KEY'] : ['PUBLIC KEY'];
  const candidates = text.startsWith('-----')
    ? [text]
    : wraps.map(
        (wrap) =>
          `-----BEGIN ${wrap}-----\n${text.replace(/\s+/g, '').replace(/.{64}/g, '$&\n')}\n-----END ${wrap}-----\n`,
      );
  for (const candidate of candidates) {
    try {
      const key = kind === 'PRIVATE' ? createPrivateKey(candidate) : createPublicKey(candidate);
      if (key.asymmetricKeyType === 'rsa') return key;
    } catch {
      // The next spelling, or the error below, which shows nothing of what the variable holds.
    }
  }
  throw new EnvironmentError(reference.replace(/^env:/, ''), `holds no RSA ${kind.toLowerCase()} key`);
}
