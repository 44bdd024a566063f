/**
 * Two people at one case, one after the other in a queue for the lock of its order: whoever stands first has his way, the
 * other is told that it has changed. Each race is run in both orders, and neither depends on who is faster.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import {
  consoleUnderTest,
  type Answer,
  type Case,
  type ConsoleUnderTest,
} from './testing/console-under-test.ts';
import type { Person } from './testing/person.ts';

type Ask = () => Promise<Answer>;

const never = { on: /POST \/channels\/airmiles/, takesEffect: false, status: 200, body: () => ({}) };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, status: 200, body: () => ({}) };

let ops: ConsoleUnderTest;
let bo: Person;
let cy: Person;
let di: Person;
let orders = 0;

beforeAll(async () => {
  ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000');
  bo = await ops.person('bo', ['operator']);
  cy = await ops.person('cy', ['approver']);
  di = await ops.person('di', ['approver']);
}, 60_000);
afterAll(() => ops.close());

async function place(): Promise<string> {
  orders += 1;
  const deductions = [{ channel: 'airmiles', points: '10' }];
  await ops.hub.place({ orderId: `o-${orders}`, userId: 'eve', deductions });
  return `o-${orders}`;
}

async function openCase(): Promise<Case & { readonly orderId: string }> {
  ops.twist(never, mute);
  const orderId = await place();
  return eventually(`order ${orderId} has a case`, async () => {
    const { cases } = (await ops.ask('GET', `/cases?orderId=${orderId}`)).body as {
      cases: readonly (Case & { orderId: string })[];
    };
    const [only] = cases;
    return only?.isBusy === false && only;
  });
}

/** So many sessions of this database wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await ops.hub.database.knex.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

/** Lets them queue up for the order's lock, in this order, and then go. */
async function queued(orderId: string, asks: readonly Ask[]): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = [];
  await ops.hub.database.knex.transaction(async (transaction) => {
    await transaction.raw('select from hub.orders where order_id = ? for update', [orderId]);
    for (const ask of asks) {
      const before = await waiting();
      answers.push(ask());
      await eventually('it waits for the lock', async () => (await waiting()) > before);
    }
  });
  return Promise.all(answers);
}

const act = (person: Pick<Person, 'ask'>, { id, version }: Case, name: string, body: object = {}): Ask => {
  return () => person.ask('POST', `/cases/${id}/${name}`, body, { 'if-match': `"${version}"` });
};

const acts = {
  claim: {},
  ignore: { reason: 'known' },
  retry: { reason: 'it is back' },
  compensations: { kind: 'mark_undone', reasonCode: 'X1', reason: 'r', evidence: 'e' },
} as const;

describe('two operators at one case', () => {
  test.each([
    ['claim', 'claim'],
    ['claim', 'ignore'],
    ['ignore', 'claim'],
    ['retry', 'ignore'],
    ['ignore', 'retry'],
    ['retry', 'retry'],
    ['retry', 'compensations'],
    ['compensations', 'retry'],
    ['compensations', 'compensations'],
    ['ignore', 'compensations'],
    ['compensations', 'ignore'],
  ] as const)('who %s and %s: the first has his way, the second gets 409', async (first, second) => {
    const subject = await openCase();
    const asks = [act(ops.ada, subject, first, acts[first]), act(bo, subject, second, acts[second])];
    const [one, other] = await queued(subject.orderId, asks);
    expect(one?.status).toBe(200);
    expect(other?.status).toBe(409);
    const name = second === 'compensations' ? 'compensation.request' : `case.${second}`;
    const rows = (await ops.audit()).filter(({ actor, action }) => actor === 'bo' && action === name);
    expect(rows.at(-1)).toMatchObject({ outcome: 'refused', subject: `case:${subject.id}` });
    const operations = (await ops.read(subject.id)).operations.map(({ operator }) => operator);
    expect(operations).toEqual(first === 'compensations' ? [] : ['ada']);
  });

  test('one of whom clicks five times acts once', async () => {
    const subject = await openCase();
    const click = act(ops.ada, subject, 'ignore', acts.ignore);
    const answers = await Promise.all(Array.from({ length: 5 }, click));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409]);
    expect((await ops.read(subject.id)).operations).toHaveLength(1);
  });
});

