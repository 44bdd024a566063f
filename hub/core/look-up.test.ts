import { describe, expect, test } from '@jest/globals';
import type { Deduction, Goal, LegPolicy } from './deduction.ts';
import { askedWords, type Asked } from './leg.ts';
import { nextStep } from './next-step.ts';
import { applyOutcome } from './outcome.ts';
import {
  acted,
  at,
  deduction,
  incomplete,
  inWords,
  legs,
  notFound,
  open,
  policies,
  policiesWith,
  unknown,
} from './testing/samples.ts';

const scan = { reachMs: Infinity };
const statement = { retentionMs: Infinity };
const keyless = { query: 'none', idempotency: 'none', remembersRejections: false } as const;

/** Every kind of remote, by the ways out of doubt that it has. */
const remotes = {
  'key, query': {},
  'key, query, scan': { scan },
  'query, scan': { idempotency: 'none', scan },
  'key, scan': { query: 'none', scan },
  'key, statement': { query: 'none', statement },
  scan: { ...keyless, scan },
  'scan, statement': { ...keyless, scan, statement },
  statement: { ...keyless, statement },
  nothing: keyless,
} as const satisfies Record<string, Partial<LegPolicy>>;
type RemoteName = keyof typeof remotes;

const sending = { firstSentAt: at(0), quietAt: at(10) };

function doubtful(asked: Asked, goal: Goal, isGivingBack = false): Deduction {
  const taken = { points: legs.applied.points, remoteId: 'T-1' };
  return deduction({
    goal,
    points: isGivingBack
      ? { state: 'undo_in_doubt', ...sending, taken, asked }
      : { state: 'in_doubt', ...sending, asked },
    quota: goal === 'undo' ? legs.void : legs.idle,
  });
}

function stepOf(subject: Deduction, policy: Partial<LegPolicy>, seconds: number): string {
  const step = nextStep(subject, 'deduct', policiesWith(policy), at(seconds));
  switch (step.type) {
    case 'call':
      return step.call.action;
    case 'wait':
      return `wait until ${(step.until.getTime() - at(0).getTime()) / 1_000}`;
    case 'rest':
    case 'stuck':
      return step.type;
  }
}

/**
 * The step for each word that a leg in doubt may remember, before and after "not found" is final, at 30 s:
 * settling, and undoing where that differs.
 */
type Row = Readonly<Record<Asked, readonly [before: string, after: string]>>;
const both = (step: string): readonly [string, string] => [step, step];
const untilFinal = (step: string): readonly [string, string] => ['wait until 30', step];

const byStatement = {
  statement_not_found: untilFinal('statement_deduct'),
  statement_no_answer: both('statement_deduct'),
  statement_incomplete: both('stuck'),
  statement_open: both('statement_deduct'),
};
const noStatement = {
  statement_not_found: both('stuck'),
  statement_no_answer: both('stuck'),
  statement_incomplete: both('stuck'),
  statement_open: both('stuck'),
};
const byScan = {
  scan_not_found: untilFinal('scan_deduct'),
  scan_no_answer: both('scan_deduct'),
};
const resent: Row = Object.fromEntries(askedWords.map((asked) => [asked, both('deduct')])) as never;
const table: Readonly<Record<RemoteName, Row>> = {
  'key, query': { ...resent, not_yet: both('find_deduct'), no_answer: both('find_deduct') },
  'key, query, scan': { ...resent, not_yet: both('find_deduct'), no_answer: both('find_deduct') },
  'query, scan': {
    not_yet: both('find_deduct'),
    no_answer: both('find_deduct'),
    not_found: untilFinal('find_deduct'),
    ...byScan,
    scan_incomplete: both('stuck'),
    ...noStatement,
  },
  'key, scan': resent,
  'key, statement': resent,
  scan: {
    not_yet: both('scan_deduct'),
    no_answer: both('scan_deduct'),
    not_found: both('scan_deduct'),
    ...byScan,
    scan_incomplete: both('stuck'),
    ...noStatement,
  },
  'scan, statement': {
    not_yet: both('scan_deduct'),
    no_answer: both('scan_deduct'),
    not_found: both('scan_deduct'),
    ...byScan,
    scan_incomplete: both('statement_deduct'),
    ...byStatement,
  },
  statement: {
    not_yet: both('statement_deduct'),
    no_answer: both('statement_deduct'),
    not_found: both('statement_deduct'),
    scan_not_found: both('statement_deduct'),
    scan_no_answer: both('statement_deduct'),
    scan_incomplete: both('statement_deduct'),
    ...byStatement,
  },
  nothing: Object.fromEntries(askedWords.map((asked) => [asked, both('stuck')])) as never,
};

