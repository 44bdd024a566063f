/**
 * Every behaviour that the kit tries is missing in an adapter here or in `certify.test.ts`, so none of them passes whatever
 * an adapter does.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import type { CallContext, ReverseOperation } from '../contract.ts';
import { OWN_OPENERS, type Openers } from './bench.ts';
import { BEHAVIOURS, certify } from './certify.ts';
import { environmentFor } from './environment.ts';
import { playerOf } from './shapes/index.ts';
import {
  believed,
  broken,
  isUnknown,
  misasking,
  misreading,
  misreadingRefunds,
  readingCallbacks,
  refused,
} from './testing/broken-adapter.ts';
import { JSON_CHANNEL, WHOLE_ONLY_CHANNEL } from './testing/json-channels.ts';

const shipped = (name: string): string =>
  readFileSync(new URL(`../declarative/descriptions/${name}.yaml`, import.meta.url), 'utf8');
/** The JSON contract with signatures on requests and answers. */
const SIGNING_CHANNEL = shipped('json-channel').replace(
  /^sign: .*$/m,
  'sign: { method: hmac-json, keyId: hub, keys: { current: env:HMAC_KEY }, answerHeader: x-answer }',
);

const nothing = { type: 'not_found', evidence: {} } as const;
const elsewhere = (change: (operation: ReverseOperation) => Partial<ReverseOperation>): Openers =>
  broken(({ refund }) => ({
    refund: (operation, context) => refund({ ...operation, ...change(operation) }, context),
  }));
let made = 0;

const BROKEN: readonly (readonly [string, string, string, Openers])[] = [
  ['C4', 'cuts keys', JSON_CHANNEL, misasking((one) => ({ ...one, key: one.key.slice(0, 20) }))],
  ['C6', 'rounds points', JSON_CHANNEL, misasking((one) => ({ ...one, points: one.points.ceil() }))],
  [
    'C7',
    'asks for something where nothing is meant',
    JSON_CHANNEL,
    misasking((one) => ({ ...one, points: Decimal.max(1, one.points) })),
  ],
  [
    'C16',
    'takes "not allowed" for a refusal',
    JSON_CHANNEL,
    misreading((outcome) => (outcome.type === 'misconfigured' ? refused(outcome) : outcome)),
  ],
  [
    'C17',
    'reads answers before it looks at their signature',
    SIGNING_CHANNEL,
    misreading((outcome, one) =>
      isUnknown(outcome, 'unreadable_answer') ? believed(outcome, one) : outcome,
    ),
  ],
  [
    'C18',
    'believes whatever clock a callback has',
    JSON_CHANNEL,
    readingCallbacks(({ read }) => ({
      read: (request) => {
        const seconds = Number(request.headers['webhook-timestamp']);
        return read({ ...request, receivedAt: new Date(seconds * 1_000) });
      },
    })),
  ],
  [
    'C19',
    'takes a duplicate for a refusal',
    shipped('formance-ledger-v2'),
    misreading((outcome) => (isUnknown(outcome, 'duplicate_without_state') ? refused(outcome) : outcome)),
  ],
  [
    'C20',
    'takes refusals for successes',
    JSON_CHANNEL,
    misreading((outcome, one) => (outcome.type === 'rejected' ? believed(outcome, one) : outcome)),
  ],
  [
    'C21',
    'gives up after a refusal',
    JSON_CHANNEL,
    broken(({ deduct }) => {
      let isTired = false;
      return {
        deduct: async (operation, context) => {
          const outcome = await deduct(operation, context);
          if (isTired) return refused(outcome);
          isTired = outcome.type === 'rejected';
          return outcome;
        },
      };
    }),
  ],
  [
    'C22',
    'serves strangers',
    JSON_CHANNEL,
    misreading((outcome, one) => (outcome.type === 'rejected' ? believed(outcome, one) : outcome)),
  ],
  [
    'C24',
    'finds what was never sent',
    JSON_CHANNEL,
    broken(() => ({
      query: () =>
        Promise.resolve({ type: 'found', outcome: { type: 'rejected', reason: 'other', evidence: {} } }),
    })),
  ],
  [
    'C25',
    'takes a key that begins alike for the same',
    JSON_CHANNEL,
    broken(({ query }) => ({ query: (key, member, context) => query(`${key}0`, member, context) })),
  ],
  ['C27', 'calls every refund refused', JSON_CHANNEL, misreadingRefunds(refused)],
  ['C28', 'gives back more than it is asked to', JSON_CHANNEL, elsewhere(() => ({ points: new Decimal(3) }))],
  [
    'C29',
    'takes refused refunds for done',
    JSON_CHANNEL,
    misreadingRefunds((outcome, one) => (outcome.type === 'rejected' ? believed(outcome, one) : outcome)),
  ],
  [
    'C30',
    'makes a new key for every refund',
    JSON_CHANNEL,
    elsewhere(() => {
      made += 1;
      return { key: `R${made}` };
    }),
  ],
  [
    'C31',
    'takes a refund of nothing for done',
    JSON_CHANNEL,
    misreadingRefunds((outcome, one) => (outcome.type === 'done' ? outcome : believed(outcome, one))),
  ],
  [
    'C33',
    'gives back the whole and says that it was the part',
    WHOLE_ONLY_CHANNEL,
    broken(({ refund }) => ({
      refund: async (operation, context) => {
        const all = { ...operation, points: new Decimal('6.99') };
        return believed(await refund(all, context), operation);
      },
    })),
  ],
  [
    'C40',
    'forgets the secret before this one',
    JSON_CHANNEL,
    {
      ...OWN_OPENERS,
      openCallbackReader: (description, env) => {
        const { callback } = description;
        if (callback.trust !== 'signed') return undefined;
        const forgetful = { ...description, callback: { ...callback, previousSecretEnv: undefined } };
        return OWN_OPENERS.openCallbackReader(forgetful, env);
      },
    },
  ],
  [
    'C41',
    'makes up a new id for every callback',
    JSON_CHANNEL,
    readingCallbacks(({ read }) => ({
      read: (request) => {
        const said = read(request);
        return said.type === 'event' ? { ...said, eventId: randomUUID() } : said;
      },
    })),
  ],
  [
    'C45',
    'acknowledges callbacks in words of its own',
    shipped('square-loyalty'),
    readingCallbacks(() => ({ acknowledgement: { status: 200, type: 'text/plain', body: 'thank you' } })),
  ],
  ['C48', 'calls a list that it left nothing', JSON_CHANNEL, broken(() => ({ scan: async () => nothing }))],
  ['C49', 'reads no statement', JSON_CHANNEL, broken(() => ({ statement: async () => nothing }))],
  [
    'C50',
    'takes what stands in the statement for what was asked for',
    JSON_CHANNEL,
    broken(({ statement }) => ({
      statement: async (sought, context) => {
        const found = await statement(sought, context);
        return found.type === 'found'
          ? { ...found, outcome: { ...found.outcome, points: new Decimal('6.99') } }
          : found;
      },
    })),
  ],
];

