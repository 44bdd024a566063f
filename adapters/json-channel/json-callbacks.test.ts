import { describe, expect, test } from '@jest/globals';

import { ANYBODY, type Sender } from '../callbacks/sender.ts';
import type { CallbackEvent, CallbackRefusal } from '../contract.ts';
import { JsonCallbacks } from './json-callbacks.ts';

const signed: Sender = () => ({ type: 'identified', eventId: 'msg_1', isSigned: true });
const refusing: Sender = () => ({ type: 'refused', code: 'signature', detail: 'no' });

function read(body: unknown, sender = signed): CallbackEvent | CallbackRefusal {
  const octets = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  return new JsonCallbacks(sender).read({ headers: {}, octets, receivedAt: new Date(0) });
}

const completed = { key: 'K1', remoteId: 'p-1', status: 'completed', points: '49.80' };

function said(changes: object): string {
  const event = read({ ...completed, ...changes });
  if (event.type === 'refused') return event.code;
  switch (event.said.type) {
    case 'done':
      return `done ${event.said.points.toFixed()} ${String(event.said.remoteId)}`;
    case 'rejected':
      return `rejected ${event.said.reason}`;
    case 'pending':
    case 'hint':
      return event.said.type;
  }
}

describe('a signed callback', () => {
  test.each([
    ['completed with its points', {}, 'done 49.8 p-1'],
    ['completed without points', { points: undefined }, 'hint'],
    ['completed with points as a number', { points: 49.8 }, 'hint'],
    ['completed with more places than can be kept', { points: '1.00001' }, 'hint'],
    [
      'refused for a known reason',
      { status: 'refused', points: '0', code: 'LIMIT_EXCEEDED' },
      'rejected limit_exceeded',
    ],
    ['refused without a code', { status: 'refused', points: '0' }, 'hint'],
    ['refused for an unknown reason', { status: 'refused', code: 'WHIM' }, 'hint'],
    ['refused by a code that is no refusal', { status: 'refused', code: 'DUPLICATE' }, 'hint'],
    ['refused, and yet with points', { status: 'refused', points: '1', code: 'LIMIT_EXCEEDED' }, 'hint'],
    ['accepted', { status: 'accepted', points: '0' }, 'pending'],
    ['in no known status', { status: 'perhaps' }, 'hint'],
    ['without a status', { status: undefined }, 'hint'],
    ['about nothing', { key: undefined, remoteId: undefined }, 'no_reference'],
    ['about a key that is none', { key: 'a b' }, 'no_reference'],
    ['about a key that is a number', { key: 7, remoteId: undefined }, 'no_reference'],
  ])('%s', (_words, changes, expected) => {
    expect(said(changes)).toBe(expected);
  });

  test('is about our key, and by the id of the remote only where it has none', () => {
    expect(read(completed)).toMatchObject({ about: { kind: 'key', reference: 'K1' } });
    expect(read({ ...completed, key: undefined })).toMatchObject({
      about: { kind: 'remote_id', reference: 'p-1' },
    });
  });

  test.each([
    ['cut', Buffer.from('{"key":"K1","stat')],
    ['empty', Buffer.alloc(0)],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('whose body is %s is unreadable', (_what, octets) => {
    expect(read(octets)).toMatchObject({ type: 'refused', code: 'unreadable' });
  });

  test('leaves its evidence masked', () => {
    const event = read({ ...completed, member: 'ann@example.org' });
    expect(JSON.stringify(event)).not.toContain('ann@example.org');
    expect(event).toMatchObject({ said: { evidence: { remoteId: 'p-1' } }, isSigned: true });
  });
});

test('whom the sender is not proven for is not read', () => {
  expect(read(Buffer.from('x'), refusing)).toMatchObject({ type: 'refused', code: 'signature' });
});

test('an unsigned callback is a hint, whatever it says', () => {
  expect(read(completed, ANYBODY)).toMatchObject({ said: { type: 'hint' }, isSigned: false });
});
