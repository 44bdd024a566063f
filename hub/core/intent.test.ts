import { describe, expect, test } from '@jest/globals';
import { actions, directionOfAction, lookUpOfAction, type Action } from './action.ts';
import { intend, withoutLease } from './intent.ts';
import { at, deduction, inWords, legs, legSamples, policies, type LegSample } from './testing/samples.ts';

/** What each intent makes of each leg; a look-up changes nothing, and all else cannot happen. */
const deducting: Readonly<Partial<Record<LegSample, string>>> = {
  idle: 'sent',
  'in doubt': 'sent, unproven',
  'in doubt, not found': 'sent, unproven',
  'in doubt, no answer': 'sent, unproven',
};
const confirming: Readonly<Partial<Record<LegSample, string>>> = {
  held: 'confirm_sent',
  'confirm in doubt': 'confirm_sent, unproven',
  'confirm in doubt, not found': 'confirm_sent, unproven',
  'confirm in doubt, no answer': 'confirm_sent, unproven',
};
const givingBack: Readonly<Partial<Record<LegSample, string>>> = {
  'in doubt': 'undo_sent',
  'in doubt, not found': 'undo_sent',
  'in doubt, no answer': 'undo_sent',
  applied: 'undo_sent',
  'undo in doubt': 'undo_sent, unproven',
  'undo in doubt, not found': 'undo_sent, unproven',
  'undo in doubt, no answer': 'undo_sent, unproven',
  'fence in doubt': 'undo_sent, unproven',
};
const { applied: _, ...givingBackDoubtful } = givingBack;
/** Of what is held, and not of what is confirmed. */
const releasing: Readonly<Partial<Record<LegSample, string>>> = {
  ...givingBackDoubtful,
  held: 'undo_sent',
  'confirm refused': 'undo_sent',
  'confirmed another amount': 'undo_sent',
};

describe.each(actions)('the intent to %s', (action) => {
  test.each(legSamples)('is defined for a leg that is %s', (sample) => {
    const moving = { deduct: deducting, confirm: confirming, give_back: givingBack }[
      directionOfAction(action)
    ];
    const unchanged = inWords(legs[sample]);
    const expected =
      lookUpOfAction(action) === undefined
        ? ((action === 'release' ? releasing : moving)[sample] ?? 'cannot happen')
        : unchanged;
    expect(intended(sample, action)).toBe(expected);
  });
});

function intended(sample: LegSample, action: Action): string {
  try {
    const before = deduction({ points: legs[sample] });
    return inWords(intend(before, { leg: 'points', action }, policies, at(0)).points);
  } catch {
    return 'cannot happen';
  }
}

describe('an intent', () => {
  const forward = intend(
    deduction({ notBefore: at(0) }),
    { leg: 'points', action: 'deduct' },
    policies,
    at(1),
  );

  test('takes a lease under the next attempt, which outlasts the send window plus the deadline', () => {
    expect(forward).toMatchObject({ attempts: 1, lease: { token: 1, until: at(12) }, notBefore: undefined });
    expect(forward.points).toMatchObject({ firstSentAt: at(1), quietAt: at(11) });
  });
  test('keeps the time of the first one under its key', () => {
    const again = deduction({ points: legs['in doubt'] });
    const { points } = intend(again, { leg: 'points', action: 'deduct' }, policies, at(100));
    expect(points).toMatchObject({ firstSentAt: at(0), quietAt: at(110) });
  });
  test('to give back points that were confirmed ends the hold', () => {
    const confirmed = deduction({ holds: true, goal: 'undo', points: legs.applied, quota: legs.void });
    expect(intend(confirmed, { leg: 'points', action: 'give_back' }, policies, at(0)).holds).toBe(false);
    const held = { ...confirmed, points: legs.held };
    expect(intend(held, { leg: 'points', action: 'release' }, policies, at(0)).holds).toBe(true);
  });
  test.each(['deduct', 'give_back'] as const)(
    'to %s never shortens how long an earlier one may act',
    (action) => {
      const patient = { ...legs['in doubt'], quietAt: at(500) };
      const before = deduction({ points: patient });
      expect(intend(before, { leg: 'points', action }, policies, at(100)).points).toMatchObject({
        quietAt: at(500),
      });
    },
  );
});

describe('a worker that vanished', () => {
  test.each(legSamples)('leaves a leg that is %s in doubt if it was sent, else as it is', (sample) => {
    const before = deduction({ points: legs[sample], lease: { token: 3, until: at(11) }, attempts: 3 });
    const { points, lease, attempts } = withoutLease(before);
    const { state } = legs[sample];
    const expected = {
      sent: 'in_doubt, not_yet',
      confirm_sent: 'confirm_in_doubt, not_yet',
      undo_sent: 'undo_in_doubt, not_yet',
    };
    expect(inWords(points)).toBe(
      state === 'sent' || state === 'confirm_sent' || state === 'undo_sent'
        ? expected[state]
        : inWords(legs[sample]),
    );
    expect({ lease, attempts }).toEqual({ lease: undefined, attempts: 3 });
  });
  test('counts as trouble', () => {
    expect(withoutLease(deduction({ points: legs.sent, failures: 2 })).failures).toBe(3);
  });
});
