import { describe, expect, test } from '@jest/globals';
import { actionOfLookUp, actions, directionOfAction, lookUpOfAction } from './action.ts';
import type { Action, Answer } from './deduction.ts';
import { legStates } from './leg.ts';
import { askedAfter } from './look-up.ts';
import { applyOutcome } from './outcome.ts';
import {
  acted,
  at,
  deduction,
  done,
  found,
  incomplete,
  inWords,
  isHolding,
  keyReused,
  legs,
  legSamples,
  misconfigured,
  notFound,
  notSent,
  open,
  pending,
  policies,
  policiesWith,
  rejected,
  unknown,
  type LegSample,
} from './testing/samples.ts';

/** Under which each way of looking up can be final proof. */
const under = policiesWith({ scan: { reachMs: Infinity }, statement: { retentionMs: Infinity } });

/** Every answer there is, and when the call that it answers was intended: "not found" is final from 30 s on. */
const answers = {
  done: [acted(done()), 0],
  'done with 30': [acted(done('30')), 0],
  'done with 0': [acted(done('0')), 0],
  rejected: [acted(rejected), 0],
  pending: [acted(pending), 0],
  unknown: [acted(unknown), 0],
  'not sent': [acted(notSent), 0],
  misconfigured: [acted(misconfigured), 0],
  'key reused': [acted(keyReused), 0],
  'found done': [found(done()), 12],
  'found done with 30': [found(done('30')), 12],
  'found rejected': [found(rejected), 12],
  'found pending': [found(pending), 12],
  'not found, early': [notFound, 29.999],
  'not found, final': [notFound, 30],
  incomplete: [incomplete, 30],
  open: [open, 30],
  'query unknown': [{ type: 'found_out', outcome: unknown }, 12],
  'query not sent': [{ type: 'found_out', outcome: notSent }, 12],
  'query misconfigured': [{ type: 'found_out', outcome: misconfigured }, 12],
} as const satisfies Record<string, readonly [Answer, number]>;
type AnswerName = keyof typeof answers;
const answerNames = Object.keys(answers) as AnswerName[];

type Cells = Readonly<Partial<Record<AnswerName, string>>>;

const refused = 'refused: insufficient_points';

const deducting: Cells = {
  done: 'applied 50',
  'done with 30': 'applied 30',
  'done with 0': 'applied 0',
  rejected: refused,
  pending: 'pending',
  unknown: 'in_doubt, not_yet',
  'not sent': 'idle',
  misconfigured: 'idle',
  'key reused': 'in_doubt, not_yet',
};
const findingDeducted: Cells = {
  'found done': 'applied 50',
  'found done with 30': 'applied 30',
  'found rejected': refused,
  'found pending': 'pending',
  'not found, early': 'in_doubt, not_found',
  'not found, final': 'idle',
  // No look-up by key says so; the core would not believe that it had been told anything.
  incomplete: 'in_doubt, no_answer',
  open: 'in_doubt, no_answer',
  'query unknown': 'in_doubt, no_answer',
  'query not sent': 'in_doubt, no_answer',
  'query misconfigured': 'in_doubt, no_answer',
};
const givingBack: Cells = {
  done: 'undone 50',
  'done with 30': 'undo_refused: another_amount',
  'done with 0': 'undo_refused: another_amount',
  rejected: 'undo_refused: insufficient_points',
  pending: 'undo_pending',
  unknown: 'undo_in_doubt, not_yet',
  'not sent': 'applied 50',
  misconfigured: 'applied 50',
  'key reused': 'undo_in_doubt, not_yet',
};
const findingGivenBack: Cells = {
  'found done': 'undone 50',
  'found done with 30': 'undo_refused: another_amount',
  'found rejected': 'undo_refused: insufficient_points',
  'found pending': 'undo_pending',
  'not found, early': 'undo_in_doubt, not_found',
  'not found, final': 'applied 50',
  incomplete: 'undo_in_doubt, no_answer',
  open: 'undo_in_doubt, no_answer',
  'query unknown': 'undo_in_doubt, no_answer',
  'query not sent': 'undo_in_doubt, no_answer',
  'query misconfigured': 'undo_in_doubt, no_answer',
};

