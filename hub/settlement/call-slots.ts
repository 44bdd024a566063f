import { laterByTimer, type Later } from '../later.ts';

/** One process's places at one channel: so many deductions may be in hand at once, and the others wait in order. */
export interface CallSlots {
  /** In hand now. */
  readonly inHand: number;
  /** How many may be, from now on; what is in hand beyond that stays. */
  setMax(max: number): void;
  /** Waits for a place, at most `waitMs`. @returns whether there is one, to be given back by `leave` */
  enter(waitMs: number): Promise<boolean>;
  leave(): void;
}

/**
 * @param max at first
 * @param later by default a timer of Node's
 */
export function callSlots(max: number, later: Later = laterByTimer): CallSlots {
  const waiting = new Set<() => void>();
  let inHand = 0;
  let most = max;

  function letIn(): void {
    for (const enter of waiting) {
      if (inHand >= most) return;
      waiting.delete(enter);
      inHand += 1;
      enter();
    }
  }

  return {
    get inHand() {
      return inHand;
    },
    setMax: (wanted) => {
      most = wanted;
      letIn();
    },
    enter: (waitMs) => {
      if (inHand < most) {
        inHand += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const stayOn = later(waitMs, () => {
          waiting.delete(come);
          resolve(false);
        });
        const come = (): void => {
          stayOn();
          resolve(true);
        };
        waiting.add(come);
      });
    },
    leave: () => {
      inHand -= 1;
      letIn();
    },
  };
}
