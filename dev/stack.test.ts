import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StackUrls } from './run-stack.ts';
import { claimStack, findRunningStack, inWords, type StackClaim } from './stack.ts';

const urls: StackUrls = {
  hub: 'http://127.0.0.1:8080',
  sandbox: 'http://127.0.0.1:8081',
  database: 'postgresql://points_hub:secret@127.0.0.1:5432/points_hub',
  amqp: undefined,
  apiKey: 'key',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'points-hub-stack-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a published stack is found by another terminal, and its secrets are readable by its owner alone', () => {
  const claim = claimed();
  expect(findRunningStack(folder)).toBeUndefined();
  claim.publish(urls);
  expect(findRunningStack(folder)).toMatchObject({ owner: { pid: process.pid }, urls: { hub: urls.hub } });
  expect(statSync(join(folder, 'state.json')).mode & 0o077).toBe(0);
});

test('a second start learns who is running and where', () => {
  const claim = claimed();
  expect(second()).toContain(`process ${process.pid}, still starting`);
  claim.publish(urls);
  expect(second()).toBe(
    `points-hub is already running on this data folder (process ${process.pid}, ${urls.hub}); stop it first.`,
  );
});

test('a released stack is gone and its folder free', () => {
  const claim = claimed();
  claim.publish(urls);
  claim.release();
  expect(findRunningStack(folder)).toBeUndefined();
  claimed();
});

test('a stack whose process died is not found, though its file is still there', () => {
  const owner = { pid: process.pid, startedAt: 'an earlier process' };
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ owner, urls }));
  expect(findRunningStack(folder)).toBeUndefined();
});

function claimed(): StackClaim {
  const outcome = claimStack(folder);
  if (outcome.type === 'running') throw new Error(inWords(outcome));
  return outcome.claim;
}

function second(): string {
  const outcome = claimStack(folder);
  return outcome.type === 'running' ? inWords(outcome) : 'claimed';
}