/** Confirms or releases, and says that it is done whatever the channel says. */
const hurried = (how: 'confirm' | 'release'): Openers =>
  broken((channel) => ({
    [how]: async (operation: ReverseOperation, context: CallContext) =>
      believed(await channel[how](operation, context), operation),
  }));
const HOLDING_CHANNEL = JSON_CHANNEL.replace(
  '  reversal:',
  '  hold: { expiresAfterMs: 3600000, releaseBarsHold: true }\n  reversal:',
);
const BROKEN_HOLDS: typeof BROKEN = [
  [
    'C34',
    'deducts where it should hold',
    HOLDING_CHANNEL,
    broken(({ deduct }) => ({ hold: (operation, context) => deduct(operation, context) })),
  ],
  ['C35', 'takes every confirmation for done', HOLDING_CHANNEL, hurried('confirm')],
  ['C37', 'takes every release for done', HOLDING_CHANNEL, hurried('release')],
];

async function verdictOn(id: string, text: string, openers: Openers): Promise<string | undefined> {
  const description = readChannelDescription(text, 'channel.yaml');
  const play = playerOf(description);
  if (play === undefined) throw new Error('no shape speaks it');
  const { findings } = await certify({
    description,
    play,
    env: environmentFor(text, {}),
    openers,
    only: [id],
  });
  return findings[0]?.verdict;
}

describe.each([...BROKEN, ...BROKEN_HOLDS])('%s: an adapter that %s', (id, _, text, openers) => {
  test('fails, and the right one passes', async () => {
    expect(await verdictOn(id, text, openers)).toBe('failed');
    expect(await verdictOn(id, text, OWN_OPENERS)).toBe('passed');
  });
});

test('no behaviour is without an adapter that misses it', () => {
  const here = [...BROKEN, ...BROKEN_HOLDS].map(([id]) => id);
  const inWhole = [
    'C1',
    'C2',
    'C3',
    'C5',
    'C8',
    'C9',
    'C10',
    'C11',
    'C12',
    'C13',
    'C14',
    'C15',
    'C23',
    'C26',
  ];
  const all = [...here, ...inWhole, 'C39', 'C44', 'C46', 'C51', 'C52'];
  expect(new Set(BEHAVIOURS.map(({ id }) => id))).toEqual(new Set(all));
});
