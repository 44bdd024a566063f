import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter, HoldInquiry, Outcome, QueryOutcome } from '../contract.ts';
import { openChannel } from '../open-remote.ts';
import { createSandbox, type Sandbox } from '../sandbox/index.ts';
import { AMPLE_CONTEXT } from './call-contexts.ts';

const points = new Decimal('12.34');
const member = 'ann';
const hold = { key: 'h1', orderId: 'o1', memberRef: member, points };
const following = (key: string, originalKey = 'h1') => ({
  ...hold,
  key,
  originalKey,
  originalRemoteId: undefined,
});

/**
 * What every description of the JSON contract keeps of holds, over real sockets against the sandbox.
 *
 * @param withHold the file of the channel `airmiles`, by the variables SANDBOX_URL and AIRMILES_TOKEN
 */
export function describeHolds(name: string, withHold: (expiresAfterMs: number) => string): void {
  describe(`${name} that holds`, () => {
    let sandbox: Sandbox;
    let channel: ChannelAdapter;

    async function close(): Promise<void> {
      await channel.close();
      await sandbox.close();
    }
    async function open(expiresAfterMs: number, natures?: unknown): Promise<void> {
      const start = { channels: ['airmiles'], bearerToken: 't0ken', openingBalance: '100' };
      sandbox = await createSandbox(natures === undefined ? start : { ...start, natures });
      const env = { SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 't0ken' };
      channel = openChannel(readChannelDescription(withHold(expiresAfterMs), 'airmiles.yaml'), env);
    }
    beforeEach(() => open(3_600_000));
    afterEach(close);

    const makeHold = (key = 'h1', asked = points): Promise<Outcome> =>
      channel.hold({ ...hold, key, points: asked }, AMPLE_CONTEXT);
    const confirm = (key: string, of?: string): Promise<Outcome> =>
      channel.confirm(following(key, of), AMPLE_CONTEXT);
    const release = (key: string, of?: string): Promise<Outcome> =>
      channel.release(following(key, of), AMPLE_CONTEXT);
    function find(about: HoldInquiry['about'], key: string): Promise<QueryOutcome> {
      const inquiry = { about, key, originalKey: 'h1', originalRemoteId: undefined };
      return channel.findHold({ ...inquiry, orderId: 'o1', memberRef: member }, AMPLE_CONTEXT);
    }
    async function available(): Promise<string> {
      const balance = await channel.balance(member, AMPLE_CONTEXT);
      return balance.type === 'balance' ? balance.points.toFixed() : balance.type;
    }
    const net = (): string | undefined => sandbox.books().channels['airmiles']?.net;

    test('what is held can be spent by nobody else, and is taken by its confirmation alone', async () => {
      expect(await makeHold()).toMatchObject({ type: 'done', points, replayed: false });
      expect(await makeHold()).toMatchObject({ type: 'done', points, replayed: true });
      expect([await available(), net()]).toEqual(['87.66', '0']);
      expect(await makeHold('h2', new Decimal(88))).toMatchObject({ reason: 'insufficient_points' });
      expect(await find('confirmation', 'c1')).toMatchObject({ type: 'not_found' });

      expect(await confirm('c1')).toMatchObject({ type: 'done', points });
      expect(await confirm('c1')).toMatchObject({ type: 'done', points, replayed: true });
      expect([await available(), net()]).toEqual(['87.66', '12.34']);
      expect(await find('hold', 'h1')).toMatchObject({ type: 'found', outcome: { type: 'done', points } });
      expect(await find('confirmation', 'c1')).toMatchObject({ outcome: { type: 'done', points } });
    });

    test('a hold ends once', async () => {
      await makeHold();
      await confirm('c1');
      expect(await release('r1')).toMatchObject({ type: 'rejected', reason: 'hold_confirmed' });
      expect(await confirm('c2')).toMatchObject({ type: 'rejected', reason: 'hold_confirmed' });
      await makeHold('h2');
      expect(await release('r2', 'h2')).toMatchObject({ type: 'done', points });
      expect(await confirm('c3', 'h2')).toMatchObject({ type: 'rejected', reason: 'hold_released' });
      expect(await find('release', 'r2')).toMatchObject({ outcome: { type: 'done', points } });
      expect([await available(), net()]).toEqual(['87.66', '12.34']);
    });

    test('what is confirmed is refunded by the key of its hold, and what is only held is not', async () => {
      await makeHold();
      expect(await channel.refund(following('r1'), AMPLE_CONTEXT)).toMatchObject({
        type: 'rejected',
        reason: 'original_not_found',
      });
      await confirm('c1');
      expect(await channel.refund(following('r2'), AMPLE_CONTEXT)).toMatchObject({ type: 'done', points });
      expect([await available(), net()]).toEqual(['100', '0']);
    });

    test('released before it comes, a hold is barred', async () => {
      expect(await confirm('c1')).toMatchObject({ type: 'rejected', reason: 'original_not_found' });
      expect(await release('r1')).toMatchObject({ type: 'done', points: new Decimal(0) });
      expect(await makeHold()).toMatchObject({ type: 'rejected', reason: 'key_voided' });
      expect([await available(), net()]).toEqual(['100', '0']);
    });

    test('a hold that is over is no longer held, and can be neither confirmed nor released', async () => {
      await close();
      await open(1);
      expect(await makeHold()).toMatchObject({ type: 'done', points });
      while ((await available()) !== '100');
      expect(await confirm('c1')).toMatchObject({ type: 'rejected', reason: 'hold_expired' });
      expect(await release('r1')).toMatchObject({ type: 'rejected', reason: 'hold_expired' });
      expect(await find('confirmation', 'c1')).toMatchObject({ outcome: { reason: 'hold_expired' } });
      expect(net()).toBe('0');
    });

    test('a channel that turns out not to hold is misconfigured', async () => {
      await close();
      await open(3_600_000, { airmiles: { holds: false } });
      expect(await makeHold()).toMatchObject({ type: 'misconfigured', code: 'not_supported' });
    });
  });
}
