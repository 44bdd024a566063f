import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextTryMs, noticesOf, type GroupFacts, type Mark, type NotificationRule } from './notification.ts';

const now = new Date('2026-05-01T12:00:00Z');
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

const anyRule: NotificationRule = {
  id: '1',
  causes: [],
  channels: [],
  casesMin: 1,
  pointsMin: null,
  againMinutes: 60,
};
const group: GroupFacts = {
  fingerprint: 'f',
  cause: 'doubt',
  channels: ['airmiles'],
  operation: 'points.deduct',
  cases: 5,
  users: 4,
  points: '100.5',
  firstSeenAt: minutesAgo(90),
  lastSeenAt: minutesAgo(1),
};
const mark = (minutes: number, cases = 2): Mark => ({
  ruleId: '1',
  fingerprint: 'f',
  toldAt: minutesAgo(minutes),
  cases,
});

const occasions = (rule: NotificationRule, marks: readonly Mark[], seen = group): readonly string[] =>
  noticesOf([rule], [seen], marks, now).messages.flatMap(({ notices }) =>
    notices.map(({ occasion, more }) => `${occasion} ${more}`),
  );

test('a group is told of when it opens, and not once more before its time, nor without news', () => {
  expect(occasions(anyRule, [])).toEqual(['opened 5']);
  expect(occasions(anyRule, [mark(59)])).toEqual([]);
  expect(occasions(anyRule, [mark(60)])).toEqual(['again 3']);
  expect(occasions(anyRule, [mark(60)], { ...group, lastSeenAt: minutesAgo(61) })).toEqual([]);
  expect(occasions({ ...anyRule, againMinutes: 0 }, [mark(6_000)])).toEqual([]);
});

test.each<[string, Partial<NotificationRule>, boolean]>([
  ['another cause', { causes: ['crash_loop'] }, false],
  ['its cause', { causes: ['crash_loop', 'doubt'] }, true],
  ['another channel', { channels: ['telco'] }, false],
  ['its channel', { channels: ['telco', 'airmiles'] }, true],
  ['more cases than it has', { casesMin: 6 }, false],
  ['as many cases', { casesMin: 5 }, true],
  ['more points than it has', { pointsMin: '100.5001' }, false],
  ['as many points', { pointsMin: '100.50' }, true],
])('a rule for %s', (_, rule, isMeant) => {
  expect(occasions({ ...anyRule, ...rule }, [])).toHaveLength(isMeant ? 1 : 0);
});

test('all that a rule has to tell at a time is one message', () => {
  const groups = ['a', 'b', 'c'].map((fingerprint) => ({ ...group, fingerprint }));
  const { messages } = noticesOf([anyRule, { ...anyRule, id: '2', causes: ['nothing'] }], groups, [], now);
  expect(messages.map(({ ruleId, notices }) => [ruleId, notices.length])).toEqual([['1', 3]]);
});

test('a group that went is forgotten only after a while: what comes back at once is the same trouble', () => {
  expect(noticesOf([anyRule], [], [mark(59)], now).over).toEqual([]);
  expect(noticesOf([anyRule], [], [mark(60)], now).over).toEqual([mark(60)]);
  expect(noticesOf([{ ...anyRule, againMinutes: 0 }], [], [mark(9)], now).over).toEqual([]);
  expect(noticesOf([anyRule], [group], [mark(600)], now).over).toEqual([]);
});

test('whatever the marks, no rule tells of a group twice at a time', () => {
  const minutes = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(minutes, minutes, fc.integer({ min: 0, max: 100 }), (toldAgo, seenAgo, cases) => {
      const seen = { ...group, cases: cases + 1, lastSeenAt: minutesAgo(seenAgo) };
      const { messages } = noticesOf([anyRule], [seen], [mark(toldAgo, cases)], now);
      const told = messages.flatMap(({ notices }) => notices);
      expect(told.length).toBe(toldAgo >= 60 && seenAgo < toldAgo ? 1 : 0);
    }),
  );
});

test('what did not get through is tried more and more rarely, for a day', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), share, (tries, dice) => {
      const pauseMs = nextTryMs(tries, 0, dice) ?? 0;
      expect(pauseMs).toBeGreaterThanOrEqual(3_000);
      expect(pauseMs).toBeLessThanOrEqual(3_600_000 * 1.25);
    }),
  );
  expect(nextTryMs(1, 86_400_000, 0.5)).toBeUndefined();
});