describe('a batch and a single retry of one case', () => {
  async function previewed({ id }: Case): Promise<string> {
    const { body } = await ops.ask('POST', '/replays', { caseIds: [id], canary: 0, ratePerSecond: 500 });
    expect(body).toMatchObject({ eligible: 1 });
    return String(body['id']);
  }
  const start = (replayId: string): Promise<Answer> =>
    ops.ask('POST', `/replays/${replayId}/start`, { expectCount: 1, reason: 'r' });
  const ended = (replayId: string): Promise<Readonly<Record<string, unknown>>> =>
    eventually(`replay ${replayId} has ended`, async () => {
      const { body } = await ops.ask('GET', `/replays/${replayId}`);
      return body['state'] === 'done' && body;
    });

  test('where the single one is first, the batch skips it', async () => {
    const subject = await openCase();
    const replayId = await previewed(subject);
    const [single] = await queued(subject.orderId, [
      act(bo, subject, 'retry', acts.retry),
      // The driver of the replay queues up behind it.
      () => start(replayId),
    ]);
    expect(single?.status).toBe(200);
    expect(await ended(replayId)).toMatchObject({ skipped: 1, begun: 0 });
    expect((await ops.read(subject.id)).operations).toHaveLength(1);
  });

  test('where the batch is first, the single one gets 409', async () => {
    const subject = await openCase();
    const replayId = await previewed(subject);
    const [, single] = await queued(subject.orderId, [
      () => start(replayId),
      act(bo, subject, 'retry', acts.retry),
    ]);
    expect(single?.status).toBe(409);
    expect(await ended(replayId)).toMatchObject({ skipped: 0, begun: 1 });
    expect((await ops.read(subject.id)).operations).toHaveLength(1);
  });
});

describe('a request for points back', () => {
  /** @returns its id and what an approval of it names */
  async function requested(): Promise<{ id: string; digest: string; orderId: string }> {
    ops.twist();
    const orderId = await place();
    expect(await ops.hub.ended(orderId)).toBe('settled');
    const of = { mallId: 'shop', orderId, channel: 'airmiles', kind: 'refund_points', points: '4' };
    const why = { reasonCode: 'GOODWILL', reason: 'r', evidence: 'e' };
    const { body } = await ops.ask(
      'POST',
      '/compensations',
      { ...of, ...why },
      { 'idempotency-key': `"${orderId}"` },
    );
    return { id: String(body['id']), digest: String(body['digest']), orderId };
  }

  async function refunds(orderId: string): Promise<number> {
    const [row] = await ops.hub.database
      .knex('hub.refunds')
      .join('hub.orders', 'orders.id', 'refunds.order_id')
      .where('orders.order_id', orderId)
      .count();
    return Number(row?.['count']);
  }

  const decisions = {
    'cy approves': ({ id, digest }: { id: string; digest: string }) =>
      cy.ask('POST', `/compensations/${id}/approve`, { digest }),
    'di approves': ({ id, digest }: { id: string; digest: string }) =>
      di.ask('POST', `/compensations/${id}/approve`, { digest }),
    'di rejects': ({ id }: { id: string }) => di.ask('POST', `/compensations/${id}/reject`, { reason: 'no' }),
    'its maker withdraws': ({ id }: { id: string }) => ops.ask('POST', `/compensations/${id}/withdraw`),
  } as const;

  test.each([
    ['cy approves', 'di approves', 'approved'],
    ['di approves', 'cy approves', 'approved'],
    ['cy approves', 'di rejects', 'approved'],
    ['di rejects', 'cy approves', 'rejected'],
    ['cy approves', 'its maker withdraws', 'approved'],
    ['its maker withdraws', 'cy approves', 'withdrawn'],
  ] as const)('that %s and %s is %s, once', async (first, second, state) => {
    const request = await requested();
    const asks = [first, second].map((name) => () => decisions[name](request));
    const [one, other] = await queued(request.orderId, asks);
    expect(one).toMatchObject({ status: 200, body: { state } });
    expect(other).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_DECIDED' } });
    expect(await refunds(request.orderId)).toBe(state === 'approved' ? 1 : 0);
  });

  test('is not approved by its maker over the raw API, also once he is an approver', async () => {
    const { id, digest } = await requested();
    const root = await ops.person('root', ['admin']);
    const roles = ['operator', 'approver'];
    expect((await root.ask('POST', `/operators/${ops.ada.operatorId}/roles`, { roles })).status).toBe(200);
    const own = await ops.ask('POST', `/compensations/${id}/approve`, { digest });
    expect(own).toMatchObject({ status: 403, body: { code: 'HUB_COMPENSATION_OWN' } });
    expect((await ops.audit()).at(-1)).toMatchObject({
      actor: 'ada',
      action: 'compensation.approve',
      outcome: 'refused',
      code: 'HUB_COMPENSATION_OWN',
    });
    expect((await ops.ask('GET', `/compensations/${id}`)).body).toMatchObject({ state: 'requested' });
  });
});
