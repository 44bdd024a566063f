import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readRemoteConfig } from '@points-hub/hub';
import { demoConfig, demoNatures } from './demo-config.ts';

const source = join(import.meta.dirname, 'config');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'points-hub-demo-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the demo's own channels are there with or without a console, for orders of an earlier demo wait for them", () => {
  const plain = readRemoteConfig(source).channels;
  for (const isImpatient of [true, false]) {
    const { channels } = readRemoteConfig(demoConfig(source, folder, isImpatient));
    expect([...channels.keys()].filter((id) => !plain.has(id)).toSorted()).toEqual([
      'gymclub',
      'hotelnights',
    ]);
    expect(Object.keys(demoNatures).filter((id) => !channels.has(id))).toEqual([]);
    expect(channels.get('fuelcard')?.limits.failuresMax).toBe(isImpatient ? 3 : 20);
  }
});

test('the channel that nobody can be asked at promises no look-up, and the one that locks us out is probed soon', () => {
  const { channels } = readRemoteConfig(demoConfig(source, folder, true));
  expect(channels.get('gymclub')?.capabilities).toMatchObject({
    query: 'none',
    idempotency: { kind: 'key-replays', retentionMs: 3_000 },
  });
  expect(channels.get('hotelnights')?.limits.breaker.openMaxMs).toBe(5_000);
});
