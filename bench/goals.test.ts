import { expect, test } from '@jest/globals';
import { goals, judge, roundToThree } from './goals.ts';

const verdict = (goal: string, figures: Record<string, number>) =>
  judge(figures).find((one) => one.goal.startsWith(goal));

test('a goal is met at its bound, and not beyond it', () => {
  const settle = (share: number) => verdict('settle at latency 0', { 'settle.0ms.share of ceiling': share });
  expect(settle(0.6)).toMatchObject({ wanted: '≥ 60 %', measured: '60 %', met: 'yes' });
  expect(settle(0.599)?.met).toBe('no');
  const cpu = (ms: number) => verdict('CPU', { 'settle.0ms.cpu.hub.ms/order': ms });
  expect(cpu(0.8)).toMatchObject({ wanted: '≤ 0.8 ms', met: 'yes' });
  expect(cpu(0.81)?.met).toBe('no');
});

test('a share is shown in per cent', () => {
  expect(verdict('relay', { 'relay.share of raw publishes': 0.5 })).toMatchObject({
    measured: '50 %',
    met: 'no',
  });
});

test('what was not measured is neither met nor missed', () => {
  const verdicts = judge({});
  expect(verdicts).toHaveLength(goals.length);
  for (const { measured, met } of verdicts) expect([measured, met]).toEqual(['', 'not measured']);
  expect(verdict('relay', { 'relay.messages/s': 1 })?.met).toBe('not measured');
});

test('figures are shown with the digits that matter', () => {
  expect([12_345.6, 123.4, 12.34, 1.234, 0.01234, 0].map(roundToThree)).toEqual([
    '12346',
    '123',
    '12.3',
    '1.23',
    '0.0123',
    '0',
  ]);
});
