/** Whatever a channel answers, and whoever answers in its place: one of the contract's outcomes, and no points made up. */
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { environmentFor } from '../certification/environment.ts';
import { readChannelDescription, type ChannelDescription } from '../channel-description.ts';
import type { Outcome, QueryOutcome, ScanOutcome, StatementOutcome } from '../contract.ts';
import { DescriptionError } from '../description-text.ts';
import { EnvironmentError } from '../environment.ts';
import type { HttpAnswer, HttpTransport } from '../http/transport.ts';
import { openCallbackReader, openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';

const FOLDER = new URL('./descriptions/', import.meta.url);
const SHIPPED = readdirSync(FOLDER).map((name): readonly [string, string] => [
  name,
  readFileSync(new URL(name, FOLDER), 'utf8'),
]);
const KEY = 'k-7f3a9';
const POINTS = new Decimal(5);
const TOKEN = '{"access_token":"tok","expires_in":3600}';

interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers what it is told to, without a socket; counts what it was asked. */
function open(description: ChannelDescription, env: Record<string, string>, said: () => Said) {
  let asked = 0;
  const transport: HttpTransport = {
    exchange: (request) => {
      if (request.body?.startsWith('grant_type='))
        return Promise.resolve(answer({ status: 200, headers: {}, body: TOKEN }));
      asked += 1;
      return Promise.resolve(answer(said()));
    },
    close: () => Promise.resolve(),
  };
  return { channel: openChannel(description, env, () => transport), asked: () => asked };
}
const answer = (said: Said): HttpAnswer => ({ type: 'answer', elapsedMs: 1, ...said });

const OUTCOMES = ['done', 'rejected', 'pending', 'unknown', 'not_sent', 'misconfigured'];
const LOOK_UPS = ['found', 'not_found', 'incomplete', 'open', 'unknown', 'not_sent', 'misconfigured'];

const status = fc.oneof(
  fc.constantFrom(200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 422, 423, 429, 500, 502, 503, 520),
  fc.integer({ min: 200, max: 599 }),
);
/** Names and words of the descriptions themselves, so that what is made up comes near to what is meant. */
const words = [...new Set(SHIPPED.flatMap(([, text]) => text.match(/[A-Za-z_][A-Za-z_0-9]{2,}/g) ?? []))];
const word = fc.constantFrom(...words);
const odd = fc.constantFrom('__proto__', 'constructor', '-0', '1e999', '', '\u0000', '😀', '9'.repeat(400));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc.oneof(word, odd, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(word, odd), tie('tree'), { maxKeys: 8 }),
  ),
}));
const body = fc.oneof(
  { weight: 6, arbitrary: tree.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '<html></html>',
      '{',
      '[1e400]',
      '[['.repeat(5_000),
      '{"a":'.repeat(5_000),
    ),
  },
);
const headers = fc.dictionary(
  fc.constantFrom('retry-after', 'idempotency-hit', 'content-type', 'x-answer', 'location', 'date'),
  fc.oneof(fc.string(), fc.constantFrom('99999999999999999999', '-1', 'Wed, 99 Foo 2026', 'true')),
);
const said: fc.Arbitrary<Said> = fc.record({ status, headers, body });

