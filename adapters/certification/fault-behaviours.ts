/** What goes wrong on the way: C8 to C17, C19, C51, C52. */
import { Decimal } from 'decimal.js';

import { hold, say, type Behaviour } from './behaviour.ts';
import { context, IMPATIENT_MS, type Bench } from './bench.ts';
import type { Change, Fault, ProxyAnswer } from './fault-proxy.ts';

const HTML = '<html><body>Bad gateway</body></html>';
const json = (status: number, body: unknown, headers = {}): ProxyAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const page = (status: number): ProxyAnswer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: HTML,
});

/** One deduction under a fault, which must reach the channel once at most. */
async function under(bench: Bench, fault: Fault, deadlineMs?: number) {
  const key = bench.newKey();
  const before = bench.proxy.requestsCount;
  bench.proxy.arm(fault, 100);
  const outcome = await bench.deduct(key, bench.points, deadlineMs);
  bench.proxy.disarm();
  const requests = bench.proxy.requestsCount - before;
  return { key, outcome, requests };
}

async function holdUnknown(bench: Bench, fault: Fault, what: string, deadlineMs?: number): Promise<void> {
  const { outcome, requests } = await under(bench, fault, deadlineMs);
  hold(outcome.type === 'unknown', () => `${what} is ${say({ ...outcome })}`);
  hold(requests === 1, () => `after ${what} it was sent ${requests} times`);
}

const STATUSES_5XX = [500, 502, 503, 504, 520] as const;