describe.each(Object.keys(table) as RemoteName[])('in doubt at a remote with %s', (name) => {
  const policy = remotes[name];
  const expected = (isUndo: boolean): Record<string, unknown> =>
    Object.fromEntries(
      askedWords.map((asked) => {
        const row = table[name][asked];
        // Undoing, nothing is sent forward again to a remote that can be asked by key.
        const isQueried = isUndo && name.startsWith('key, query');
        const instead = name === 'key, query' || /^(not|no)_/.test(asked) ? 'find_deduct' : 'scan_deduct';
        return [asked, isQueried ? withoutResend(asked, row, instead, name) : row];
      }),
    );

  test('settling, each thing that it said has its step', () => {
    expect(stepsOf(policy, 'settle')).toEqual(expected(false));
  });
  test('undoing, each thing that it said has its step', () => {
    expect(stepsOf(policy, 'undo')).toEqual(expected(true));
  });
  test('giving back goes the same ways', () => {
    const is = stepsOf(policy, 'undo', true);
    const backwards = Object.fromEntries(
      Object.entries(expected(false)).map(([asked, steps]) => [
        asked,
        (steps as string[]).map((step) =>
          step === 'deduct' ? 'give_back' : step.replace('_deduct', '_give_back'),
        ),
      ]),
    );
    expect(is).toEqual(backwards);
  });
});

function stepsOf(policy: Partial<LegPolicy>, goal: Goal, isGivingBack = false): Record<string, unknown> {
  return Object.fromEntries(
    askedWords.map((asked) => {
      const subject = doubtful(asked, goal, isGivingBack);
      return [asked, [stepOf(subject, policy, 20), stepOf(subject, policy, 30)]];
    }),
  );
}

function withoutResend(
  asked: Asked,
  row: readonly [string, string],
  instead: string,
  name: RemoteName,
): readonly [string, string] {
  if (asked === 'not_yet' || asked === 'no_answer') return row;
  if (asked === 'not_found') return untilFinal(instead);
  if (name === 'key, query' || asked.startsWith('statement') || asked === 'scan_incomplete')
    return both('stuck');
  return asked === 'scan_not_found' ? untilFinal(instead) : both(instead);
}

describe('where the keys may be forgotten', () => {
  const forgetting = { idempotencyRetentionMs: 100_000, query: 'by-key' } as const;

  test('a scan, then the statement, takes the place of the look-up by key', () => {
    const all = { ...forgetting, scan, statement };
    const steps = (['not_found', 'scan_incomplete', 'statement_open'] as const).map((asked) =>
      stepOf(doubtful(asked, 'settle'), all, 80),
    );
    expect(steps).toEqual(['scan_deduct', 'statement_deduct', 'statement_deduct']);
  });
  test('a scan that reaches back too short is made once and proves no absence', () => {
    const short = { ...remotes.scan, scan: { reachMs: 100_000 } };
    expect(stepOf(doubtful('not_yet', 'settle'), short, 90)).toBe('scan_deduct');
    expect(stepOf(doubtful('scan_not_found', 'settle'), short, 79.999)).toBe('scan_deduct');
    expect(stepOf(doubtful('scan_not_found', 'settle'), short, 80)).toBe('stuck');
  });
  test('a statement that is gone proves no absence', () => {
    const short = { ...remotes.statement, statement: { retentionMs: 100_000 } };
    expect(stepOf(doubtful('statement_not_found', 'settle'), short, 79.999)).toBe('statement_deduct');
    expect(stepOf(doubtful('statement_not_found', 'settle'), short, 80)).toBe('stuck');
  });
});

describe('after many failures', () => {
  const tired = { ...doubtful('not_yet', 'settle'), failures: 7 };
  test('a scan is surer than one more resend', () => {
    expect(stepOf(tired, remotes['key, scan'], 20)).toBe('scan_deduct');
  });
  test('a resend is quicker than a statement', () => {
    expect(stepOf(tired, remotes['key, statement'], 20)).toBe('deduct');
  });
});

describe('where no success names its points', () => {
  test('nothing is sent again that a scan can tell', () => {
    const mute = { ...remotes['key, scan'], echo: 'none' } as const;
    expect(stepOf(doubtful('not_yet', 'settle'), mute, 12)).toBe('scan_deduct');
    expect(stepOf(doubtful('not_yet', 'undo'), mute, 12)).toBe('scan_deduct');
  });
});

describe('what was accepted', () => {
  test.each([
    ['key, query', 'find'],
    ['scan, statement', 'scan'],
    ['statement', 'statement'],
  ] as const)('is asked for at a remote with %s', (name, prefix) => {
    const quota = legs.void;
    expect(stepOf(deduction({ points: legs.pending }), remotes[name], 12)).toBe(`${prefix}_deduct`);
    expect(stepOf(deduction({ goal: 'undo', points: legs['undo pending'], quota }), remotes[name], 12)).toBe(
      `${prefix}_give_back`,
    );
  });
});

