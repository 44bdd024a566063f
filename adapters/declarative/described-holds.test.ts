import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import { DescriptionError } from '../description-text.ts';
import type { HoldInquiry } from '../contract.ts';
import type { HttpExchange } from '../http/transport.ts';
import { openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { answer, toldTransport } from './testing/told-channel.ts';

/** A channel whose one transaction goes from draft to completed or cancelled. */
const DRAFTS = `
id: drafts
adapter: declarative
baseUrl: https://drafts.example
sign: { method: bearer, token: env:DRAFTS_TOKEN }
points: { scale: 2, max: "1000" }
capabilities:
  idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }
  echo: points
  query: by-key
  hold: { expiresAfterMs: 1500500, releaseBarsHold: false }
  reversal: none
  partialRefund: false
  notFoundFinalAfterMs: 0
  lateEffectCheckMs: 0
  perUserLane: false
operations:
  deduct:
    request: { method: POST, path: /debits, json: { ref: "{key}", amount: "{points}" } }
    answers: [{ when: { status: 200, body: "$.ref == key" }, then: done, points: $.amount }]
  query:
    request: { method: GET, path: "/debits/{key}" }
    answers: [{ when: { status: 200, body: "$.ref == key" }, then: done, points: $.amount }]
  hold:
    request:
      method: POST
      path: /transactions
      json:
        {
          ref: "{key}",
          amount: "{points}",
          seconds: "{expiresAfterSeconds|number}",
          ms: "{expiresAfterMs|number}",
          until: "{expiresAt|iso}",
        }
    answers:
      - when: { status: 201, body: "$.ref == key and $.status == 'draft'" }
        then: done
        points: $.amount
        remoteId: $.id
  confirm:
    request: { method: POST, path: "/transactions/{originalRemoteId}/complete", json: { ref: "{key}", of: "{originalKey}" } }
    answers: [{ when: { status: 200, body: "$.status == 'completed'" }, then: done, points: $.amount }]
  release:
    request: { method: POST, path: "/transactions/{originalRemoteId}/cancel", json: { ref: "{key}" } }
    answers: [{ when: { status: 200, body: "$.status == 'cancelled'" }, then: done, points: $.amount }]
  queryHold:
    request: { method: GET, path: "/transactions/{originalRemoteId}" }
    answers:
      - { when: { status: 200, body: "about == 'hold'" }, then: done, points: $.amount }
      - when: { status: 200, body: "about == 'confirmation' and $.status == 'completed'" }
        then: done
        points: $.amount
      - when: { status: 200, body: "about == 'confirmation' and $.status == 'cancelled'" }
        then: rejected
        reason: hold_released
      - { when: { status: 200, body: "about == 'confirmation' and $.status == 'draft'" }, then: not_found }
      - when: { status: 200, body: "about == 'release' and $.status == 'cancelled'" }
        then: done
        points: $.amount
      - when: { status: 200, body: "about == 'release' and $.status == 'completed'" }
        then: rejected
        reason: hold_confirmed
      - { when: { status: 200, body: "about == 'release' and $.status == 'draft'" }, then: not_found }
`;
const points = new Decimal('12.30');
const following = {
  key: 'c1',
  originalKey: 'h1',
  originalRemoteId: 'T-7',
  orderId: 'o1',
  memberRef: 'ann',
  points,
};

function told(...ends: readonly HttpExchange[]) {
  const { transport, requests } = toldTransport(...ends);
  const description = readChannelDescription(DRAFTS, 'drafts.yaml');
  const channel = openChannel(description, { DRAFTS_TOKEN: 't0ken-secret' }, () => transport);
  return { channel, requests };
}

test('a described hold says how long it is to last, in whatever form', async () => {
  const { channel, requests } = told(answer(201, { ref: 'h1', status: 'draft', amount: '12.30', id: 'T-7' }));
  const before = Date.now();
  const hold = { key: 'h1', orderId: 'o1', memberRef: 'ann', points };
  expect(await channel.hold(hold, AMPLE_CONTEXT)).toMatchObject({ type: 'done', points, remoteId: 'T-7' });
  const body = JSON.parse(String(requests[0]?.body)) as { until: string };
  expect(body).toMatchObject({ ref: 'h1', amount: '12.3', seconds: 1_501, ms: 1_500_500 });
  const untilMs = Date.parse(body.until);
  expect(untilMs).toBeGreaterThanOrEqual(before + 1_500_500 - 1_000);
  expect(untilMs).toBeLessThanOrEqual(Date.now() + 1_500_500);
});

test('a confirmation and a release name the hold by its id', async () => {
  const { channel, requests } = told(
    answer(200, { status: 'completed', amount: '12.30' }),
    answer(200, { status: 'cancelled', amount: '12.30' }),
  );
  expect(await channel.confirm(following, AMPLE_CONTEXT)).toMatchObject({ type: 'done', points });
  expect(await channel.release({ ...following, key: 'r1' }, AMPLE_CONTEXT)).toMatchObject({
    type: 'done',
    points,
  });
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /transactions/T-7/complete',
    'POST /transactions/T-7/cancel',
  ]);
});

describe('one transaction with states', () => {
  test.each([
    ['draft', 'hold', { type: 'found', outcome: { type: 'done', points } }],
    ['draft', 'confirmation', { type: 'not_found' }],
    ['draft', 'release', { type: 'not_found' }],
    ['completed', 'hold', { type: 'found', outcome: { type: 'done', points } }],
    ['completed', 'confirmation', { type: 'found', outcome: { type: 'done', points } }],
    ['completed', 'release', { type: 'found', outcome: { type: 'rejected', reason: 'hold_confirmed' } }],
    ['cancelled', 'confirmation', { type: 'found', outcome: { type: 'rejected', reason: 'hold_released' } }],
    ['cancelled', 'release', { type: 'found', outcome: { type: 'done', points } }],
  ] as const)('that is %s tells of its %s', async (status, about, expected) => {
    const { channel } = told(answer(200, { status, amount: '12.30' }));
    const asked: HoldInquiry = { ...following, about };
    expect(await channel.findHold(asked, AMPLE_CONTEXT)).toMatchObject(expected);
  });
});

test.each([
  ['  hold: { expiresAfterMs: 1500500, releaseBarsHold: false }\n', '', /operations\.hold: is there, but/],
  [/ {2}confirm:\n[^]*?(?= {2}release:)/, '', /operations\.confirm: is missing, but capabilities\.hold/],
  ['{expiresAfterSeconds|number}', '{originalKey}', /no variable \{originalKey\}; hold has key, orderId/],
  ["about == 'hold'", "kind == 'hold'", /no variable kind; predicates of queryHold know about, key/],
])('a description of holds that contradicts itself is refused (%s)', (from, to, reason) => {
  const text = DRAFTS.replace(from, to);
  expect(text).not.toBe(DRAFTS);
  expect(() => readChannelDescription(text, 'drafts.yaml')).toThrow(DescriptionError);
  expect(() => readChannelDescription(text, 'drafts.yaml')).toThrow(reason);
});

test('who holds can be asked by key', () => {
  const text = DRAFTS.replace('query: by-key', 'query: none').replace(/ {2}query:\n[^]*?(?= {2}hold:\n)/, '');
  expect(() => readChannelDescription(text, 'drafts.yaml')).toThrow(
    /capabilities\.hold: what became of a hold is asked by its key/,
  );
});
