import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { readChannelDescription } from '../channel-description.ts';
import { JSON_CHANNEL_CODES } from '../json-channel/json-codes.ts';
import { JsonChannel } from '../json-channel/json-channel.ts';
import { openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { DECLARED_JSON_CHANNEL } from '../testing/channel-contract.ts';
import { answer, toldTransport } from './testing/told-channel.ts';

const OPERATION = { key: 'k1', orderId: 'o1', memberRef: 'm', points: new Decimal('12.30') };
const REFUND = { ...OPERATION, originalKey: 'k0', originalRemoteId: undefined };

/** Answers near enough to the documented ones that every rule is met, and every field may be wrong or missing. */
const maybe = <Value>(...values: readonly Value[]) =>
  fc.option(fc.constantFrom(...values), { nil: undefined });
const bodies = fc.record({
  key: maybe('k1', 'k1', 'k1', 'k2'),
  kind: maybe('deduction', 'refund'),
  originalKey: maybe('k0', 'k9'),
  status: maybe('completed', 'accepted', 'refused', 'odd'),
  code: maybe(...JSON_CHANNEL_CODES.keys(), 'UNAUTHENTICATED', 'RATE_LIMITED', 'ODD'),
  points: maybe('12.3', '12.30', '7', '-1', '', 'x'),
  transactionId: maybe('t1', ''),
  replayed: maybe<unknown>(true, false, 'true'),
  pollAfterMs: maybe(1, 2_000, 3_600_000),
  member: fc.constant('m'),
  asOf: maybe('2026-01-01T00:00:00Z', 'now'),
});
const statuses = fc.constantFrom(
  200,
  200,
  200,
  202,
  204,
  302,
  400,
  401,
  403,
  404,
  409,
  418,
  422,
  429,
  500,
  503,
);

const description = readChannelDescription(DECLARED_JSON_CHANNEL, 'c.yaml');

test('what is described and what is programmed conclude the same from every answer', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(statuses, bodies, async (status, body) => {
      const end = answer(status, body);
      const programmed = new JsonChannel({
        channel: 'airmiles',
        bearerToken: 't',
        transport: toldTransport(end).transport,
      });
      const described = openChannel(
        description,
        { SANDBOX_URL: 'https://channel.example', AIRMILES_TOKEN: 't' },
        () => toldTransport(end).transport,
      );
      const [left, right] = [programmed, described].map(async (channel) => [
        await channel.deduct(OPERATION, AMPLE_CONTEXT),
        await channel.refund(REFUND, AMPLE_CONTEXT),
        await channel.query('k1', 'm', AMPLE_CONTEXT),
        // A balance by 202 is documented nowhere; the program believes it, the description does not.
        ...(status === 202 ? [] : [await channel.balance('m', AMPLE_CONTEXT)]),
      ]);
      const [expected, actual] = [await left, await right].map((outcomes) =>
        (outcomes ?? []).map((outcome) =>
          JSON.stringify(outcome, (name, value: unknown) =>
            name === 'evidence' || name === 'cause' ? undefined : value,
          ),
        ),
      );
      expect(actual).toEqual(expected);
      for (const outcome of expected ?? []) met.add(/"type":"(\w+)"/.exec(outcome)?.[1] ?? '');
    }),
    { numRuns: 5_000 },
  );
  // The comparison met every kind of outcome that an answer can lead to.
  expect([...met].toSorted()).toEqual(
    [
      'balance',
      'done',
      'found',
      'misconfigured',
      'not_found',
      'not_sent',
      'pending',
      'rejected',
      'unknown',
    ].toSorted(),
  );
});
