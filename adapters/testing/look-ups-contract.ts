/**
 * The contract suite of an adapter's scans and statements: what is found is proof, and "not found" is said only of what
 * was read whole. Every adapter whose channel has them passes it against a channel that really moves points.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import type { ChannelAdapter, LookUpOutcome, Sought } from '../contract.ts';
import { AMPLE_CONTEXT } from './call-contexts.ts';

export interface LookUpsHarness {
  /** Scans read two pages at most, of two transactions each; statements are closed at once. */
  readonly channel: ChannelAdapter;
  /** The next deduction or refund has its effect, and its answer is lost. */
  loseNextAnswer(): Promise<void>;
  /** For the next look-up nothing that is younger than an hour can be seen. */
  lagOnce(): Promise<void>;
  close(): Promise<void>;
}

const MEMBER = 'ann';

export function describeLookUps(
  name: string,
  lookUp: 'scan' | 'statement',
  open: () => Promise<LookUpsHarness>,
): void {
  describe(`${name}, as any channel that has a ${lookUp}`, () => {
    let harness: LookUpsHarness;
    let begun: Date;
    beforeEach(async () => {
      harness = await open();
      begun = new Date();
    });
    afterEach(() => harness.close());

    const operation = (key: string, points = '10') => ({
      key,
      orderId: 'o1',
      memberRef: MEMBER,
      points: new Decimal(points),
    });
    const deduct = (key: string, points?: string) =>
      harness.channel.deduct(operation(key, points), AMPLE_CONTEXT);
    const refund = (key: string, originalKey: string) =>
      harness.channel.refund({ ...operation(key), originalKey, originalRemoteId: undefined }, AMPLE_CONTEXT);
    async function look(key: string, changes: Partial<Sought> = {}): Promise<LookUpOutcome> {
      // The window ends with the millisecond that is now, and is over when it is looked into.
      const until = new Date(Date.now() + 1);
      while (Date.now() < until.getTime()) await new Promise(setImmediate);
      const window = { from: begun, until };
      const sought = { ...window, kind: 'deduction', remoteId: undefined, besides: undefined } as const;
      const asked = { ...sought, key, orderId: 'o1', memberRef: MEMBER, ...changes };
      return harness.channel[lookUp](asked, AMPLE_CONTEXT);
    }

    test('a deduction whose answer was lost is found with its points and its id', async () => {
      await harness.loseNextAnswer();
      expect(await deduct('k1', '12.34')).toMatchObject({ type: 'unknown' });
      const outcome = await look('k1');
      expect(outcome).toMatchObject({
        type: 'found',
        outcome: { type: 'done', points: new Decimal('12.34') },
      });
      expect(outcome).toHaveProperty('outcome.remoteId', expect.stringMatching(/./));
    });
    test('a refund whose answer was lost is found, and is not taken for its deduction', async () => {
      await deduct('k1');
      await harness.loseNextAnswer();
      await refund('r1', 'k1');
      expect(await look('r1', { kind: 'refund' })).toMatchObject({
        type: 'found',
        outcome: { points: new Decimal(10) },
      });
      expect(await look('r1')).toMatchObject({ type: 'unknown' });
    });
    test('what never arrived is not found', async () => {
      expect((await look('k1')).type).toBe('not_found');
      await deduct('k2');
      expect((await look('k1')).type).toBe('not_found');
    });
    test('what was refused is not found', async () => {
      expect(await deduct('k1', '999999')).toMatchObject({ type: 'rejected' });
      expect((await look('k1')).type).toBe('not_found');
    });
    test('what cannot be seen yet is found by the next look', async () => {
      await deduct('k1');
      await harness.lagOnce();
      expect((await look('k1')).type).not.toBe('found');
      expect((await look('k1')).type).toBe('found');
    });
    test('it is found across pages', async () => {
      for (const key of ['k1', 'k2', 'k3']) await deduct(key);
      for (const key of ['k1', 'k2', 'k3']) expect((await look(key)).type).toBe('found');
    });
    test('more than may be read proves nothing', async () => {
      for (const key of ['k1', 'k2', 'k3', 'k4', 'k5']) await deduct(key);
      expect((await look('k6')).type).toBe('incomplete');
    });
    test('an effect that is known already is passed over', async () => {
      const done = await deduct('k1');
      const besides = done.type === 'done' ? done.remoteId : undefined;
      expect(besides).toBeDefined();
      expect((await look('k1', { besides })).type).toBe('not_found');
    });
  });
}
