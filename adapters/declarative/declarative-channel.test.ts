import { createHash, createHmac } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { readChannelDescription } from '../channel-description.ts';
import { DescriptionError } from '../description-text.ts';
import type { HttpExchange } from '../http/transport.ts';
import { openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { DECLARED_JSON_CHANNEL } from '../testing/channel-contract.ts';
import { answer, toldTransport } from './testing/told-channel.ts';

const OPERATION = { key: 'k1', orderId: 'o1', memberRef: '李/7', points: new Decimal('12.30') };
const REFUND = { ...OPERATION, key: 'r1', originalKey: 'k1', originalRemoteId: undefined };
const ENV = { SANDBOX_URL: 'https://channel.example', AIRMILES_TOKEN: 't0ken-secret' };

/** A channel that speaks forms, numbers and lists, none of which the JSON channel has. */
const LEDGER = `
id: ledger
adapter: declarative
baseUrl: https://ledger.example/api
sign: { method: basic, user: hub, password: env:LEDGER_PASSWORD }
points: { scale: 2, max: "1000" }
capabilities:
  idempotency: { kind: none }
  echo: points
  query: by-key
  reversal: by-original
  partialRefund: true
  notFoundFinalAfterMs: 0
  lateEffectCheckMs: 0
  perUserLane: false
zone: Asia/Shanghai
values: { shop: "17", brand: env:BRAND }
operations:
  deduct:
    request:
      method: PUT
      path: /members/{memberRef}/points
      query: { shop: "{values.shop}" }
      json: { change: "{points|negated|minor|number}", note: "{key}", brand: "{values.brand}", list: ["{orderId}", 7, true, null] }
    answers:
      - { when: { status: 200, body: "$.ok == true" }, then: done, points: "$.change|negated|minor", remoteId: $.id }
      - { when: { status: 500, body: "$.code == 'POOR'" }, then: rejected, reason: insufficient_points }
  refund:
    request:
      method: POST
      path: /entries/{originalRemoteId}/undo
      form: { note: "{key}" }
    answers:
      - { when: { status: 200, body: "$.ok == true" }, then: done, points: $.change|minor }
  query:
    request: { method: GET, path: /entries, query: { member: "{memberRef}", after: "{cursor}" } }
    answers:
      - when: { status: 200, body: $.entries exists }
        then: listed
        items: $.entries
        match: $.note == key
        item: [{ when: { status: 200, body: "$.state == 'booked'" }, then: done, points: "$.change|negated|minor", remoteId: $.id }]
        next: $.next
`;
const LEDGER_ENV = { LEDGER_PASSWORD: 'p4ss', BRAND: 'br4nd' };

function open(yaml: string, env: Record<string, string>, ...ends: readonly HttpExchange[]) {
  const { transport, requests } = toldTransport(...ends);
  return { channel: openChannel(readChannelDescription(yaml, 'c.yaml'), env, () => transport), requests };
}
const ledger = (...ends: readonly HttpExchange[]) => open(LEDGER, LEDGER_ENV, ...ends);
const entry = (note: string, id = 9) => `{"note":"${note}","state":"booked","change":-1230,"id":${id}}`;

test('where no success proves an amount, none is done, whatever it shows', async () => {
  const { channel } = open(
    LEDGER.replace('echo: points', 'echo: none'),
    LEDGER_ENV,
    answer(200, '{"ok":true,"change":-1230,"id":9}'),
    answer(200, `{"entries":[${entry('k1')}]}`),
  );
  expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
    type: 'unknown',
    cause: 'missing_echo',
  });
  expect(await channel.query('k1', 'm', AMPLE_CONTEXT)).toMatchObject({
    type: 'found',
    outcome: { type: 'done', points: new Decimal('12.3') },
  });
});

