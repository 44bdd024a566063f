import { expect, test } from '@jest/globals';
import type { ChannelAdapter, Portal } from '@points-hub/adapters';
import type { Attempt } from '../core/advance.ts';
import { Points } from '../core/points.ts';
import { callRemote } from './remote-call.ts';

const attempt: Attempt = {
  deductionId: '1',
  token: 1,
  call: { leg: 'points', action: 'deduct' },
  key: 'KEY',
  originalKey: undefined,
  originalRemoteId: undefined,
  isHold: false,
  channel: 'airmiles',
  memberRef: 'ada',
  points: new Points(1),
  intendedAt: new Date(0),
  sendBy: new Date(1),
  search: undefined,
};
const context = { deadlineMs: 1, maySend: () => true };
const broken = () => Promise.reject(new TypeError('a defect'));
const portal: Portal = {
  deduct: broken,
  giveBack: broken,
  find: broken,
  remaining: broken,
  close: () => Promise.resolve(),
};
const channel: ChannelAdapter = {
  channel: 'airmiles',
  deduct: broken,
  refund: broken,
  hold: broken,
  confirm: broken,
  release: broken,
  findHold: broken,
  query: broken,
  scan: broken,
  statement: broken,
  balance: broken,
  close: () => Promise.resolve(),
};

test.each([
  ['deduct', 'acted'],
  ['find_deduct', 'found_out'],
] as const)('an adapter that throws on %s leaves the leg in doubt', async (action, type) => {
  for (const leg of ['points', 'quota'] as const) {
    const remotes = { portal, channel: () => channel };
    const answer = await callRemote(remotes, { ...attempt, call: { leg, action } }, 'order', context);
    expect(answer).toMatchObject({
      type,
      outcome: { type: 'unknown', evidence: { detail: 'the adapter threw: TypeError: a defect' } },
    });
  }
});

test.each([
  ['give_back', 'acted'],
  ['find_give_back', 'found_out'],
] as const)('%s at a channel without a file is misconfigured, not lost', async (action, type) => {
  const remotes = { portal, channel: () => undefined };
  const answer = await callRemote(remotes, { ...attempt, call: { leg: 'points', action } }, 'order', context);
  expect(answer).toMatchObject({ type, outcome: { type: 'misconfigured', code: 'not_supported' } });
});
