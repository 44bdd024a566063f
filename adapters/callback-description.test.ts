import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { readChannelDescription } from './channel-description.ts';
import { openCallbackReader } from './open-remote.ts';

const text = readFileSync(join(import.meta.dirname, '../dev/config/channels/airmiles.yaml'), 'utf8');
const described = (callback: string, query = 'by-key') =>
  readChannelDescription(
    `${text.replace('query: by-key', `query: ${query}`)}\ncallback: ${callback}\n`,
    'a.yaml',
  );
const signed = '{ trust: signed, secretEnv: NEW_SECRET, previousSecretEnv: OLD_SECRET }';
const secret = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;

test('a channel that says nothing of callbacks sends none', () => {
  const description = readChannelDescription(text, 'a.yaml');
  expect(description.callback).toEqual({ trust: 'none' });
  expect(openCallbackReader(description, {})).toBeUndefined();
});

test.each([
  ['{ trust: unsigned }', 'none', 'a.yaml:18:20: callback.trust: unsigned callbacks are hints'],
  ['{ trust: signed }', 'by-key', 'callback.secretEnv'],
  ['{ trust: signed, secretEnv: whsec_abc }', 'by-key', 'the name of an environment variable'],
  ['{ trust: signed, secretEnv: A, previousSecretEnv: A }', 'by-key', 'is the same variable as secretEnv'],
  ['{ trust: signed, secretEnv: A, toleranceSeconds: 0 }', 'by-key', 'callback.toleranceSeconds'],
  ['{ trust: unsigned, secretEnv: A }', 'by-key', 'callback.secretEnv: unknown field'],
  ['{ trust: somewhat }', 'by-key', 'callback.trust'],
])('%s with query %s is refused: %s', (callback, query, reason) => {
  expect(() => described(callback, query)).toThrow(reason);
});

test.each([
  [{ OLD_SECRET: secret }, 'environment variable NEW_SECRET is not set'],
  [{ NEW_SECRET: secret }, 'environment variable OLD_SECRET is not set'],
  [{ NEW_SECRET: 'hunter2', OLD_SECRET: secret }, 'environment variable NEW_SECRET does not hold whsec_'],
  [{ NEW_SECRET: 'whsec_aHVudGVyMg==', OLD_SECRET: secret }, 'environment variable NEW_SECRET does not hold'],
])('a secret that is missing or no secret is told by its name, never its value', (env, reason) => {
  const open = (): unknown => openCallbackReader(described(signed), env);
  expect(open).toThrow(reason);
  expect(open).not.toThrow(/hunter2|aHVudGVyMg/);
});

test('with its secrets in the environment a signed channel has a reader', () => {
  expect(openCallbackReader(described(signed), { NEW_SECRET: secret, OLD_SECRET: secret })).toBeDefined();
  expect(openCallbackReader(described('{ trust: unsigned }'), {})).toBeDefined();
});