describe('a request', () => {
  test('is what the description says, numbers digit by digit', async () => {
    const { channel, requests } = ledger(answer(200, '{"ok":true,"change":-1230,"id":9007199254740993}'));
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
      points: new Decimal('12.3'),
      remoteId: '9007199254740993',
      replayed: false,
    });
    expect(requests).toEqual([
      {
        method: 'PUT',
        path: `/members/${encodeURIComponent(OPERATION.memberRef)}/points?shop=17`,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from('hub:p4ss').toString('base64')}`,
        },
        body: '{"change":-1230,"note":"k1","brand":"br4nd","list":["o1",7,true,null]}',
      },
    ]);
  });

  test('that needs what is not known is not sent', async () => {
    const { channel, requests } = ledger(answer(200, '{}'));
    expect(await channel.refund(REFUND, AMPLE_CONTEXT)).toMatchObject({
      type: 'misconfigured',
      code: 'refused_request',
      evidence: { detail: 'the path needs {originalRemoteId}, which is not known' },
    });
    expect(await channel.balance('m', AMPLE_CONTEXT)).toMatchObject({
      type: 'misconfigured',
      code: 'not_supported',
    });
    expect(await channel.deduct({ ...OPERATION, points: new Decimal('0.001') }, AMPLE_CONTEXT)).toMatchObject(
      {
        type: 'misconfigured',
      },
    );
    for (const memberRef of ['..', '.']) {
      expect(await channel.deduct({ ...OPERATION, memberRef }, AMPLE_CONTEXT)).toMatchObject({
        type: 'misconfigured',
      });
    }
    expect(requests).toEqual([]);
  });

  test('has a form where the description says so', async () => {
    const { channel, requests } = ledger(answer(200, '{"ok":true,"change":1230}'));
    expect(await channel.refund({ ...REFUND, originalRemoteId: 'e/1' }, AMPLE_CONTEXT)).toMatchObject({
      type: 'done',
    });
    expect(requests[0]).toMatchObject({ path: '/entries/e%2F1/undo', body: 'note=r1' });
  });
});

describe('an answer', () => {
  test.each<[string, HttpExchange]>([
    ['nothing', answer(200, '')],
    ['HTML', answer(200, '<html>$.ok == true</html>')],
    ['half', answer(200, '{"ok":true,"change":-12')],
    ['another status', answer(201, '{"ok":true,"change":-1230}')],
    ['other points than can be read', answer(200, '{"ok":true,"change":"much"}')],
    ['points of the wrong sign', answer(200, '{"ok":true,"change":1230}')],
    ['a list', answer(200, '[{"ok":true}]')],
    ['brackets without end', answer(200, '['.repeat(200_000))],
    ['what is inherited', answer(200, '{"__proto__":{"ok":true,"change":-1230}}')],
    ['a server error', answer(500, '{"ok":true,"change":-1230}')],
    ['a refusal of no documented kind', answer(422, '{"code":"POOR"}')],
    [
      'nothing in time',
      { type: 'lost', cause: 'timeout', detail: 'deadline', status: undefined, elapsedMs: 1 },
    ],
    ['too much', { type: 'lost', cause: 'too_large', detail: 'large', status: 200, elapsedMs: 1 }],
  ])('that is %s proves nothing', async (_, end) => {
    expect((await ledger(end).channel.deduct(OPERATION, AMPLE_CONTEXT)).type).toBe('unknown');
  });

  test('is a refusal by a server error only where the description says so by its body', async () => {
    expect(
      await ledger(answer(500, '{"code":"POOR"}')).channel.deduct(OPERATION, AMPLE_CONTEXT),
    ).toMatchObject({
      type: 'rejected',
      reason: 'insufficient_points',
    });
  });

  test('with a refusal to a look-up says nothing of the operation', async () => {
    const { channel } = open(
      DECLARED_JSON_CHANNEL.replace(
        '      - { when: { status: 404, body: "$.code == \'TRANSACTION_UNKNOWN\'" }, then: not_found }',
        '      - { then: see, answers: refusals }',
      ),
      ENV,
      answer(404, '{"code":"MEMBER_UNKNOWN"}'),
    );
    expect(await channel.query('k1', 'm', AMPLE_CONTEXT)).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
  });

  test('shows neither secrets nor the member in its evidence', async () => {
    const echo = `p4ss br4nd ${Buffer.from('hub:p4ss').toString('base64')} 李/7 ${encodeURIComponent('李/7')}`;
    for (const end of [answer(500, { echo }), answer(418, echo)]) {
      const text = JSON.stringify(await ledger(end).channel.deduct(OPERATION, AMPLE_CONTEXT));
      for (const secret of ['p4ss', 'br4nd', 'aHVi', '李/7', encodeURIComponent('李/7')])
        expect(text).not.toContain(secret);
      expect(text).toContain('/members/{memberRef}/points');
    }
  });
});

test('an answer that is not signed as agreed proves nothing, by whichever key', async () => {
  const body = JSON.stringify({ key: 'k1', kind: 'deduction', status: 'completed', points: '1' });
  const signed = DECLARED_JSON_CHANNEL.replace(
    'sign: { method: bearer, token: env:AIRMILES_TOKEN }',
    'sign: { method: hmac-json, keyId: hub-1, answerHeader: x-sign, keys: { current: env:NEW, previous: env:OLD } }',
  );
  const outcomeBy = async (key: string): Promise<string> => {
    const signature = createHmac('sha256', key).update(body).digest('hex');
    const env = { ...ENV, NEW: 'n3w', OLD: '0ld' };
    const { channel, requests } = open(signed, env, answer(200, body, { 'x-sign': signature }));
    const outcome = await channel.deduct(OPERATION, AMPLE_CONTEXT);
    // The path that is signed is that of the wire.
    const { method, path, headers, body: sent = '' } = requests[0] ?? fail('nothing was sent');
    const hash = createHash('sha256').update(sent).digest('hex');
    const text = [
      method,
      `/channels/airmiles${path}`,
      '',
      headers['x-timestamp'],
      headers['x-nonce'],
      hash,
    ].join('\n');
    expect(headers['x-signature']).toBe(createHmac('sha256', 'n3w').update(text).digest('hex'));
    return outcome.type;
  };
  expect(await outcomeBy('n3w')).toBe('done');
  expect(await outcomeBy('0ld')).toBe('done');
  expect(await outcomeBy('stranger')).toBe('unknown');
});

function fail(reason: string): never {
  throw new Error(reason);
}

describe('a look-up in a list', () => {
  const page = (entries: readonly string[], next?: string): HttpExchange =>
    answer(200, `{"entries":[${entries.join(',')}]${next === undefined ? '' : `,"next":"${next}"`}}`);

  test('reads all pages, and finds exactly the one that is meant', async () => {
    const { channel, requests } = ledger(page([entry('k10'), entry('k')], 'p2'), page([entry('k1')]));
    expect(await channel.query('k1', 'm', AMPLE_CONTEXT)).toMatchObject({
      type: 'found',
      outcome: { type: 'done', points: new Decimal('12.3'), remoteId: '9' },
    });
    expect(requests.map(({ path }) => path)).toEqual(['/entries?member=m', '/entries?member=m&after=p2']);
  });

  test('has not found what is on no page', async () => {
    const { channel } = ledger(page([entry('k2')], 'p2'), page([]));
    expect((await channel.query('k1', 'm', AMPLE_CONTEXT)).type).toBe('not_found');
  });

  test.each<[string, readonly HttpExchange[]]>([
    ['the entry is there twice', [page([entry('k1')], 'p2'), page([entry('k1', 10)])]],
    ['a page is missing', [page([entry('k1')], 'p2'), answer(503, '')]],
    ['the pages never end', [page([], 'p2')]],
    ['a page is no list', [page([], 'p2'), answer(200, '{"entries":{}}')]],
    ['the entry is in no known state', [page([entry('k1').replace('booked', 'odd')])]],
  ])('proves nothing if %s', async (_, ends) => {
    expect((await ledger(...ends).channel.query('k1', 'm', AMPLE_CONTEXT)).type).toBe('unknown');
  });

  test('shows of a page only the entry that was meant', async () => {
    const { channel } = ledger(page([entry('somebody-else'), entry('k1')]));
    expect(JSON.stringify(await channel.query('k1', 'm', AMPLE_CONTEXT))).not.toContain('somebody-else');
  });
});

describe('a wrong description', () => {
  const problemsOf = (yaml: string): string[] => {
    try {
      readChannelDescription(yaml, 'c.yaml');
    } catch (error) {
      if (error instanceof DescriptionError) return error.message.split('\n');
      throw error;
    }
    return [];
  };

  test('is told with every fault, its line, column, path and reason', () => {
    const yaml = LEDGER.replace('method: PUT', 'method: SEND')
      .replace(
        '"$.ok == true" }, then: done, points: "$.change',
        '"$.ok = true" }, then: done, points: "$.change|rounded',
      )
      .replace('{orderId}', '{orderid}')
      .replace('zone: Asia/Shanghai', 'zone: Asia/Nowhere')
      .replace('status: 500, body: "$.code == \'POOR\'"', 'status: 500')
      .replace('then: listed', 'then: perhaps');
    const problems = problemsOf(yaml);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^c\.yaml:16:7: zone: no time zone/),
        expect.stringMatching(/^c\.yaml:21:15: operations\.deduct\.request\.method: /),
        expect.stringMatching(
          /^c\.yaml:26:\d+: operations\.deduct\.answers\.0\.when\.body: unexpected "=" at character/,
        ),
        expect.stringMatching(
          /^c\.yaml:26:\d+: operations\.deduct\.answers\.0\.points: no filter rounded; there are negated, absolute, minor/,
        ),
        expect.stringMatching(/^c\.yaml:\d+:\d+: operations\.query\.answers\.0\.then: /),
      ]),
    );
  });

  test.each([
    ['{orderId}', '{orderid}', /operations\.deduct\.request: no variable \{orderid\}; deduct has key, /],
    [
      'status: 500, body: "$.code == \'POOR\'"',
      'status: 500',
      /answers\.1\.when: needs a body: whoever stands between/,
    ],
    [
      'status: 200, body: "$.ok == true" }, then: done',
      'body: "$.ok == true" }, then: done',
      /answers\.0\.when: needs a status/,
    ],
    [
      ', points: "$.change|negated|minor", remoteId: $.id }\n      - { when: { status: 500',
      ' }\n      - { when: { status: 500',
      /needs points, since capabilities\.echo/,
    ],
    [
      'match: $.note == key',
      'match: $.note == kay',
      /operations\.query\.answers: no variable kay; predicates of query know key/,
    ],
    ['{values.shop}', '{values.shoe}', /\{values\.shoe\} is not in values/],
    ['query: by-key', 'query: none', /operations\.query: is there, but capabilities\.query says otherwise/],
    ['reversal: by-original', 'reversal: none', /operations\.refund: is there/],
    [
      'query: by-key',
      'query: by-key\n  scan: { reachMs: forever }',
      /operations\.scan: is missing, but capabilities\.scan promises it/,
    ],
    ['password: env:LEDGER_PASSWORD', 'password: hunter2', /sign\.password: a secret is given as env:NAME/],
    [
      'query: { shop:',
      'headers: { host: "x" }\n      query: { shop:',
      /request\.headers\.host: is decided by transport and signing/,
    ],
    ['path: /entries,', 'path: "http://evil",', /request\.path: a path /],
    ['form: { note', 'json: {}\n      form: { note', /request\.form: a request has json or form/],
  ])('with %j changed to %j is told why', (text, replacement, reason) => {
    expect(LEDGER).toContain(text);
    expect(problemsOf(LEDGER.replace(text, replacement)).join('\n')).toMatch(reason);
  });

  test('shows no secret and names the variable that is missing', () => {
    expect(() => open(LEDGER, { BRAND: 'x' }, answer(200, ''))).toThrow(
      'environment variable LEDGER_PASSWORD is not set',
    );
    expect(() => open(LEDGER, { LEDGER_PASSWORD: 's3cret' }, answer(200, ''))).toThrow(
      /^environment variable BRAND is not set$/,
    );
  });

  test('is refused, whatever it holds, and never a crash or a hang', () => {
    const words = fc.constantFrom(
      'id',
      'sign',
      'operations',
      'deduct',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '\n',
      '  ',
      '&a',
      '*a',
      '"',
      "'",
      '|',
      '$.a',
      '{key}',
      '1e999',
      '__proto__',
      '!!js',
      '#',
    );
    const noise = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 60 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(noise, fc.nat(LEDGER.length), fc.nat(40), (text, at, cut) => {
        for (const yaml of [text, LEDGER.slice(0, at) + text + LEDGER.slice(at + cut)]) {
          expect(Array.isArray(problemsOf(yaml))).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
    for (const deep of ['['.repeat(50_000), '{a: '.repeat(20_000), 'x'.repeat(300_000)]) {
      expect(problemsOf(deep)).not.toEqual([]);
    }
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`),
    ];
    expect(problemsOf(bomb.join('\n'))).not.toEqual([]);
  });
});