const confirming: Cells = {
  done: 'applied 50',
  'done with 30': 'confirm_refused: another_amount',
  'done with 0': 'confirm_refused: another_amount',
  rejected: 'confirm_refused: insufficient_points',
  pending: 'confirm_pending',
  unknown: 'confirm_in_doubt, not_yet',
  'not sent': 'held 50',
  misconfigured: 'held 50',
  'key reused': 'confirm_in_doubt, not_yet',
};
const findingConfirmed: Cells = {
  'found done': 'applied 50',
  'found done with 30': 'confirm_refused: another_amount',
  'found rejected': 'confirm_refused: insufficient_points',
  'found pending': 'confirm_pending',
  'not found, early': 'confirm_in_doubt, not_found',
  'not found, final': 'held 50',
  incomplete: 'confirm_in_doubt, no_answer',
  open: 'confirm_in_doubt, no_answer',
  'query unknown': 'confirm_in_doubt, no_answer',
  'query not sent': 'confirm_in_doubt, no_answer',
  'query misconfigured': 'confirm_in_doubt, no_answer',
};

/** What each answer makes of each leg; of one that holds, `applied` is `held`. An answer without a cell cannot happen there: it throws. */
const table: Readonly<Record<LegSample, Readonly<Partial<Record<Action, Cells>>>>> = {
  idle: {},
  sent: { deduct: deducting },
  'sent again': {
    deduct: { ...deducting, 'not sent': 'in_doubt, not_yet', misconfigured: 'in_doubt, not_yet' },
  },
  pending: {
    find_deduct: {
      ...findingDeducted,
      'not found, early': 'pending',
      'not found, final': 'pending',
      incomplete: 'pending',
      open: 'pending',
      'query unknown': 'pending',
      'query not sent': 'pending',
      'query misconfigured': 'pending',
    },
  },
  'in doubt': { find_deduct: findingDeducted },
  'in doubt, not found': { find_deduct: findingDeducted },
  'in doubt, no answer': { find_deduct: findingDeducted },
  held: {},
  'confirm sent': { confirm: confirming },
  'confirm sent again': {
    confirm: {
      ...confirming,
      'not sent': 'confirm_in_doubt, not_yet',
      misconfigured: 'confirm_in_doubt, not_yet',
    },
  },
  'confirm pending': {
    find_confirm: {
      ...findingConfirmed,
      'not found, early': 'confirm_pending',
      'not found, final': 'confirm_pending',
      incomplete: 'confirm_pending',
      open: 'confirm_pending',
      'query unknown': 'confirm_pending',
      'query not sent': 'confirm_pending',
      'query misconfigured': 'confirm_pending',
    },
  },
  'confirm in doubt': { find_confirm: findingConfirmed },
  'confirm in doubt, not found': { find_confirm: findingConfirmed },
  'confirm in doubt, no answer': { find_confirm: findingConfirmed },
  'confirm refused': {},
  'confirmed another amount': {},
  applied: {},
  refused: {},
  void: {},
  'undo sent': { give_back: givingBack },
  'undo sent again': {
    give_back: {
      ...givingBack,
      'not sent': 'undo_in_doubt, not_yet',
      misconfigured: 'undo_in_doubt, not_yet',
    },
  },
  'fence sent': {
    give_back: {
      ...givingBack,
      'done with 30': 'undone 30',
      'done with 0': 'undone 0',
      'not sent': 'in_doubt, not_yet',
      misconfigured: 'in_doubt, not_yet',
    },
  },
  'undo pending': {
    find_give_back: {
      ...findingGivenBack,
      'not found, early': 'undo_pending',
      'not found, final': 'undo_pending',
      incomplete: 'undo_pending',
      open: 'undo_pending',
      'query unknown': 'undo_pending',
      'query not sent': 'undo_pending',
      'query misconfigured': 'undo_pending',
    },
  },
  'undo in doubt': { find_give_back: findingGivenBack },
  'undo in doubt, not found': { find_give_back: findingGivenBack },
  'undo in doubt, no answer': { find_give_back: findingGivenBack },
  'fence in doubt': {
    find_give_back: {
      ...findingGivenBack,
      'found done with 30': 'undone 30',
      'not found, final': 'in_doubt, not_yet',
    },
  },
  undone: {},
  'undo refused': {},
};

