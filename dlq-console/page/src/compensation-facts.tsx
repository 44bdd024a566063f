/** What a compensation says, for its screen and for whoever signs it. */
import { pointsInWords } from './amounts.ts';
import type { Compensation } from './api.ts';
import { StateMark } from './marks.tsx';
import { Outside } from './outside.tsx';
import { timeInWords } from './words/index.ts';

/** What the server signs over and an approver reads, in one order everywhere. */
export function factsOf(one: Compensation): readonly (readonly [name: string, text: string])[] {
  return [
    ['kind', one.kind],
    ['points', one.points ?? '–'],
    ['channel', one.channel],
    ['leg', one.leg],
    ['mallId', one.mallId],
    ['orderId', one.orderId],
    ['effect', one.effect?.does ?? '–'],
    ['orderStatus', one.effect?.orderStatus ?? '–'],
    ['legBefore', one.effect?.legBefore ?? '–'],
    ['reasonCode', one.reasonCode],
    ['reason', one.reason],
    ['evidence', one.evidence],
    ['by', one.requestedBy],
    ['at', one.requestedAt],
    ['expiresAt', one.expiresAt],
    ['state', one.state],
    ['decidedBy', one.decidedBy ?? '–'],
    ['verification', one.verification ?? '–'],
    ['digest', one.digest ?? '–'],
  ];
}

export function wordsOf(name: string, text: string, t: (key: string) => string) {
  switch (name) {
    case 'kind':
      return t(`kind.${text}`);
    case 'state':
      return <StateMark of="compensationState" state={text} />;
    case 'points':
      return text === '–' ? text : pointsInWords(text);
    case 'at':
    case 'expiresAt':
      return timeInWords(text);
    default:
      return <Outside text={text} />;
  }
}