test('whatever comes back, every call ends in an outcome of the contract', async () => {
  const kinds = [
    'done',
    'rejected',
    'pending',
    'unknown',
    'not_sent',
    'misconfigured',
    'found',
    'not_found',
    'balance',
  ];
  const names = fc.constantFrom(
    'status',
    'key',
    'kind',
    'code',
    'points',
    'originalKey',
    'transactionId',
    'asOf',
    'member',
    'ok',
    'change',
    'entries',
    'note',
    'next',
    '__proto__',
  );
  const leaves = fc.oneof(
    fc.constantFrom(
      'completed',
      'accepted',
      'refused',
      'k1',
      'r1',
      'deduction',
      'refund',
      'INSUFFICIENT_POINTS',
      '1',
      true,
      null,
      '李/7',
    ),
    fc.double(),
    fc.string(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaves,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 8 }),
    ),
  }));
  const bodies = fc.oneof(
    tree.map((value) => JSON.stringify(value) ?? ''),
    fc.string(),
  );
  const statuses = fc.constantFrom(200, 202, 204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503);
  await fc.assert(
    fc.asyncProperty(statuses, bodies, async (status, body) => {
      const end = answer(status, body, { 'retry-after': body.slice(0, 8) });
      for (const { channel } of [ledger(end), open(DECLARED_JSON_CHANNEL, ENV, end)]) {
        const outcomes = [
          await channel.deduct(OPERATION, AMPLE_CONTEXT),
          await channel.refund({ ...REFUND, originalRemoteId: 'e1' }, AMPLE_CONTEXT),
          await channel.query('k1', '李/7', AMPLE_CONTEXT),
          await channel.balance('李/7', AMPLE_CONTEXT),
        ];
        for (const outcome of outcomes) {
          expect(kinds).toContain(outcome.type);
          expect(
            Buffer.byteLength(JSON.stringify('evidence' in outcome ? outcome.evidence : {})),
          ).toBeLessThanOrEqual(4_096);
        }
        if (status >= 500) {
          for (const outcome of outcomes.slice(0, 3))
            expect(['unknown', 'misconfigured']).toContain(outcome.type);
        }
      }
    }),
    { numRuns: 300 },
  );
});
