import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { inWords, openRemotesUnderFaults, type RemotesUnderFaults } from '../testing/remotes-under-faults.ts';

let remotes: RemotesUnderFaults;
beforeEach(async () => {
  remotes = await openRemotesUnderFaults({
    seed: 5,
    faults: { channels: { '*': { faults: [{ kind: 'error-before-effect', on: ['deductions'], next: 1 }] } } },
  });
});
afterEach(() => remotes.close());

describe('faults', () => {
  test('given at the start are on from the start, and described', async () => {
    expect(remotes.sandbox.describeFaults()).toEqual([
      'airmiles: error-before-effect for the next 1 of deductions',
      'bankplus: error-before-effect for the next 1 of deductions',
    ]);
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown server_error');
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
  });

  test.each(['channels/airmiles', 'portal'])(
    'of %s are set, shown with what is left and was met, and ended',
    async (remote) => {
      const plan = { seed: 9, faults: [{ kind: 'rate-limited', on: ['deductions'], next: 3 }] };
      expect(await remotes.administer('PUT', `${remote}/faults`, plan)).toMatchObject({
        status: 200,
        body: { seed: 9 },
      });
      if (remote === 'portal') await remotes.takeQuota('q1');
      else await remotes.deduct('k1');
      expect(await remotes.administer('GET', `${remote}/faults`)).toMatchObject({
        status: 200,
        body: {
          seed: 9,
          plan: { faults: [{ kind: 'rate-limited', next: 3, left: 2 }] },
          met: { 'rate-limited': 1 },
        },
      });
      expect(await remotes.administer('DELETE', `${remote}/faults`)).toMatchObject({
        status: 200,
        body: { seed: 5, plan: null, met: { 'rate-limited': 1 } },
      });
      expect(inWords(await remotes.deduct('k2'))).not.toContain('rate_limited');
    },
  );

  test('that are wrong are refused with the field, and those before stay on', async () => {
    const wrong = { faults: [{ kind: 'rate-limited', on: ['deductions'], next: 0 }] };
    expect(await remotes.administer('PUT', 'channels/airmiles/faults', wrong)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', detail: expect.stringContaining('faults[0].next: ') },
    });
    expect(await remotes.administer('PUT', 'channels/airmiles/faults', 'all')).toMatchObject({ status: 400 });
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown server_error');
  });

  test.each([
    ['PUT', 'channels/nobody/faults'],
    ['POST', 'channels/airmiles/faults'],
    ['GET', 'portal/fault'],
    ['GET', 'portal/faults/x'],
    ['GET', 'channels/airmiles/members/ann'],
  ])('are not at %s %s', async (method, path) => {
    const body = method === 'GET' ? undefined : {};
    expect(await remotes.administer(method, path, body)).toMatchObject({ status: 404 });
  });
});

test.each([
  [{ seed: -1 }, 'seed must be a whole number below 2^32'],
  [{ seed: 0.5 }, 'seed must be a whole number below 2^32'],
  [{ faults: { channels: { nobody: {} } } }, 'channels.nobody: no channel of this sandbox'],
])('a sandbox does not start with %j', async (options, message) => {
  await expect(openRemotesUnderFaults(options)).rejects.toThrow(message);
});
