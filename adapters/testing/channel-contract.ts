import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter } from '../contract.ts';
import { openChannel } from '../open-remote.ts';
import { createSandbox, type Sandbox } from '../sandbox/index.ts';
import { AMPLE_CONTEXT } from './call-contexts.ts';

const points = new Decimal('12.34');
const operation = (key: string, memberRef = '李/ann') => ({ key, orderId: 'o1', memberRef, points });

/** A description of the JSON contract by the JSON contract's own description. */
export const DECLARED_JSON_CHANNEL = readFileSync(
  new URL('../declarative/descriptions/json-channel.yaml', import.meta.url),
  'utf8',
);

/**
 * What every description of the JSON contract keeps, over real sockets against the sandbox, whose books are its own.
 * `yaml` describes the channel `airmiles` by the variables SANDBOX_URL and AIRMILES_TOKEN.
 */
export function describeJsonContract(name: string, yaml: string): void {
  describe(`${name} over real sockets`, () => {
    let sandbox: Sandbox;
    let channel: ChannelAdapter;
    const open = (env: Record<string, string>): ChannelAdapter =>
      openChannel(readChannelDescription(yaml, 'airmiles.yaml'), env);

    beforeEach(async () => {
      sandbox = await createSandbox({ channels: ['airmiles'], bearerToken: 't0ken', openingBalance: '100' });
      channel = open({ SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 't0ken' });
    });
    afterEach(async () => {
      await channel.close();
      await sandbox.close();
    });

    test('deducts once per key, twenty at a time', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => channel.deduct(operation('k1'), AMPLE_CONTEXT)),
      );
      for (const outcome of outcomes) expect(outcome).toMatchObject({ type: 'done', points });
      expect(outcomes.filter((outcome) => outcome.type === 'done' && !outcome.replayed)).toHaveLength(1);
      expect(sandbox.books().channels['airmiles']).toMatchObject({
        net: '12.34',
        calls: { deductions: 20 },
      });
    });

    test('refuses, refunds, finds and reads', async () => {
      expect(await channel.deduct(operation('k0', 'unknown-1'), AMPLE_CONTEXT)).toMatchObject({
        reason: 'member_unknown',
      });
      expect(
        await channel.deduct({ ...operation('k9'), points: new Decimal(101) }, AMPLE_CONTEXT),
      ).toMatchObject({
        type: 'rejected',
        reason: 'insufficient_points',
      });
      expect(await channel.query('k9', '李/ann', AMPLE_CONTEXT)).toMatchObject({
        type: 'found',
        outcome: { type: 'rejected', reason: 'insufficient_points' },
      });
      expect(await channel.query('k1', '李/ann', AMPLE_CONTEXT)).toMatchObject({ type: 'not_found' });
      await channel.deduct(operation('k1'), AMPLE_CONTEXT);
      expect(await channel.balance('李/ann', AMPLE_CONTEXT)).toMatchObject({
        type: 'balance',
        points: new Decimal('87.66'),
      });
      const refund = { ...operation('r1'), originalKey: 'k1', originalRemoteId: undefined };
      expect(await channel.refund(refund, AMPLE_CONTEXT)).toMatchObject({ type: 'done', points });
      expect(await channel.query('r1', '李/ann', AMPLE_CONTEXT)).toMatchObject({
        type: 'found',
        outcome: { type: 'done', points },
      });
      expect(await channel.refund({ ...refund, key: 'r2' }, AMPLE_CONTEXT)).toMatchObject({
        reason: 'already_returned',
      });
      expect(sandbox.books().channels['airmiles']?.net).toBe('0');
    });

    test('a key met with other points is an error of ours, and without effect', async () => {
      await channel.deduct(operation('k1'), AMPLE_CONTEXT);
      expect(
        await channel.deduct({ ...operation('k1'), points: new Decimal('1') }, AMPLE_CONTEXT),
      ).toMatchObject({
        type: 'misconfigured',
        code: 'key_reused',
      });
      expect(sandbox.books().channels['airmiles']?.net).toBe('12.34');
    });

    test('is misconfigured with a wrong token, and without effect', async () => {
      const stranger = open({ SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 'wrong' });
      expect(await stranger.deduct(operation('k1'), AMPLE_CONTEXT)).toMatchObject({
        type: 'misconfigured',
        code: 'authentication',
      });
      await stranger.close();
      expect(sandbox.books().channels['airmiles']?.members).toEqual({});
    });

    test('ends a call in flight as unknown when it is closed', async () => {
      const slow = await createSandbox({ channels: ['airmiles'], latencyMs: 60_000 });
      const waiting = open({ SANDBOX_URL: slow.url, AIRMILES_TOKEN: 'x' });
      const sent = Promise.withResolvers<void>();
      const maySend = (): boolean => {
        sent.resolve();
        return true;
      };
      const outcome = waiting.deduct(operation('k1'), { ...AMPLE_CONTEXT, maySend });
      await sent.promise;
      await waiting.close();
      expect(await outcome).toMatchObject({ type: 'unknown', cause: 'connection_lost' });
      await slow.close();
    });
  });
}
