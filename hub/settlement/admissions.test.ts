import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Remote } from '../core/breaker.ts';
import type { Sign } from '../core/sign.ts';
import type { Call } from '../core/deduction.ts';
import { acted, at, deduction, done, legs, notSent, policies } from '../core/testing/samples.ts';
import { admissions, type AdmissionsOptions } from './admissions.ts';
import type { CallLine } from './call-line.ts';
import type { MemberLane } from './turns-port.ts';

const deductPoints: Call = { leg: 'points', action: 'deduct' };
const findPoints: Call = { leg: 'points', action: 'find_deduct' };
const deductQuota: Call = { leg: 'quota', action: 'deduct' };
const idle = deduction();
const inDoubt = deduction({ points: legs['in doubt'] });
const facts = { now: at(100), random: 0.5 };

/** All is well, but for what `changes` says. */
function doorWith(changes: Partial<AdmissionsOptions> & { readonly held?: readonly Remote[] } = {}) {
  const { held = [], ...options } = changes;
  const observed: [Remote, Sign['type']][] = [];
  const door = admissions({
    breakers: {
      heldUntil: (remote) => (held.includes(remote) ? at(200) : undefined),
      observe: (remote, sign) => observed.push([remote, sign.type]),
    },
    limitsOf: () => ({
      failuresMax: 5,
      windowMs: 10_000,
      callsMin: 20,
      failureShareMax: 0.5,
      openMs: 10_000,
      openMaxMs: 60_000,
    }),
    policiesOf: () => policies,
    lineOf: () => undefined,
    places: { enter: () => Promise.resolve(true), leave: () => undefined, isValid: () => true },
    lanes: { take: () => Promise.reject(new Error('not asked for')), leave: () => Promise.resolve() },
    needsLane: () => false,
    monotonicMs: () => 0,
    log: pino({ level: 'silent' }),
    ...options,
  });
  return { door, observed, pass: () => door.enter('1', 'airmiles') };
}

describe('a call', () => {
  test('is made at once where all is well', async () => {
    const pass = await doorWith().pass();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'go' });
  });

  test('to a remote that is left alone waits until it may be tried, spread over a first pause', async () => {
    const pass = await doorWith({ held: ['channel:airmiles'] }).pass();
    await pass.refresh();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'hold', until: at(205) });
    expect(pass.admit(deduction({ points: legs.applied }), deductQuota, facts)).toEqual({ type: 'go' });
  });

  test('that would begin a points leg waits for the portal, one that clears a doubt does not', async () => {
    const pass = await doorWith({ held: ['portal'] }).pass();
    expect(pass.admit(idle, deductPoints, facts).type).toBe('hold');
    expect(pass.admit(inDoubt, findPoints, facts).type).toBe('go');
    expect(pass.admit(deduction({ points: legs.applied }), deductQuota, facts).type).toBe('hold');
  });
});

describe('a probe', () => {
  const probeUntil = (seconds: number, signs: Sign[] = []) => ({
    remote: 'channel:airmiles' as const,
    until: at(seconds),
    onSign: (sign: Sign) => signs.push(sign),
  });

  test('makes one call past the breaker, and reports it to nobody but its prober', async () => {
    const { door, observed } = doorWith({ held: ['channel:airmiles'] });
    const signs: Sign[] = [];
    const pass = await door.enterToProbe('1', 'airmiles', probeUntil(120, signs));
    expect(pass.admit(inDoubt, findPoints, facts)).toEqual({ type: 'go' });
    pass.begins('channel:airmiles');
    expect(pass.ended('channel:airmiles', acted(notSent), 0)).toBe(true);
    expect(signs.map(({ type }) => type)).toEqual(['away']);
    expect(pass.admit(inDoubt, findPoints, facts).type).toBe('hold');
    expect(pass.ended('portal', acted(done()), 0)).toBe(false);
    expect(observed).toEqual([['portal', 'there']]);
  });

  test('makes no call that could outlast its lease', async () => {
    const { door } = doorWith({ held: ['channel:airmiles'] });
    const pass = await door.enterToProbe('1', 'airmiles', probeUntil(109));
    expect(pass.admit(inDoubt, findPoints, facts).type).toBe('hold');
  });
});