test('every state of a leg is in the table', () => {
  const covered = new Set(Object.keys(table).map((sample) => legs[sample as LegSample].state));
  expect([...covered].toSorted()).toEqual([...legStates].toSorted());
  expect(Object.keys(table)).toEqual(legSamples);
});

const undoOnly = (sample: LegSample): boolean => /^(undo|fence|void)/.test(sample);

const cases = legSamples.flatMap((sample) =>
  (undoOnly(sample) ? (['undo'] as const) : (['settle', 'undo'] as const)).flatMap((goal) =>
    (isHolding(sample) ? [true] : [false, true]).map((holds) => [sample, goal, holds] as const),
  ),
);

for (const [sample, goal, holds] of cases) {
  describe(`a leg that is ${sample}, goal ${goal}${holds ? ', and holds' : ''}`, () => {
    test.each(actions)(`every answer to %s is defined`, (action) => {
      const is = Object.fromEntries(
        answerNames.map((name) => [name, afterwards(sample, goal, holds, action, name)]),
      );
      const cells = holds ? holding(sample, action) : cellsOf(sample, action);
      const expected = Object.fromEntries(
        answerNames.map((name) => [name, underGoal(goal, cells[name] ?? 'cannot happen')]),
      );
      expect(is).toEqual(expected);
    });
  });
}

/** Of one that holds: taking is holding, and giving back is releasing. */
function holding(sample: LegSample, action: Action): Cells {
  switch (action) {
    case 'deduct':
    case 'give_back':
      return {};
    case 'confirm':
    case 'find_confirm':
      return cellsOf(sample, action);
    case 'hold':
      return held(cellsOf(sample, 'deduct'));
    case 'release':
      return held(cellsOf(sample, 'give_back'));
    case 'find_deduct':
    case 'scan_deduct':
    case 'statement_deduct':
    case 'find_give_back':
    case 'scan_give_back':
    case 'statement_give_back':
      return held(cellsOf(sample, action));
  }
}

function held(cells: Cells): Cells {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => [name, cell.replace('applied', 'held')]),
  );
}

/** A scan and a statement prove what a look-up by key proves, and are remembered under their own names. */
function cellsOf(sample: LegSample, action: Action): Cells {
  const lookUp = lookUpOfAction(action);
  if (lookUp === undefined || lookUp === 'query') return table[sample][action] ?? {};
  const byKey = table[sample][actionOfLookUp('query', directionOfAction(action))] ?? {};
  return Object.fromEntries(
    Object.entries(byKey).map(([name, cell]) => {
      const said = name === 'incomplete' || name === 'open' ? askedAfter(lookUp, name) : undefined;
      const word = said ?? cell.replace(/^.*in_doubt, /, `${lookUp}_`);
      return [name, /in_doubt, (?!not_yet)/.test(cell) ? cell.replace(/, .*/, `, ${word}`) : cell];
    }),
  );
}

/** Under the goal undo a leg of which nothing was taken is void at once. */
function underGoal(goal: 'settle' | 'undo', cell: string): string {
  return goal === 'undo' && ['idle', 'applied 0', 'held 0'].includes(cell) ? 'void' : cell;
}

function afterwards(
  sample: LegSample,
  goal: 'settle' | 'undo',
  holds: boolean,
  action: Action,
  name: AnswerName,
): string {
  const [answer, intendedAtSeconds] = answers[name];
  const facts = { policies: under, now: at(40), intendedAt: at(intendedAtSeconds), random: 0.5 };
  const quota = goal === 'undo' ? legs.void : legs.idle;
  const before = deduction({ goal, holds, points: legs[sample], quota });
  try {
    const after = applyOutcome(before, { leg: 'points', action }, answer, facts);
    return inWords(after.points);
  } catch {
    return 'cannot happen';
  }
}

describe('the lease', () => {
  test('an outcome gives it up', () => {
    const before = deduction({ points: legs.sent, lease: { token: 1, until: at(11) }, attempts: 1 });
    const facts = { policies, now: at(1), intendedAt: at(0), random: 0 };
    expect(applyOutcome(before, { leg: 'points', action: 'deduct' }, acted(done()), facts)).toMatchObject({
      lease: undefined,
      attempts: 1,
    });
  });
});