describe.each(SHIPPED)('%s', (name, text) => {
  const description = readChannelDescription(text, name);
  const env = environmentFor(text, {});
  const { capabilities } = description;
  const memberRef = name.startsWith('brevo') ? '42' : 'lmbr_1/lcrd_1';
  const operation = { key: KEY, orderId: 'o1', memberRef, points: POINTS };
  const refund = { ...operation, originalKey: 'k-0', originalRemoteId: undefined };

  test('moves no points by an answer that does not name the key, and throws at none', async () => {
    await fc.assert(
      fc.asyncProperty(said, async (one) => {
        const { channel, asked } = open(description, env, () => one);
        for (const call of [
          channel.deduct(operation, AMPLE_CONTEXT),
          channel.refund(refund, AMPLE_CONTEXT),
        ]) {
          const outcome: Outcome = await call;
          expect(OUTCOMES).toContain(outcome.type);
          // Without our key it speaks of something else, whatever it says.
          expect(['done', 'pending']).not.toContain(outcome.type);
          if (one.status >= 500) expect(outcome.type).toBe('unknown');
          expect(JSON.stringify(outcome.evidence).length).toBeLessThan(4_097);
        }
        // Of what may be repeated only the 401 of a token is, once.
        expect(asked()).toBeLessThanOrEqual(one.status === 401 ? 4 : 2);
        const balance = await channel.balance(memberRef, AMPLE_CONTEXT);
        if (balance.type === 'balance') expect(balance.points.gte(0)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('finds nothing in lists that do not have the key, and reads no list without an end', async () => {
    const now = new Date();
    const sought = {
      key: KEY,
      kind: 'deduction',
      orderId: 'o1',
      memberRef,
      remoteId: undefined,
      besides: undefined,
      from: new Date(now.getTime() - 60_000),
      until: now,
    } as const;
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 5 }), async (pages) => {
        let turn = 0;
        const { channel, asked } = open(description, env, () => pages[turn++ % pages.length] as Said);
        const calls: Promise<QueryOutcome | ScanOutcome | StatementOutcome>[] = [
          channel.query(KEY, memberRef, AMPLE_CONTEXT),
          channel.scan(sought, AMPLE_CONTEXT),
          channel.statement(sought, AMPLE_CONTEXT),
        ];
        for (const outcome of await Promise.all(calls)) {
          expect(LOOK_UPS).toContain(outcome.type);
          expect(outcome.type).not.toBe('found');
        }
        const pagesMax = 20 + (capabilities.scan?.pagesMax ?? 0) + (capabilities.statement?.pagesMax ?? 0);
        expect(asked()).toBeLessThanOrEqual(2 * pagesMax);
      }),
      { numRuns: 200 },
    );
  });

  test('calls what nobody described unknown', async () => {
    // No word of any description is in it, so that no rule can match.
    const stranger = fc.dictionary(
      fc.constantFrom('zz1', 'zz2', 'zz3'),
      fc.constantFrom('qq', 7, true, null),
    );
    const undescribed = status.filter((one) => ![401, 403, 429].includes(one));
    await fc.assert(
      fc.asyncProperty(undescribed, stranger, async (one, value) => {
        const { channel } = open(description, env, () => ({
          status: one,
          headers: {},
          body: JSON.stringify(value),
        }));
        expect((await channel.deduct(operation, AMPLE_CONTEXT)).type).toBe('unknown');
        expect((await channel.refund(refund, AMPLE_CONTEXT)).type).toBe('unknown');
      }),
    );
  });

  test('lets in no callback that is not signed, and throws at none', () => {
    const reader = openCallbackReader(description, env);
    if (reader === undefined) return;
    const name1 = fc.oneof(
      fc.constantFrom(
        'x-square-hmacsha256-signature',
        'webhook-id',
        'webhook-timestamp',
        'webhook-signature',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.dictionary(name1, fc.oneof(fc.string(), fc.array(fc.string()))),
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          body.map((one) => Buffer.from(one)),
        ),
        fc.date({ noInvalidDate: true }),
        (received, octets, receivedAt) => {
          const event = reader.read({ headers: received, octets, receivedAt });
          if (event.type === 'event') expect(event.isSigned || event.said.type === 'hint').toBe(true);
          expect(event.type === 'event' && event.isSigned).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('with a word or a line of it changed is a description or told to be none, in no time', async () => {
    const lines = text.split('\n');
    const cut = fc.tuple(
      fc.nat(lines.length - 1),
      fc.oneof(word, odd, fc.constant('- {'), fc.constant('a: &a [*a]')),
    );
    await fc.assert(
      fc.asyncProperty(cut, fc.boolean(), said, async ([at, put], isLine, one) => {
        const line = lines[at] ?? '';
        const changed = isLine ? put : line.replace(/[\w.$]+/, () => put);
        const other = tryOpen(lines.toSpliced(at, 1, changed).join('\n'), () => one);
        if (other === undefined) return;
        const { channel } = other;
        expect(OUTCOMES).toContain((await channel.deduct(operation, AMPLE_CONTEXT)).type);
      }),
      { numRuns: 150 },
    );
  });
});

/** Undefined where it is told to be none, or what it needs is told to be missing; all else that is thrown is a fault of ours. */
function tryOpen(text: string, answered: () => Said) {
  try {
    return open(readChannelDescription(text, 'changed.yaml'), environmentFor(text, {}), answered);
  } catch (error) {
    if (error instanceof DescriptionError || error instanceof EnvironmentError) return undefined;
    if (error instanceof TypeError && error.message.startsWith('baseUrl ')) return undefined;
    throw error;
  }
}
