/** Each cause of a case against real channels, a real broker and Postgres, and every way out of it by the API. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import { lateAnswer } from '../hub/testing/late-answer.ts';
import type { Twist } from './testing/twisting-line.ts';

let ops: ConsoleUnderTest;
afterEach(() => ops.close());

const deductions = [
  { channel: 'airmiles', points: '12.5' },
  { channel: 'bankplus', points: '3' },
];
const nothing = ['0', '0'];

function place(orderId = 'o-1'): Promise<void> {
  return ops.hub.place({ orderId, userId: 'ada', deductions });
}

const broken = { status: 503, body: () => ({ code: 'DOWN_4711' }) };
const lost: Twist = { on: /POST \/channels\/airmiles/, takesEffect: true, ...broken };
const down: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...broken };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...broken };

async function only(): Promise<string> {
  const [first, ...more] = await ops.opened(1);
  expect(more).toEqual([]);
  return first?.id ?? '';
}

describe.each(['in-process', 'rabbitmq'] as const)('used-up attempts on %s', (broker) => {
  test('open one case with its evidence and end the calls; a retry drives the order to its end', async () => {
    ops = await consoleUnderTest(broker);
    ops.twist(down, mute);
    await place();
    const id = await only();
    const opened = await ops.read(id);
    expect(opened).toMatchObject({
      cause: 'attempts_used_up',
      channel: 'airmiles',
      leg: 'points',
      points: '12.5',
      suggestion: 'query',
      fingerprint: 'v1 airmiles points.deduct attempts_used_up unknown server_error HTTP 503 DOWN_#',
      evidence: { answer: { httpStatus: 503 }, points: { state: 'in_doubt' } },
      orderId: 'o-1',
    });
    expect(opened.attempts.length).toBe(2);
    expect(JSON.stringify(opened)).not.toContain('"ada"');
    ops.twist();
    expect((await ops.act(id, 'retry', { reason: 'the channel is back' })).status).toBe(200);
    expect(await ops.hub.ended('o-1')).toBe('settled');
    const closed = await ops.until(id, 'recovered');
    expect(closed.operations).toMatchObject([{ kind: 'retry', operator: 'ada', outcome: 'recovered' }]);
    expect(ops.inEffect('airmiles')).toEqual(['12.5', '12.5']);
    expect(ops.inEffect('bankplus')).toEqual(['3', '3']);
  });
});

describe('a leg in doubt', () => {
  test('is settled by a look-up that finds the proof, and the order goes on by itself', async () => {
    ops = await consoleUnderTest();
    ops.twist(lost, mute);
    await place();
    const id = await only();
    const first = await ops.act(id, 'query');
    expect(first).toMatchObject({ status: 200, body: { state: 'open', outcome: 'unknown: server_error' } });
    ops.twist(lost);
    expect((await ops.act(id, 'query')).body).toMatchObject({
      outcome: 'found_done',
      state: 'recovered',
    });
    expect(await ops.hub.ended('o-1')).toBe('settled');
    expect(ops.inEffect('airmiles')).toEqual(['12.5', '12.5']);
  });

  test('is settled by what two people state, with evidence, where no answer of the channel bears one out', async () => {
    ops = await consoleUnderTest();
    ops.twist(lost, mute);
    await place();
    const id = await only();
    const truth = { tookEffect: true, points: '12.5' };
    const stated = { reason: 'statement of today', evidence: 'line 7 of the statement', truth };
    const alone = await ops.act(id, 'resolve', stated);
    expect(alone).toMatchObject({ status: 422, body: { code: 'HUB_SECOND_PERSON_NEEDED' } });
    await ops.act(id, 'query');
    expect(await ops.act(id, 'resolve', stated)).toMatchObject({ status: 422 });
    expect(await ops.compensate(id, { kind: 'mark_done' })).toMatchObject({
      status: 200,
      body: { state: 'approved', decidedBy: 'bo' },
    });
    expect(await ops.hub.ended('o-1')).toBe('settled');
    expect((await ops.read(id)).operations).toMatchObject([
      { kind: 'query' },
      {
        kind: 'resolve',
        operator: 'ada',
        reason: 'statement of today',
        details: { evidence: 'line 7 of the statement', approvedBy: 'bo' },
      },
    ]);
    expect(ops.inEffect('airmiles')).toEqual(['12.5', '12.5']);
    const again = await ops.act(id, 'resolve', stated);
    expect(again).toMatchObject({ status: 409, body: { code: 'HUB_CASE_CLOSED' } });
  });

  test('that two people know had no effect is tried again', async () => {
    ops = await consoleUnderTest();
    ops.twist(down, mute);
    await place();
    const id = await only();
    ops.twist();
    await ops.compensate(id, { kind: 'mark_undone' });
    expect(await ops.hub.ended('o-1')).toBe('settled');
    expect(ops.inEffect('airmiles')).toEqual(['12.5', '12.5']);
  });
});

test('a retry that does not help is the same case, seen twice', async () => {
  ops = await consoleUnderTest();
  ops.twist(down, mute);
  await place();
  const id = await only();
  await ops.act(id, 'retry');
  const again = await eventually('the retry has ended', async () => {
    const now = await ops.read(id);
    return !now.isBusy && now.count === 2 && now;
  });
  expect(again.operations).toMatchObject([{ kind: 'retry', outcome: 'held again: attempts_used_up' }]);
  expect(again.state).toBe('open');
});

test('a refused set-up is one case for all who wait, and once it is mended they all settle', async () => {
  ops = await consoleUnderTest();
  const denied = { status: 401, body: () => ({ code: 'WHO_ARE_YOU' }) };
  ops.twist({ on: /\/channels\/airmiles/, takesEffect: false, ...denied });
  const ids = ['o-1', 'o-2', 'o-3'];
  for (const id of ids) await place(id);
  const id = await only();
  expect(await ops.read(id)).toMatchObject({
    cause: 'misconfigured',
    channel: 'airmiles',
    suggestion: 'fix_set_up',
    error: 'misconfigured misconfigured authentication HTTP 401 WHO_ARE_YOU',
  });
  await only();
  // It changes with each deduction that tries: the operator reads it again.
  const retried = await eventually('a retry is taken', async () => {
    const answer = await ops.act(id, 'retry');
    return answer.status === 200 && answer;
  });
  expect(retried.body['outcome']).toMatch(/^let \d deductions try at once$/);
  // The breaker is open meanwhile: the next probe finds the set-up mended.
  ops.twist();
  expect(await Promise.all(ids.map((orderId) => ops.hub.ended(orderId)))).toEqual(ids.map(() => 'settled'));
  await ops.until(id, 'recovered');
  expect(ops.inEffect('airmiles')).toEqual(['37.5', '37.5']);
}, 60_000);

describe('undoing', () => {
  const refusal = { status: 422, body: () => ({ code: 'ALREADY_RETURNED' }) };
  const noGivingBack: Twist = { on: /airmiles\/v1\/refunds/, takesEffect: false, ...refusal };
  const poor: Twist = {
    on: /POST \/channels\/bankplus\/v1\/deductions/,
    takesEffect: false,
    status: 422,
    body: () => ({ code: 'INSUFFICIENT_POINTS' }),
  };

  /** An order of which only airmiles took effect and of which bankplus refuses its part, late enough. */
  async function placeRefused(): Promise<string> {
    const slow: Twist = { ...down, on: /POST \/channels\/bankplus\/v1\/deductions/ };
    const unknown: Twist = { ...mute, on: /GET \/channels\/bankplus/ };
    ops.twist(slow, unknown, noGivingBack);
    await place();
    const waiting = await only();
    await eventually('airmiles is deducted', async () => ops.inEffect('airmiles')[1] === '12.5');
    ops.twist(poor, noGivingBack);
    await ops.act(waiting, 'retry');
    await ops.until(waiting, 'recovered');
    return only();
  }

  test('that the channel refuses is a case; a retry sends it once more and the order ends', async () => {
    ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000');
    const id = await placeRefused();
    expect(await ops.read(id)).toMatchObject({
      cause: 'give_back_refused',
      leg: 'points',
      suggestion: 'resolve',
    });
    ops.twist();
    await ops.act(id, 'retry');
    expect(await ops.hub.ended('o-1')).toBe('cancelled');
    await ops.until(id, 'recovered');
    expect([ops.inEffect('airmiles'), ops.inEffect('bankplus')]).toEqual([nothing, nothing]);
  });

  test('that a person did by hand ends with exactly what was taken', async () => {
    ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000');
    const id = await placeRefused();
    const state = (points: string) => ops.compensate(id, { kind: 'mark_undone', points });
    expect(await state('12.6')).toMatchObject({ status: 422, body: { code: 'HUB_COMPENSATION_EXCEEDS' } });
    expect((await state('12.50')).status).toBe(200);
    expect(await ops.hub.ended('o-1')).toBe('cancelled');
  });

  test('that gave back another amount is never tried again by a retry', async () => {
    ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000');
    const id = await placeRefused();
    const less: Twist = { on: /airmiles\/v1\/refunds/, takesEffect: true, status: 200, body: halved };
    ops.twist(less);
    await ops.act(id, 'retry');
    const held = await eventually('it waits again', async () => {
      const now = await ops.read(id);
      return now.cause === 'another_amount' && !now.isBusy && now;
    });
    expect(await ops.act(held.id, 'retry')).toMatchObject({ status: 422 });
  });
});

