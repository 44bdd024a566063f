import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { readChannelDescription } from '../channel-description.ts';
import type { CallbackReader, ChannelAdapter, Operation, Outcome } from '../contract.ts';
import { OWN_OPENERS, type Openers } from './bench.ts';
import { certify } from './certify.ts';
import { environmentFor } from './environment.ts';
import { isCertified, writeTable } from './report.ts';
import { playerOf } from './shapes/index.ts';

const FOLDER = new URL('../declarative/descriptions/', import.meta.url);
const SHIPPED = readdirSync(FOLDER);

/** A channel that signs its callbacks as Standard Webhooks 1.0 has it, with a secret that changes over. */
const JSON_CHANNEL = `
id: airmiles
adapter: json
baseUrl: env:AIRMILES_URL
auth: { bearer: env:AIRMILES_TOKEN }
points: { scale: 2, max: "50000" }
capabilities:
  idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }
  echo: points
  query: by-key
  scan: { reachMs: forever, pageSize: 5 }
  statement: { period: range, availableAfterMs: 0, retentionMs: forever }
  reversal: by-original
  partialRefund: true
  notFoundFinalAfterMs: 0
  lateEffectCheckMs: 0
  perUserLane: false
callback: { trust: signed, secretEnv: AIRMILES_SECRET, previousSecretEnv: AIRMILES_OLD_SECRET }
`;
/** One that keeps no keys: what is sent twice is two deductions. */
const KEYLESS = JSON_CHANNEL.replace(
  'idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }',
  'idempotency: { kind: none }\n  marker: note',
).replace('query: by-key', 'query: none');

/** One that holds points first. */
const HOLDING = JSON_CHANNEL.replace(
  'reversal:',
  'hold: { expiresAfterMs: 3600000, releaseBarsHold: true }\n  reversal:',
);

async function certified(text: string, openers: Openers = OWN_OPENERS) {
  const description = readChannelDescription(text, 'channel.yaml');
  const play = playerOf(description);
  if (play === undefined) throw new Error('no shape speaks it');
  const env = environmentFor(text, {});
  return certify({ description, play, env, openers, atOnce: 10 });
}

describe('every shipped description', () => {
  test.each(SHIPPED)('%s is certified', async (name) => {
    const certification = await certified(readFileSync(new URL(name, FOLDER), 'utf8'));
    expect(certification.findings.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    const ids = certification.findings.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 54 }, (_, index) => `C${index + 1}`));
    expect(certification.findings.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(20);
    for (const { verdict, why } of certification.findings) expect(why === '').toBe(verdict === 'passed');
  });
});