export const FAULT_BEHAVIOURS: readonly Behaviour[] = [
  {
    id: 'C8',
    rule: 'a connection that cannot be made is not sent',
    attempt: async (bench) => {
      await bench.proxy.close();
      const outcome = await bench.deduct(bench.newKey());
      hold(outcome.type === 'not_sent', () => `it is ${say({ ...outcome })}`);
    },
  },
  {
    id: 'C9',
    rule: 'a connection that is reset after the request proves nothing, and nothing is sent again',
    attempt: async (bench) => {
      await holdUnknown(bench, { kind: 'reset_before_effect' }, 'a reset before the effect');
      await holdUnknown(bench, { kind: 'reset_after_effect' }, 'a reset after the effect');
      const moved = await bench.played.moved();
      hold(
        moved.eq(bench.points),
        () => `${moved.toFixed()} points moved instead of ${bench.points.toFixed()}`,
      );
    },
  },
  {
    id: 'C10',
    rule: 'an answer that does not come in time proves nothing, and nothing is sent again',
    attempt: async (bench) => {
      await holdUnknown(bench, { kind: 'silence_before_effect' }, 'silence before the effect', IMPATIENT_MS);
      await holdUnknown(bench, { kind: 'silence_after_effect' }, 'silence after the effect', IMPATIENT_MS);
    },
  },
  {
    id: 'C11',
    rule: 'a server error proves nothing, before the effect and after it',
    attempt: async (bench) => {
      for (const status of STATUSES_5XX) {
        await holdUnknown(bench, { kind: 'instead', answer: page(status) }, `${status} before the effect`);
        await holdUnknown(
          bench,
          { kind: 'changed', change: () => page(status) },
          `${status} after the effect`,
        );
      }
    },
  },
  {
    id: 'C12',
    rule: '429 is not sent or proves nothing, with Retry-After in seconds, as a date, or without',
    attempt: async (bench) => {
      const date = new Date(Date.now() + 30_000).toUTCString();
      for (const [headers, least] of [
        [{}, 0],
        [{ 'retry-after': '3' }, 2_000],
        [{ 'retry-after': date }, 20_000],
      ] as const) {
        const answer = json(429, {}, headers);
        const { outcome } = await under(bench, { kind: 'instead', answer });
        hold(outcome.type === 'not_sent' || outcome.type === 'unknown', () => `it is ${say({ ...outcome })}`);
        const waits = outcome.type === 'not_sent' ? (outcome.retryAfterMs ?? 0) : least;
        hold(waits >= least, () => `Retry-After ${JSON.stringify(headers)} is not heeded`);
      }
    },
  },
  {
    id: 'C13',
    rule: 'a 200 with an error in its body is no success',
    attempt: async (bench) => {
      for (const body of [
        { error: 'system error' },
        { errors: [{ code: 'X' }] },
        { success: false, code: 'SYSTEM' },
      ]) {
        await holdUnknown(bench, { kind: 'instead', answer: json(200, body) }, JSON.stringify(body));
      }
    },
  },
  {
    id: 'C14',
    rule: 'a success that is empty, HTML or cut off proves nothing',
    attempt: async (bench) => {
      const changes: readonly [string, (answer: ProxyAnswer) => ProxyAnswer][] = [
        ['an empty body', (answer) => ({ ...answer, body: '' })],
        ['a page of HTML', (answer) => ({ ...answer, body: HTML })],
        ['a body that is cut off', (answer) => ({ ...answer, body: answer.body.slice(0, -4) })],
      ];
      for (const [what, change] of changes) {
        await holdUnknown(
          bench,
          { kind: 'changed', change: (answer) => change({ ...answer, status: 200 }) },
          what,
        );
      }
    },
  },
  {
    id: 'C15',
    rule: 'an answer that nobody described proves nothing',
    attempt: async (bench) => {
      for (const answer of [
        json(418, { code: 'TEAPOT' }),
        json(200, {}),
        json(200, []),
        json(400, { code: 'ODD' }),
        json(404, {}),
        json(409, {}),
        page(404),
        json(302, {}, { location: '/' }),
      ]) {
        await holdUnknown(bench, { kind: 'instead', answer }, `${answer.status} ${answer.body}`);
      }
    },
  },
  {
    id: 'C16',
    rule: '401 and 403 are a misconfiguration or prove nothing, and are not tried on and on',
    attempt: async (bench) => {
      const { sign } = bench.description.adapter === 'declarative' ? bench.description : { sign: undefined };
      const most = sign?.method === 'oauth2-client-credentials' ? 2 : 1;
      for (const status of [401, 403]) {
        const { outcome, requests } = await under(bench, { kind: 'instead', answer: json(status, {}) });
        hold(
          ['misconfigured', 'unknown'].includes(outcome.type),
          () => `${status} is ${say({ ...outcome })}`,
        );
        hold(requests <= most, () => `after ${status} it was sent ${requests} times`);
      }
    },
  },
  {
    id: 'C17',
    rule: 'an answer with a wrong signature proves nothing',
    notFor: ({ description }) => {
      const sign = description.adapter === 'declarative' ? description.sign : undefined;
      const isSigned =
        (sign !== undefined && 'answerHeader' in sign && sign.answerHeader !== undefined) ||
        (sign !== undefined && 'answersSigned' in sign && sign.answersSigned);
      return isSigned ? undefined : 'the channel does not sign its answers';
    },
    attempt: async (bench) => {
      const change = (answer: ProxyAnswer): ProxyAnswer => ({ ...answer, body: `${answer.body} ` });
      await holdUnknown(bench, { kind: 'changed', change }, 'an answer that was altered');
    },
  },
  {
    id: 'C19',
    rule: 'that a key was used before is no refusal and no success',
    notFor: ({ shape }) =>
      shape.duplicate === undefined
        ? 'the channel answers a used key with what it did, or knows no keys; C1 and C3 meet that'
        : undefined,
    attempt: async (bench) => {
      const { duplicate } = bench.played.shape;
      const answer = json(duplicate?.status ?? 409, duplicate?.body);
      const { outcome } = await under(bench, { kind: 'instead', answer });
      hold(
        outcome.type === 'unknown' || outcome.type === 'misconfigured',
        () => `it is ${say({ ...outcome })}`,
      );
    },
  },
  {
    id: 'C51',
    rule: 'no secret and no member stands in evidence',
    attempt: async (bench, env) => {
      const { key } = await under(bench, { kind: 'reset_after_effect' });
      await bench.deduct(bench.newKey());
      await bench.deduct(bench.newKey(), bench.played.opening.plus(1));
      const { member } = bench.played.shape;
      const echo: Change = (answer, asked) => ({ ...answer, body: JSON.stringify({ member, asked }) });
      await under(bench, { kind: 'changed', change: echo });
      if (bench.description.capabilities.query === 'by-key') await bench.lookUp(key);
      const shown = JSON.stringify(bench.evidence);
      const secrets = Object.entries(env).filter(([name]) => !name.endsWith('URL'));
      for (const [name, value] of secrets) hold(!shown.includes(value), () => `evidence shows ${name}`);
      hold(
        !shown.includes(`"${member}"`) && !shown.includes(`\\"${member}\\"`),
        () => 'evidence shows the member',
      );
    },
  },
  {
    id: 'C52',
    rule: 'the deadline holds to the last byte, and an abort ends a call',
    attempt: async (bench) => {
      const begun = performance.now();
      await holdUnknown(bench, { kind: 'dripping' }, 'an answer byte by byte', IMPATIENT_MS);
      bench.proxy.arm({ kind: 'silence_before_effect' });
      const member = bench.played.shape.member;
      const operation = { key: bench.newKey(), orderId: 'o', memberRef: member, points: new Decimal(1) };
      const outcome = await bench.channel.deduct(
        operation,
        context(30_000, AbortSignal.timeout(IMPATIENT_MS)),
      );
      hold(outcome.type === 'unknown' || outcome.type === 'not_sent', () => `it is ${say({ ...outcome })}`);
      hold(performance.now() - begun < 10_000, () => 'the calls took longer than they were given');
    },
  },
];
