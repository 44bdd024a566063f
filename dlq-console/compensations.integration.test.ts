/** Manual compensation by the API: two people, one effect, never more than was taken, and what the channel says after. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type Answer, type ConsoleUnderTest } from './testing/console-under-test.ts';
import type { Twist } from './testing/twisting-line.ts';

let ops: ConsoleUnderTest;
afterEach(() => ops.close());

const broken = { status: 503, body: () => ({ code: 'DOWN' }) };
const lost: Twist = { on: /POST \/channels\/airmiles/, takesEffect: true, ...broken };
const down: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...broken };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...broken };

const why = { reasonCode: 'GOODWILL', reason: 'the flight was cancelled', evidence: 'TICKET-1' };
const refund = {
  kind: 'refund_points',
  mallId: 'shop',
  orderId: 'o-1',
  channel: 'airmiles',
  points: '2.5',
  ...why,
};

async function settledOrder(): Promise<void> {
  await ops.hub.place({ orderId: 'o-1', userId: 'eve', deductions: [{ channel: 'airmiles', points: '10' }] });
  expect(await ops.hub.ended('o-1')).toBe('settled');
}

let keys = 0;
function request(wish: object = refund, key = `"key-${(keys += 1)}"`, person = ops.ada): Promise<Answer> {
  return person.ask('POST', '/compensations', wish, { 'idempotency-key': key });
}

function decide(asked: Answer, name: string, body: object, approver: string): Promise<Answer> {
  const path = `/compensations/${String(asked.body['id'])}/${name}`;
  return ops.askAs(approver, ['approver'], 'POST', path, body);
}

const approve = (asked: Answer, operator = 'bo'): Promise<Answer> =>
  decide(asked, 'approve', { digest: asked.body['digest'] }, operator);

function verified(asked: Answer, verification: string): Promise<unknown> {
  return eventually(`it is ${verification}`, async () => {
    const { body } = await ops.ask('GET', `/compensations/${String(asked.body['id'])}`);
    return body['verification'] === verification && body;
  });
}

async function lines(): Promise<number> {
  return (await ops.hub.database.knex('hub.deductions').whereNotNull('refund_row_id')).length;
}

describe('a refund of a settled order', () => {
  test('takes effect once another person approved it; the channel confirms it', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const asked = await request();
    expect(asked).toMatchObject({
      status: 200,
      body: {
        state: 'requested',
        requestedBy: 'ada',
        effect: { points: '2.5', orderStatus: 'settled', legBefore: 'applied', does: 'gives back' },
      },
    });
    expect(await lines()).toBe(0);
    expect(await approve(asked)).toMatchObject({ status: 200, body: { state: 'approved', decidedBy: 'bo' } });
    await eventually('the points are back', async () => ops.inEffect('airmiles')[0] === '7.5');
    await verified(asked, 'confirmed');
    expect(ops.inEffect('airmiles')).toEqual(['7.5', '10']);
  });

  test('of quota leaves the points where they are', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const asked = await request({ ...refund, kind: 'return_quota' });
    await approve(asked);
    await eventually('the quota is back', async () => ops.inEffect('airmiles')[1] === '7.5');
    await verified(asked, 'confirmed');
    expect(ops.inEffect('airmiles')).toEqual(['10', '7.5']);
  });

  test('never gives back more than is left, however many ask', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const tooMuch = await request({ ...refund, points: '10.01' });
    expect(tooMuch).toMatchObject({ status: 422, body: { code: 'HUB_COMPENSATION_EXCEEDS' } });
    const first = await request({ ...refund, points: '6' });
    const meanwhile = await request({ ...refund, points: '1' });
    expect(meanwhile).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_OPEN' } });
    await approve(first);
    const rest = { body: { code: 'HUB_COMPENSATION_EXCEEDS' } };
    expect(await request({ ...refund, points: '4.01' })).toMatchObject(rest);
    const second = await request({ ...refund, points: '4' });
    await approve(second);
    expect(await request({ ...refund, points: '0.01' })).toMatchObject(rest);
    await eventually('all is back', async () => ops.inEffect('airmiles')[0] === '0');
  });

  test('is approved as it was read, or not at all', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const asked = await request({ ...refund, points: '6' });
    // Another refund of the same order comes in between and leaves less.
    const { knex } = ops.hub.database;
    await knex('hub.deductions').update({ points_moved: '5' });
    const stale = await approve(asked);
    expect(stale).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_CHANGED' } });
    const now = await ops.ask('GET', `/compensations/${String(asked.body['id'])}`);
    expect(now.body['effect']).toMatchObject({ does: 'is refused: only 5 are left' });
    expect(await approve(now)).toMatchObject({ status: 422, body: { code: 'HUB_COMPENSATION_EXCEEDS' } });
    expect(await lines()).toBe(0);
  });
});

describe('two people', () => {
  test('are needed: whoever asked neither approves nor rejects, under no name of his', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const both = await ops.person('flo', ['operator', 'approver']);
    const asked = await request(refund, '"of-flo"', both);
    const path = `/compensations/${String(asked.body['id'])}`;
    for (const name of ['approve', 'reject'] as const) {
      const body = name === 'approve' ? { digest: asked.body['digest'] } : { reason: 'no' };
      const own = await both.ask('POST', `${path}/${name}`, body);
      expect(own).toMatchObject({ status: 403, body: { code: 'HUB_COMPENSATION_OWN' } });
      // An operator may not approve at all.
      const denied = await ops.ask('POST', `${path}/${name}`, body);
      expect(denied).toMatchObject({ status: 403, body: { code: 'HUB_FORBIDDEN' } });
    }
    const taken = await ops.ask('POST', `${path}/withdraw`);
    expect(taken).toMatchObject({ status: 403, body: { code: 'HUB_COMPENSATION_OWN' } });
    expect(await lines()).toBe(0);
    const withdrawn = await both.ask('POST', `${path}/withdraw`);
    expect(withdrawn).toMatchObject({ body: { state: 'withdrawn' } });
    expect(await approve(asked)).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_DECIDED' } });
    expect(await ops.audit()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ actor: 'flo', action: 'compensation.request', outcome: 'begun' }),
        expect.objectContaining({
          actor: 'flo',
          action: 'compensation.approve',
          code: 'HUB_COMPENSATION_OWN',
        }),
        expect.objectContaining({ actor: 'flo', action: 'compensation.withdraw', outcome: 'done' }),
      ]),
    );
  });

  test('whose approver has to have proven lately that it is he', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const asked = await request();
    // The first decision makes the person; then his proof grows old.
    await decide(asked, 'approve', { digest: '0'.repeat(64) }, 'bo');
    await ops.hub.database.knex('hub.sessions').update({ proven_at: new Date(Date.now() - 3_600_000) });
    expect(await approve(asked)).toMatchObject({ status: 403, body: { code: 'HUB_PROOF_STALE' } });
    expect(await lines()).toBe(0);
  });

  test.each([
    ['approve', 'approve'],
    ['approve', 'reject'],
    ['reject', 'approve'],
  ] as const)('who %s and %s at once come to one decision and one effect', async (one, other) => {
    ops = await consoleUnderTest();
    await settledOrder();
    const asked = await request();
    const body = { approve: { digest: asked.body['digest'] }, reject: { reason: 'no' } };
    const answers = await Promise.all([
      decide(asked, one, body[one], 'bo'),
      decide(asked, other, body[other], 'cy'),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const isApproved = answers.some((answer) => answer.body['state'] === 'approved');
    expect(await lines()).toBe(isApproved ? 1 : 0);
  });

  test('are not needed below the threshold that was set for the channel', async () => {
    ops = await consoleUnderTest();
    await settledOrder();
    const path = '/channels/airmiles/compensation-threshold';
    expect(await ops.ask('POST', path, { pointsMax: '3' })).toMatchObject({ status: 403 });
    const set = (pointsMax: string | null) => ops.askAs('dan', ['admin'], 'POST', path, { pointsMax });
    expect((await set('3')).body).toMatchObject({
      thresholds: [{ channel: 'airmiles', pointsMax: '3', setBy: 'dan' }],
    });
    expect(await request({ ...refund, points: '3.01' })).toMatchObject({ body: { state: 'requested' } });
    await ops.hub.database.knex('hub.compensations').delete();
    const alone = await request({ ...refund, points: '3' });
    expect(alone).toMatchObject({ body: { state: 'approved', decidedBy: 'ada' } });
    await eventually('the points are back', async () => ops.inEffect('airmiles')[0] === '7');
    expect((await set(null)).body).toEqual({ thresholds: [] });
    expect(await request()).toMatchObject({ body: { state: 'requested' } });
  });
});

test('a request sent twice is one request; its key belongs to it alone', async () => {
  ops = await consoleUnderTest();
  await settledOrder();
  const both = await Promise.all([request(refund, '"same"'), request(refund, '"same"')]);
  expect(new Set(both.map(({ body }) => body['id'])).size).toBe(1);
  const other = await request({ ...refund, points: '1' }, '"same"');
  expect(other).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_CONFLICT' } });
  const listed = await ops.ask('GET', '/compensations?state=requested');
  expect(listed.body['compensations']).toHaveLength(1);
});

test('nobody decides on what is over, and a late look says so', async () => {
  ops = await consoleUnderTest();
  await settledOrder();
  const asked = await request();
  await ops.hub.database.knex('hub.compensations').update({ expires_at: new Date(0) });
  const late = await approve(asked);
  expect(late).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_EXPIRED' } });
  await eventually('it is expired', async () => {
    const { body } = await ops.ask('GET', `/compensations/${String(asked.body['id'])}`);
    return body['state'] === 'expired';
  });
  expect(await approve(asked)).toMatchObject({ status: 409, body: { code: 'HUB_COMPENSATION_EXPIRED' } });
  expect(await lines()).toBe(0);
});

describe('a mark', () => {
  async function doubtfulCase(...twists: Twist[]): Promise<string> {
    ops = await consoleUnderTest();
    ops.twist(...twists);
    await ops.hub.place({
      orderId: 'o-1',
      userId: 'eve',
      deductions: [{ channel: 'airmiles', points: '10' }],
    });
    const [opened] = await ops.opened(1);
    return opened?.id ?? '';
  }

  test('that the channel bears out later is confirmed', async () => {
    const id = await doubtfulCase(lost, mute);
    const approved = await ops.compensate(id, { kind: 'mark_done' });
    expect(approved).toMatchObject({ status: 200, body: { verification: 'waiting' } });
    expect(await ops.hub.ended('o-1')).toBe('settled');
    ops.twist();
    await verified(approved, 'confirmed');
    expect(ops.inEffect('airmiles')).toEqual(['10', '10']);
    const { timeline } = (await ops.ask('GET', `/cases/${id}/timeline`)).body as { timeline: object[] };
    expect(timeline).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'compensation', event: 'requested', by: 'ada' }),
        expect.objectContaining({ type: 'compensation', event: 'approved', by: 'bo' }),
      ]),
    );
  });

  test('that the channel contradicts becomes a case', async () => {
    const id = await doubtfulCase(down, mute);
    const approved = await ops.compensate(id, { kind: 'mark_done' });
    expect(await ops.hub.ended('o-1')).toBe('settled');
    ops.twist();
    await verified(approved, 'contradicted');
    const [opened] = await ops.opened(1);
    expect(opened).toMatchObject({ cause: 'late_truth', channel: 'airmiles', leg: 'points' });
  });

  test('of more than was asked for is refused', async () => {
    const id = await doubtfulCase(lost, mute);
    const more = await ops.compensate(id, { kind: 'mark_done', points: '10.01' });
    expect(more).toMatchObject({ status: 422, body: { code: 'HUB_COMPENSATION_EXCEEDS' } });
  });

  test('is not approved once the case has ended by itself', async () => {
    const id = await doubtfulCase(lost, mute);
    const asked = await ops.act(id, 'compensations', { kind: 'mark_undone', ...why });
    expect(asked.status).toBe(200);
    const again = await ops.act(id, 'compensations', { kind: 'mark_undone', ...why }, 1);
    expect(again).toMatchObject({ status: 409, body: { code: 'HUB_CASE_CHANGED' } });
    ops.twist();
    await ops.act(id, 'query');
    await ops.until(id, 'recovered');
    expect(await approve(asked)).toMatchObject({ status: 409, body: { code: 'HUB_CASE_CLOSED' } });
    expect(await ops.hub.ended('o-1')).toBe('settled');
  });
});

test('what cannot be read or found is refused, and nothing is stored', async () => {
  ops = await consoleUnderTest();
  await settledOrder();
  const refusals: readonly (readonly [Promise<Answer>, number, string])[] = [
    [request({ ...refund, reason: '' }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, evidence: 'x'.repeat(4_001) }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, reason: 'no\0thing' }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, reasonCode: 'because' }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, points: undefined }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, points: '-1' }), 422, 'HUB_POINTS_INVALID'],
    [request({ ...refund, kind: 'mark_done' }), 422, 'HUB_REQUEST_INVALID'],
    [request({ ...refund, orderId: 'o-2' }), 404, 'HUB_ORDER_UNKNOWN'],
    [request({ ...refund, mallId: 'another' }), 404, 'HUB_ORDER_UNKNOWN'],
    [request(refund, ''), 400, 'HUB_IDEMPOTENCY_KEY_INVALID'],
    [ops.ask('GET', '/compensations/17'), 404, 'HUB_COMPENSATION_UNKNOWN'],
    [ops.ask('GET', '/compensations/x'), 404, 'HUB_COMPENSATION_UNKNOWN'],
    [
      ops.askAs('bo', ['approver'], 'POST', '/compensations/17/approve', { digest: 'no' }),
      422,
      'HUB_REQUEST_INVALID',
    ],
    [
      ops.askAs('bo', ['approver'], 'POST', '/compensations/17/approve', { digest: '0'.repeat(64) }),
      404,
      'HUB_COMPENSATION_UNKNOWN',
    ],
    [
      ops.askAs('dan', ['admin'], 'POST', '/channels/none/compensation-threshold', { pointsMax: '1' }),
      422,
      'HUB_CHANNEL_UNKNOWN',
    ],
    [ops.ask('POST', '/cases/17/compensations', { kind: 'mark_done', ...why }), 428, 'HUB_VERSION_MISSING'],
  ];
  for (const [answer, status, code] of refusals)
    expect(await answer).toMatchObject({ status, body: { code } });
  expect(await ops.hub.database.knex('hub.compensations')).toEqual([]);
});