test.each([
  ['keeps keys', JSON_CHANNEL],
  ['keeps none', KEYLESS],
  ['holds', HOLDING],
])('the programmed adapter of a channel that %s is certified', async (_, text) => {
  const certification = await certified(text);
  expect(certification.findings.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect(isCertified(certification)).toBe(true);
});

/** The adapter with one mistake in it. */
function broken(changes: (channel: ChannelAdapter) => Partial<ChannelAdapter>): Openers {
  return {
    ...OWN_OPENERS,
    openChannel: (description, env) => {
      const channel = OWN_OPENERS.openChannel(description, env);
      const whole = {
        channel: channel.channel,
        balance: channel.balance.bind(channel),
        deduct: channel.deduct.bind(channel),
        refund: channel.refund.bind(channel),
        hold: channel.hold.bind(channel),
        confirm: channel.confirm.bind(channel),
        release: channel.release.bind(channel),
        findHold: channel.findHold.bind(channel),
        query: channel.query.bind(channel),
        scan: channel.scan.bind(channel),
        statement: channel.statement.bind(channel),
        close: channel.close.bind(channel),
      };
      return { ...whole, ...changes(whole) };
    },
  };
}
/** The mistake is in what it makes of the outcome of a deduction. */
const misreading = (read: (outcome: Outcome, operation: Operation) => Outcome): Openers =>
  broken(({ deduct }) => ({
    deduct: async (operation, context) => read(await deduct(operation, context), operation),
  }));
const believed = ({ evidence }: Outcome, { points }: Operation): Outcome => ({
  type: 'done',
  points,
  remoteId: 'x',
  replayed: false,
  evidence,
});
const refused = ({ evidence }: Outcome): Outcome => ({ type: 'rejected', reason: 'other', evidence });
const isUnknown = (outcome: Outcome, ...causes: readonly string[]): boolean =>
  outcome.type === 'unknown' && causes.includes(outcome.cause);
let made = 0;

const BROKEN: readonly (readonly [string, string, Openers, readonly string[]])[] = [
  [
    'treats server errors as refusals',
    JSON_CHANNEL,
    misreading((outcome) => (isUnknown(outcome, 'server_error') ? refused(outcome) : outcome)),
    ['C11'],
  ],
  [
    'treats time-outs as refusals',
    JSON_CHANNEL,
    misreading((outcome) => (isUnknown(outcome, 'timeout') ? refused(outcome) : outcome)),
    ['C10', 'C52'],
  ],
  [
    'sends a deduction again that the channel does not tell from the first',
    KEYLESS,
    broken(({ deduct }) => ({
      deduct: async (operation, context) => {
        const outcome = await deduct(operation, context);
        return isUnknown(outcome, 'connection_lost') ? deduct(operation, context) : outcome;
      },
    })),
    ['C9'],
  ],
  [
    'ignores the points of the answer',
    JSON_CHANNEL,
    misreading((outcome, operation) => (outcome.type === 'done' ? believed(outcome, operation) : outcome)),
    ['C5'],
  ],
  [
    'makes a new key for every request',
    JSON_CHANNEL,
    broken(({ deduct }) => ({
      deduct: (operation, context) => {
        made += 1;
        return deduct({ ...operation, key: `N${made}` }, context);
      },
    })),
    ['C1', 'C2', 'C3'],
  ],
  [
    'believes every 200',
    JSON_CHANNEL,
    misreading((outcome, operation) =>
      outcome.evidence.httpStatus === 200 ? believed(outcome, operation) : outcome,
    ),
    ['C5', 'C13', 'C14', 'C15'],
  ],
  [
    'takes whatever it does not know for a refusal',
    JSON_CHANNEL,
    misreading((outcome) =>
      isUnknown(outcome, 'unmapped_answer', 'unreadable_answer') ? refused(outcome) : outcome,
    ),
    ['C13', 'C14', 'C15'],
  ],
  [
    'takes "too many requests" for a refusal',
    JSON_CHANNEL,
    misreading((outcome) => (outcome.type === 'not_sent' ? refused(outcome) : outcome)),
    ['C8', 'C12'],
  ],
  [
    'shows the member in evidence',
    JSON_CHANNEL,
    misreading((outcome, { memberRef }) => ({
      ...outcome,
      evidence: { ...outcome.evidence, detail: `"${memberRef}"` },
    })),
    ['C51'],
  ],
  [
    'calls nothing found what it did not look for',
    JSON_CHANNEL,
    broken(() => ({ query: () => Promise.resolve({ type: 'not_found', evidence: {} }) })),
    ['C23'],
  ],
  [
    'looks at the first page only',
    JSON_CHANNEL,
    broken(({ scan }) => ({
      scan: async (sought, context) =>
        scan({ ...sought, from: new Date(Date.now() + 400_000) }, context).then((outcome) =>
          outcome.type === 'found' ? outcome : { type: 'not_found', evidence: {} },
        ),
    })),
    ['C26'],
  ],
  [
    'checks signatures over JSON that it wrote anew',
    JSON_CHANNEL,
    readingCallbacks(({ read }) => (request) => {
      const octets = Buffer.from(JSON.stringify(JSON.parse(Buffer.from(request.octets).toString())));
      return read({ ...request, octets });
    }),
    ['C39', 'C44', 'C46'],
  ],
  [
    'believes callbacks without looking at their signature',
    JSON_CHANNEL,
    readingCallbacks(({ read }) => (request) => {
      const said = read(request);
      if (said.type === 'event') return said;
      const about = { kind: 'key', reference: 'k1' } as const;
      const hint = { type: 'hint', evidence: {} } as const;
      return { type: 'event', eventId: 'e1', digest: '', about, said: hint, isSigned: true };
    }),
    ['C39', 'C46'],
  ],
  [
    'deducts at once what it was to hold',
    HOLDING,
    broken(({ deduct }) => ({ hold: deduct })),
    ['C34', 'C35'],
  ],
  [
    'takes a refused confirmation for done',
    HOLDING,
    broken(({ confirm }) => ({
      confirm: async (operation, within) => believed(await confirm(operation, within), operation),
    })),
    ['C35'],
  ],
  [
    'asks for a hold when it is asked for its confirmation',
    HOLDING,
    broken(({ findHold }) => ({
      findHold: (asked, within) => findHold({ ...asked, about: 'hold', key: asked.originalKey }, within),
    })),
    ['C34'],
  ],
];

function readingCallbacks(change: (reader: CallbackReader) => CallbackReader['read']): Openers {
  return {
    ...OWN_OPENERS,
    openCallbackReader: (description, env) => {
      const reader = OWN_OPENERS.openCallbackReader(description, env);
      if (reader === undefined) return undefined;
      const whole = { acknowledgement: reader.acknowledgement, read: reader.read.bind(reader) };
      return { ...whole, read: change(whole) };
    },
  };
}

describe('an adapter that', () => {
  test.each(BROKEN)('%s is not certified', async (_, text, openers, expected) => {
    const certification = await certified(text, openers);
    const failed = certification.findings.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);
    expect(failed).toEqual(expect.arrayContaining([...expected]));
    expect(isCertified(certification)).toBe(false);
    expect(writeTable(certification)).toMatch(new RegExp(`${expected[0]} +failed`));
    // The mistake is told where it is, and nowhere far from it.
    expect(failed.length).toBeLessThan(12);
  });
});

test('a description that the sandbox does not speak has no player', () => {
  const text = readFileSync(new URL('square-loyalty.yaml', FOLDER), 'utf8').replace('/adjust', '/other');
  expect(playerOf(readChannelDescription(text, 'x.yaml'))).toBeUndefined();
});