describe('nothing was found of giving back, where late effects are looked for', () => {
  const late = { lateEffectCheckMs: 600_000 } as const;
  const back = doubtful('not_found', 'undo', true);

  test('without keys nothing is given back again before the late look', () => {
    const policy = { ...remotes['query, scan'], ...late };
    expect(stepOf(back, policy, 30)).toBe('wait until 630');
    expect(stepOf(back, policy, 630)).toBe('find_give_back');
    const facts = { policies: policiesWith(policy), now: at(640), random: 0.5 };
    const after = (intendedSeconds: number): string =>
      inWords(
        applyOutcome(back, { leg: 'points', action: 'find_give_back' }, notFound, {
          ...facts,
          intendedAt: at(intendedSeconds),
        }).points,
      );
    expect(after(629.999)).toBe('undo_in_doubt, not_found');
    expect(after(630)).toBe('applied 50');
  });
  test('with keys a second time would be the first', () => {
    const policy = { ...late, idempotencyRetentionMs: Infinity, scan };
    expect(stepOf({ ...back, failures: 7 }, policy, 30)).toBe('find_give_back');
  });
  test('what was taken is taken anew without that delay', () => {
    const policy = { ...remotes['query, scan'], ...late };
    expect(stepOf(doubtful('not_found', 'settle'), policy, 30)).toBe('find_deduct');
  });
});

test('points that have to go back to a channel without reversal wait for a person', () => {
  const applied = deduction({ goal: 'undo', points: legs.applied, quota: legs.void });
  expect(stepOf(applied, { reversal: 'none' }, 12)).toBe('stuck');
});

describe('the pace', () => {
  const scanned = { leg: 'points', action: 'scan_deduct' } as const;
  const read = { leg: 'points', action: 'statement_deduct' } as const;
  const facts = (seconds: number) => ({ policies, now: at(seconds), intendedAt: at(12), random: 0.5 });
  const before = { ...doubtful('not_yet', 'settle'), failures: 3 };

  test('a statement is read again when it should be closed, an hour later at most', () => {
    const soon = applyOutcome(before, read, open, facts(20));
    expect(soon).toMatchObject({ failures: 3, notBefore: at(50) });
    const tomorrow = { type: 'open', readyAt: at(90_000), evidence: {} } as const;
    const late = applyOutcome(before, read, { type: 'found_out', outcome: tomorrow }, facts(20));
    expect(late).toMatchObject({ failures: 3, notBefore: at(3_620) });
  });
  test('a statement that is not closed when it should be is trouble', () => {
    const late = applyOutcome(before, read, open, facts(50));
    expect(late.failures).toBe(4);
    expect(late.notBefore?.getTime()).toBeGreaterThan(at(50).getTime());
  });
  test('a scan that fell short goes on to the next way at once', () => {
    expect(applyOutcome(before, scanned, incomplete, facts(20))).toMatchObject({
      failures: 3,
      notBefore: undefined,
    });
  });
  test('what is accepted is missing in a list of what is done, and that is no trouble', () => {
    const pending = deduction({ points: legs.pending, failures: 2 });
    for (const answer of [notFound, incomplete]) {
      const after = applyOutcome(pending, scanned, answer, facts(20));
      expect(after).toMatchObject({ failures: 2, notBefore: at(80) });
    }
  });
});

describe('a scan or statement proves absence', () => {
  const under = policiesWith({ ...keyless, scan, statement });
  const after = (action: 'scan_deduct' | 'statement_deduct', intendedSeconds: number): string =>
    inWords(
      applyOutcome(doubtful('not_yet', 'settle'), { leg: 'points', action }, notFound, {
        policies: under,
        now: at(60),
        intendedAt: at(intendedSeconds),
        random: 0.5,
      }).points,
    );

  test('only if it was begun after everything was over', () => {
    expect(after('scan_deduct', 29.999)).toBe('in_doubt, scan_not_found');
    expect(after('scan_deduct', 30)).toBe('idle');
    expect(after('statement_deduct', 29.999)).toBe('in_doubt, statement_not_found');
    expect(after('statement_deduct', 30)).toBe('idle');
  });
});

test('a doubt that begins anew is asked about anew', () => {
  const sent = deduction({ points: legs['sent again'] });
  const facts = { policies, now: at(12), intendedAt: at(10), random: 0.5 };
  const after = applyOutcome(sent, { leg: 'points', action: 'deduct' }, acted(unknown), facts);
  expect(inWords(after.points)).toBe('in_doubt, not_yet');
});
