import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';

import type { CallbackRequest } from '../contract.ts';
import { ANYBODY, signedBy } from './sender.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const KEY = Buffer.alloc(32, 'k');
const OLD_KEY = Buffer.alloc(24, 'o');
const BODY = Buffer.from('{"key":"K"}');
const seconds = (fromNow: number): string => String(NOW.getTime() / 1_000 + fromNow);

function sign(key: Buffer, { id = 'msg_1', timestamp = seconds(0), body = BODY } = {}): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

function request(headers: object = {}, octets: Uint8Array = BODY): CallbackRequest {
  return {
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': seconds(0),
      'webhook-signature': sign(KEY),
      ...headers,
    },
    octets,
    receivedAt: NOW,
  };
}

const read = (asked: CallbackRequest): string => {
  const sender = signedBy([KEY, OLD_KEY], 300)(asked);
  return sender.type === 'refused' ? sender.code : `${sender.eventId} ${String(sender.isSigned)}`;
};

describe('a signed sender', () => {
  test('matches the example of the specification', () => {
    // https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries, the secret of their tests.
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const sender = signedBy(
      [key],
      300,
    )({
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      octets: Buffer.from('{"test": 2432232314}'),
      receivedAt: new Date(1_614_265_330_000),
    });
    expect(sender).toEqual({ type: 'identified', eventId: 'msg_p5jXN8AQM9LWM0D4loKWxJek', isSigned: true });
  });

  test.each([
    ['the current secret', sign(KEY)],
    ['the previous secret, while the channel changes over', sign(OLD_KEY)],
    ['both', `${sign(OLD_KEY)} ${sign(KEY)}`],
    ['another secret beside ours', `${sign(Buffer.alloc(32, 'x'))} ${sign(KEY)}`],
    ['another version beside ours', `v1a,AAAA ${sign(KEY)}`],
  ])('is let in by %s', (_by, signature) => {
    expect(read(request({ 'webhook-signature': signature }))).toBe('msg_1 true');
  });

  test.each([
    ['of a stranger', request({ 'webhook-signature': sign(Buffer.alloc(32, 'x')) })],
    ['of another event', request({ 'webhook-id': 'msg_2' })],
    ['of another time', request({ 'webhook-timestamp': seconds(1) })],
    ['of another body', request({}, Buffer.from('{"key":"L"}'))],
    ['of the same body in other octets', request({}, Buffer.from('{ "key":"K"}'))],
    ['of a body that was cut', request({}, BODY.subarray(0, -1))],
    ['of an empty body', request({}, Buffer.alloc(0))],
  ])('is refused with the signature %s', (_of, asked) => {
    expect(read(asked)).toBe('signature');
  });

  test.each([
    [-301, 'stale'],
    [-300, 'msg_1 true'],
    [300, 'msg_1 true'],
    [301, 'stale'],
  ])('that sent %i s from now is answered %s', (fromNow, answer) => {
    const timestamp = seconds(fromNow);
    expect(
      read(request({ 'webhook-timestamp': timestamp, 'webhook-signature': sign(KEY, { timestamp }) })),
    ).toBe(answer);
  });

  test.each([
    { 'webhook-id': undefined },
    { 'webhook-id': '' },
    { 'webhook-id': 'a b' },
    { 'webhook-id': 'x'.repeat(129) },
    { 'webhook-id': ['msg_1', 'msg_1'] },
    { 'webhook-timestamp': undefined },
    { 'webhook-timestamp': '-1' },
    { 'webhook-timestamp': '1e9' },
    { 'webhook-timestamp': '9'.repeat(13) },
    { 'webhook-signature': undefined },
    { 'webhook-signature': '' },
    { 'webhook-signature': 'v1,' },
    { 'webhook-signature': sign(KEY).slice('v1,'.length) },
    { 'webhook-signature': sign(KEY).replace('v1,', 'v2,') },
    { 'webhook-signature': `${sign(KEY)}A` },
  ])('is refused with the headers %j', (headers) => {
    expect(read(request(headers))).toBe('headers');
  });
});

test('anybody may send what proves nothing, and an event without an id is told by its body', () => {
  const named = ANYBODY(request());
  const nameless = ANYBODY(request({ 'webhook-id': undefined }));
  const another = ANYBODY(request({ 'webhook-id': undefined }, Buffer.from('{}')));
  expect([named, nameless]).toMatchObject([{ eventId: 'msg_1', isSigned: false }, { isSigned: false }]);
  expect(nameless).not.toEqual(another);
});
