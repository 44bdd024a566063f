/** What the audit finds, by the rule that was broken. */
const bookRules = [
  'an effect happens once',
  'nothing happens after the end',
  'nothing is given back twice',
  'confirmed only when all is there',
  'what is confirmed goes forward',
  'no hold is left',
  'points before quota',
  'quota back before points',
  'the books say what the status says',
] as const;

const recordRules = [
  'one key per operation',
  'a key keeps its amount',
  'no refund without deduction',
  'a leg moves along its arrows',
  'an order moves along its arrows',
  'an ended order is not rewritten',
  'an end is told once',
  'an ended order is let rest',
  'every order ends',
  'every refund ends',
  'who waits has a case',
  'who moves on has no case',
  'one case per subject',
  'one operation per case at a time',
  'a closed case stays closed',
  'no dead letter is lost',
  'no callback is lost',
  'every operation is audited',
  'nothing is audited that was not done',
  'every case ends',
  'what is left alone is left alone',
  'one call per probe',
  'one call per member at a time',
  'no more calls at once than allowed',
  'no more calls per second than allowed',
  'nothing throws',
] as const;

export type Rule = (typeof bookRules)[number] | (typeof recordRules)[number];

/** Which rules end a run: all, or those alone that the remotes' books break, where points are lost or doubled. */
export const ruleSets = ['all', 'books'] as const;
export type RuleSet = (typeof ruleSets)[number];

export function isIn(set: RuleSet, rule: Rule): boolean {
  switch (set) {
    case 'all':
      return true;
    case 'books':
      return (bookRules as readonly Rule[]).includes(rule);
  }
}