describe('a member’s lane', () => {
  const laneUntil = (seconds: number): MemberLane => ({
    channel: 'airmiles',
    memberRef: 'M-1',
    holder: 'me',
    until: at(seconds),
  });
  const withLane = (lane: MemberLane | undefined) =>
    doorWith({
      needsLane: () => true,
      lanes: { take: () => Promise.resolve(lane), leave: () => Promise.resolve() },
    }).pass();

  test('that is taken lets its member’s next call come back soon', async () => {
    const pass = await withLane(undefined);
    await pass.refresh();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'queue', until: at(100.25) });
    expect(pass.admit(deduction({ points: legs.applied }), deductQuota, facts)).toEqual({ type: 'go' });
  });

  test('outlasts every call that is made in it', async () => {
    expect((await withLane(laneUntil(110))).admit(idle, deductPoints, facts).type).toBe('go');
    expect((await withLane(laneUntil(109))).admit(idle, deductPoints, facts).type).toBe('queue');
  });
});

describe('a place', () => {
  const taken = deduction({ points: legs.applied });
  /** Places that come, or not, and how long each was waited for. */
  function placesAt(...open: readonly string[]) {
    const inHand: string[] = [];
    const waits: [string, number][] = [];
    const places: AdmissionsOptions['places'] = {
      enter: (id, waitMs) => {
        waits.push([id, waitMs]);
        if (open.includes(id)) inHand.push(id);
        return Promise.resolve(open.includes(id));
      },
      leave: (id) => inHand.splice(inHand.indexOf(id), 1),
      isValid: (id) => open.includes(id),
    };
    return { places, inHand, waits };
  }

  test('at the channel that did not come lets the call come back soon', async () => {
    const pass = await doorWith({ places: placesAt('portal').places }).pass();
    await pass.refresh();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'queue', until: at(100.25) });
    expect(pass.admit(taken, deductQuota, facts)).toEqual({ type: 'go' });
  });

  test('at the portal that did not come does the same', async () => {
    const pass = await doorWith({ places: placesAt('airmiles').places }).pass();
    await pass.refresh();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'go' });
    expect(pass.admit(taken, deductQuota, facts)).toEqual({ type: 'queue', until: at(100.25) });
  });

  test('at the portal is held for a call to it and for no other, and in mid-drive nobody waits long for it', async () => {
    const { places, inHand, waits } = placesAt('airmiles', 'portal');
    const pass = await doorWith({ places }).pass();
    await pass.refresh();
    await pass.refresh();
    expect(inHand).toEqual(['airmiles', 'portal']);
    pass.begins('channel:airmiles');
    expect(inHand).toEqual(['airmiles']);
    pass.ended('channel:airmiles', acted(done()), 0);
    await pass.refresh();
    pass.begins('portal');
    expect(inHand).toEqual(['airmiles', 'portal']);
    pass.ended('portal', acted(done()), 0);
    expect(inHand).toEqual(['airmiles']);
    await pass.leave();
    expect(inHand).toEqual([]);
    expect(waits).toEqual([
      ['airmiles', 5_000],
      ['portal', 5_000],
      ['portal', 200],
    ]);
  });

  test('at the portal is not waited for while that is left alone, and its probe needs none', async () => {
    const { places, waits } = placesAt('airmiles');
    const { door } = doorWith({ places, held: ['portal'] });
    await (await door.enter('1', 'airmiles')).refresh();
    expect(waits).toEqual([['airmiles', 5_000]]);
    const probe = { remote: 'portal', until: at(120), onSign: () => undefined } as const;
    const pass = await door.enterToProbe('1', 'airmiles', probe);
    await pass.refresh();
    expect(pass.admit(taken, deductQuota, facts)).toEqual({ type: 'go' });
  });

  test('is no good once the share it is part of may be another process’s', async () => {
    const places = { enter: () => Promise.resolve(true), leave: () => undefined, isValid: () => false };
    expect((await doorWith({ places }).pass()).admit(idle, deductPoints, facts).type).toBe('queue');
  });

  test('is given back once', async () => {
    let left = 0;
    const places = { enter: () => Promise.resolve(true), leave: () => (left += 1), isValid: () => true };
    const pass = await doorWith({ places }).pass();
    await pass.leave();
    await pass.leave();
    expect(left).toBe(1);
  });
});

describe('a turn', () => {
  test('is spent by one call; the next one without stands in line again', async () => {
    const line: CallLine = {
      wait: () => Promise.resolve(0),
      takeReady: () => undefined,
      giveBack: () => undefined,
    };
    const pass = await doorWith({ lineOf: (remote) => (remote === 'portal' ? undefined : line) }).pass();
    expect(pass.admit(idle, deductPoints, facts)).toEqual({ type: 'go' });
    pass.begins('channel:airmiles');
    await pass.refresh();
    expect(pass.admit(inDoubt, findPoints, facts)).toEqual({ type: 'queue', until: at(100.25) });
  });
});
