import { describe, expect, test } from '@jest/globals';

import { readChannelDescription } from './channel-description.ts';
import { DescriptionError } from './description-text.ts';
import { openChannel } from './open-remote.ts';
import { readPortalDescription } from './portal-description.ts';

const GOOD = `id: airmiles
adapter: json
baseUrl: https://airmiles.example/api
auth: { bearer: env:AIRMILES_TOKEN }
points: { scale: 2, max: "50000.00" }
limits:
  callTimeoutMs: 4000
capabilities:
  idempotency: { kind: key-replays, retentionMs: 86400000, remembersRejections: false }
  echo: points
  query: by-key
  reversal: by-original
  partialRefund: true
  notFoundFinalAfterMs: 60000
  lateEffectCheckMs: 3600000
  perUserLane: false
`;

/** The message about `GOOD` with one text replaced. */
function complaint(text: string, replacement: string): string {
  expect(GOOD).toContain(text);
  try {
    readChannelDescription(GOOD.replace(text, replacement), 'airmiles.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(DescriptionError);
    return (error as Error).message;
  }
  throw new Error('nobody complained');
}

describe('a description', () => {
  test('has a default for every limit it leaves out', () => {
    expect(readChannelDescription(GOOD, 'airmiles.yaml')).toMatchObject({
      id: 'airmiles',
      limits: {
        callTimeoutMs: 4_000,
        connectTimeoutMs: 3_000,
        concurrencyMax: 32,
        connectionsMax: 32,
        breaker: {
          failuresMax: 5,
          windowMs: 10_000,
          callsMin: 20,
          failureShareMax: 0.5,
          openMs: 5_000,
          openMaxMs: 60_000,
        },
      },
    });
    expect(
      readPortalDescription('{ baseUrl: env:PORTAL_URL, auth: none }', 'portal.yaml').limits.connectionsMax,
    ).toBe(32);
  });

  test.each([
    ['id: airmiles', 'id: Air Miles', /^airmiles\.yaml:1:\d+: id: /],
    ['adapter: json', 'adapter: soap', /^airmiles\.yaml:2:\d+: adapter: /],
    [
      'https://airmiles.example/api',
      'ftp://airmiles.example',
      /^airmiles\.yaml:3:\d+: baseUrl: an http\(s\) URL/,
    ],
    ['env:AIRMILES_TOKEN', 's3cret', /^airmiles\.yaml:4:\d+: auth/],
    ['scale: 2', 'scale: 5', /^airmiles\.yaml:5:\d+: points\.scale: /],
    ['"50000.00"', '50000', /^airmiles\.yaml:5:\d+: points\.max: /],
    ['"50000.00"', '"0.00"', /^airmiles\.yaml:5:\d+: points\.max: a decimal above 0/],
    ['"50000.00"', '"1.001"', /^airmiles\.yaml:5:\d+: points\.max: has 3 places, the scale is 2$/],
    [
      'callTimeoutMs',
      'callTimeOutMs',
      /^airmiles\.yaml:7:\d+: limits\.callTimeOutMs: unknown field; did you mean callTimeoutMs\?$/,
    ],
    ['  echo: points\n', '', /^airmiles\.yaml:9:\d+: capabilities\.echo: /],
    ['kind: key-replays', 'kind: maybe', /^airmiles\.yaml:9:\d+: capabilities\.idempotency/],
    ['perUserLane: false', 'perUserLane: "no"', /^airmiles\.yaml:16:\d+: capabilities\.perUserLane: /],
    [
      'callTimeoutMs: 4000',
      'breaker: { openMs: 9000, openMaxMs: 8000 }',
      /limits\.breaker\.openMaxMs: is below openMs, 9000$/,
    ],
    ['callTimeoutMs: 4000', 'ratePerSecond: 0', /limits\.ratePerSecond: /],
    ['limits:', 'limits: [', /^airmiles\.yaml:\d+:\d+: /],
  ])('with %j changed to %j is refused with its place and reason', (text, replacement, message) => {
    expect(complaint(text, replacement)).toMatch(message);
  });

  test('is refused with everything that is wrong at once', () => {
    const text = GOOD.replace('scale: 2', 'scale: 9')
      .replace('query: by-key', 'query: maybe')
      .concat('note: x\n');
    expect(() => readChannelDescription(text, 'f')).toThrow(
      /points\.scale[^]*capabilities\.query[^]*note: unknown field/,
    );
  });

  test.each([
    ['capabilities:', 'capabilites:', 'capabilites: unknown field; did you mean capabilities?'],
    ['partialRefund', 'partialRefunds', 'unknown field; did you mean partialRefund?'],
    [
      'query: by-key',
      'query: by-key\n  Statement: 1',
      'capabilities.Statement: unknown field; did you mean statement?',
    ],
    ['query: by-key', 'query: by-key\n  somethingElse: 1', /somethingElse: unknown field$/m],
  ])('with %s for %s is told what was probably meant', (text, replacement, message) => {
    expect(() => readChannelDescription(GOOD.replace(text, replacement), 'f')).toThrow(message);
  });

  test('that is no mapping is refused', () => {
    for (const text of ['', '[]', 'x'])
      expect(() => readChannelDescription(text, 'f')).toThrow(DescriptionError);
  });
});

describe('what comes from the environment', () => {
  const open = (env: Record<string, string>, baseUrl = 'https://airmiles.example') =>
    openChannel(readChannelDescription(GOOD.replace('https://airmiles.example/api', baseUrl), 'f'), env);

  test('is named when it is missing or empty', () => {
    expect(() => open({})).toThrow('environment variable AIRMILES_TOKEN is not set');
    expect(() => open({ AIRMILES_TOKEN: '' })).toThrow('environment variable AIRMILES_TOKEN is not set');
    expect(() => open({ AIRMILES_TOKEN: 't' }, 'env:AIRMILES_URL')).toThrow(
      'environment variable AIRMILES_URL is not set',
    );
    expect(() => open({ AIRMILES_TOKEN: 't' }, '${HOST_URL}/x')).toThrow(
      'environment variable HOST_URL is not set',
    );
  });

  test('is never shown when it is wrong', () => {
    for (const env of [{ AIRMILES_TOKEN: 's3cret\n' }, { AIRMILES_TOKEN: 't', URL: 'https://u:s3cret@h' }]) {
      const error = captured(() => open(env, 'env:URL'));
      expect(error.message).toMatch(/AIRMILES_TOKEN|env:URL|URL is not set/);
      expect(error.message).not.toContain('s3cret');
    }
  });

  test.each(['nonsense', 'file:///etc/passwd', 'https://h/?q=1', 'https://h/#x', 'https://u@h'])(
    'is no base URL if it is %s',
    (url) =>
      expect(() => open({ AIRMILES_TOKEN: 't', URL: url }, 'env:URL')).toThrow(
        'baseUrl env:URL is no http(s) URL',
      ),
  );
});

function captured(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