function halved(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...answer, points: '6.25' };
}

test('what a channel accepted and does not finish is a case, which its answer ends', async () => {
  ops = await consoleUnderTest();
  const body = ({ key, transactionId }: Readonly<Record<string, unknown>>) => ({
    key,
    transactionId,
    status: 'accepted',
    pollAfterMs: 300,
  });
  ops.twist(
    { on: /POST \/channels\/airmiles/, takesEffect: true, status: 202, body },
    { on: /GET \/channels\/airmiles/, takesEffect: true, status: 200, body },
  );
  await place();
  const id = await only();
  expect(await ops.read(id)).toMatchObject({ cause: 'pending_too_long', leg: 'points' });
  ops.twist();
  await ops.act(id, 'query');
  expect(await ops.hub.ended('o-1')).toBe('settled');
  await ops.until(id, 'recovered');
});

describe('two operators', () => {
  test.each([
    ['retry', 'retry', {}],
    ['claim', 'claim', {}],
    ['retry', 'ignore', { reason: 'r' }],
    ['ignore', 'retry', { reason: 'r' }],
  ] as const)('who %s and %s at once: one wins, the other gets 409', async (one, other, body) => {
    ops = await consoleUnderTest();
    ops.twist(down, mute);
    await place();
    const id = await only();
    const { version } = await ops.read(id);
    const of = (name: string) => (name === 'ignore' ? body : {});
    const answers = await Promise.all([
      ops.act(id, one, of(one), version),
      ops.act(id, other, of(other), version),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const recorded = (await ops.read(id)).operations;
    expect(recorded).toHaveLength(1);
  });
});

test('a look-up that died with its process keeps nobody out for longer than it could have lasted', async () => {
  ops = await consoleUnderTest();
  ops.twist(down, mute);
  await place();
  const id = await only();
  const { knex } = ops.hub.database;
  const operation = { case_id: id, kind: 'query', operator: 'bo' };
  await knex('hub.case_operations').insert({ ...operation, expires_at: knex.raw(`now() + interval '1 h'`) });
  expect(await ops.act(id, 'retry')).toMatchObject({ status: 409, body: { code: 'HUB_CASE_BUSY' } });
  await knex('hub.case_operations').update({ expires_at: knex.fn.now() });
  ops.twist();
  expect((await ops.act(id, 'retry')).status).toBe(200);
  expect(await ops.hub.ended('o-1')).toBe('settled');
  const { operations } = await ops.until(id, 'recovered');
  expect(operations.map(({ outcome }) => outcome)).toEqual(['abandoned', 'recovered']);
});

test('an ignored case is off the list and holds its deduction; restored, it can be retried', async () => {
  ops = await consoleUnderTest();
  ops.twist(down, mute);
  await place();
  const id = await only();
  expect(await ops.act(id, 'ignore', {})).toMatchObject({
    status: 422,
    body: { code: 'HUB_REQUEST_INVALID' },
  });
  expect((await ops.act(id, 'ignore', { reason: 'known' })).body['state']).toBe('ignored');
  expect((await ops.ask('GET', '/cases')).body).toEqual({ cases: [] });
  expect((await ops.act(id, 'ignore', { reason: 'known' })).body['code']).toBe('HUB_CASE_CLOSED');
  expect((await ops.act(id, 'restore')).body['state']).toBe('open');
  const bo = await ops.person('bo', ['operator']);
  await bo.ask('POST', `/cases/${id}/notes`, { text: 'back on' });
  await ops.act(id, 'claim');
  ops.twist();
  await ops.act(id, 'retry');
  expect(await ops.hub.ended('o-1')).toBe('settled');
  const { operations } = await ops.until(id, 'recovered');
  expect(operations.map(({ kind, operator }) => [kind, operator])).toEqual([
    ['ignore', 'ada'],
    ['restore', 'ada'],
    ['note', 'bo'],
    ['claim', 'ada'],
    ['retry', 'ada'],
  ]);
});

test('late truth opens a case, and the points that the channel confirms go back', async () => {
  ops = await consoleUnderTest();
  ops.twist(down, mute);
  await place();
  const id = await only();
  await ops.hub.database.knex.raw(`update hub.orders set deadline_at = now()`);
  await eventually('the order turns', async () => {
    const row: unknown = await ops.hub.database.knex('hub.orders').where({ status: 'compensating' }).first();
    return row !== undefined;
  });
  await ops.compensate(id, { kind: 'mark_undone' });
  expect(await ops.hub.ended('o-1')).toBe('cancelled');
  ops.twist();
  // The first request arrives after all: an answer under its old token.
  await lateAnswer(ops.hub, 'airmiles');
  const late = await only();
  expect(await ops.read(late)).toMatchObject({
    cause: 'late_truth',
    points: '12.5',
    orderStatus: 'cancelled',
  });
  expect(ops.inEffect('airmiles')[0]).toBe('12.5');
  const truth = { tookEffect: true, points: '12.5' };
  const statement = { reason: 'r', evidence: 'e', truth };
  expect(await ops.act(late, 'resolve', statement)).toMatchObject({ status: 422 });
  // The channel's own answer is evidence enough for one person.
  await ops.act(late, 'query');
  const stated = await ops.act(late, 'resolve', statement);
  expect(stated).toMatchObject({ status: 200, body: { state: 'resolved' } });
  expect((await ops.audit()).at(-1)).toMatchObject({ action: 'case.resolve', outcome: 'done', reason: 'r' });
  await eventually('the points are back', async () => ops.inEffect('airmiles')[0] === '0');
});
