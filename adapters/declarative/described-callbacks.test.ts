import { createHmac } from 'node:crypto';

import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import { openCallbackReader } from '../open-remote.ts';
import { DECLARED_JSON_CHANNEL } from '../testing/channel-contract.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const SECONDS = String(NOW.getTime() / 1_000);
const FORM = `
callback: { trust: signed, secretEnv: NEW, previousSecretEnv: OLD, toleranceSeconds: 60 }
callbackForm:
  signature: { header: x-sign, encoding: hex, canonical: "{timestamp}.{body}", timestampHeader: x-time }
  key: $.orderNum
  remoteId: $.bizId
  answers:
    - { when: { status: 200, body: "$.result == 'ok'" }, then: done, points: $.credits }
    - { when: { status: 200, body: "$.result == 'fail'" }, then: rejected, reason: other }
  acknowledge: { body: ok }
`;
const ENV = { NEW: 'the-new-one', OLD: 'the-old-one', SANDBOX_URL: 'http://x', AIRMILES_TOKEN: 't' };

function open(form = FORM) {
  return openCallbackReader(readChannelDescription(DECLARED_JSON_CHANNEL + form, 'a.yaml'), ENV);
}
function read(body: string, { key = 'the-new-one', time = SECONDS, sent = body } = {}) {
  const signature = createHmac('sha256', key).update(`${time}.${body}`).digest('hex');
  const headers = { 'x-sign': signature, 'x-time': time };
  return open()?.read({ headers, octets: Buffer.from(sent), receivedAt: NOW });
}

test('a signed callback says what its rules read', () => {
  expect(read('{"orderNum":"k1","bizId":9007199254740993,"result":"ok","credits":12.30}')).toMatchObject({
    about: { kind: 'key', reference: 'k1' },
    said: { type: 'done', points: new Decimal('12.3') },
    isSigned: true,
  });
  expect(read('{"bizId":9007199254740993,"result":"fail"}')).toMatchObject({
    about: { kind: 'remote_id', reference: '9007199254740993' },
    said: { type: 'rejected', reason: 'other' },
  });
});
test.each(['{"orderNum":"k1","result":"ok"}', '{"orderNum":"k1","result":"odd"}'])(
  '%s proves nothing and is a hint',
  (body) => {
    expect(read(body)).toMatchObject({ type: 'event', said: { type: 'hint' } });
  },
);
test('while keys change over the old one counts, and no third', () => {
  const body = '{"orderNum":"k1","result":"ok","credits":1}';
  expect(read(body, { key: 'the-old-one' })).toMatchObject({ type: 'event', isSigned: true });
  expect(read(body, { key: 'a-third' })).toMatchObject({ type: 'refused', code: 'signature' });
});
test('the same JSON written in another way is not what was signed', () => {
  const body = '{"orderNum": "k1"}';
  expect(read(body, { sent: JSON.stringify(JSON.parse(body)) })).toMatchObject({ code: 'signature' });
});
test.each([-61, 61])('a callback of %i s away is stale', (seconds) => {
  expect(read('{"orderNum":"k1"}', { time: String(Number(SECONDS) + seconds) })).toMatchObject({
    code: 'stale',
  });
});
test.each(['[]', '', '<html>', '{"orderNum":"k1"'])('%s is no callback', (body) => {
  expect(read(body)).toMatchObject({ type: 'refused', code: 'unreadable' });
});
test.each(['{}', '{"orderNum":"not a key"}'])('%s is about nothing', (body) => {
  expect(read(body)).toMatchObject({ type: 'refused', code: 'no_reference' });
});
test('without a form of their own they are read as the JSON contract has them', () => {
  const reader = open('callback: { trust: unsigned }');
  expect(reader?.acknowledgement).toBeUndefined();
  const octets = Buffer.from('{"key":"k1","status":"completed","kind":"deduction","points":"1"}');
  expect(reader?.read({ headers: {}, octets, receivedAt: NOW })).toMatchObject({ said: { type: 'hint' } });
});
test('what the channel wants to hear is as it was described', () => {
  expect(open()?.acknowledgement).toEqual({ status: 200, type: 'text/plain', body: 'ok' });
});
test.each([
  [
    'trust: signed, secretEnv: NEW, previousSecretEnv: OLD, toleranceSeconds: 60',
    'trust: none',
    'callbackForm: is there',
  ],
  [
    'trust: signed, secretEnv: NEW, previousSecretEnv: OLD, toleranceSeconds: 60',
    'trust: unsigned',
    'callbackForm.signature: is there',
  ],
  ['.{body}', '', 'has no {body}'],
  ['{timestamp}.', '', 'goes with {timestamp}'],
  ['{timestamp}.', '{values.x}{timestamp}', '{values.x} is not in values'],
  ['{timestamp}.', '{nonce}{timestamp}', 'knows {body}, {timestamp} and {values.NAME}'],
  ['key: $.orderNum\n  remoteId: $.bizId', 'eventId: $.id', 'it would be about nothing'],
])('%j changed to %j is refused: %s', (text, replacement, reason) => {
  expect(FORM).toContain(text);
  expect(() => open(FORM.replace(text, replacement))).toThrow(reason);
});
