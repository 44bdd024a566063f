/** What a key means. No key moves money: keys go to places, move in lists and show this list. */

/** `g`, then one of these, goes to a screen. */
export const places = {
  o: '/overview',
  g: '/groups',
  c: '/cases',
  b: '/replays',
  p: '/compensations',
  l: '/orders',
  h: '/channels',
  a: '/audit',
  e: '/people',
  s: '/settings',
} as const;

export type KeyWish =
  | { readonly type: 'help' }
  | { readonly type: 'search' }
  | { readonly type: 'go'; readonly path: string }
  | { readonly type: 'move'; readonly by: 1 | -1 }
  /** The next key says where to. */
  | { readonly type: 'wait' };

export interface Pressed {
  readonly key: string;
  readonly hasModifier: boolean;
  /** A Chinese word is being written: its keys are not meant for the page. */
  readonly isComposing: boolean;
  /** Text is being written, or something is being chosen. */
  readonly isWriting: boolean;
  readonly isDialogOpen: boolean;
  /** Something of a list has the focus. */
  readonly isInList: boolean;
  /** `g` was the key before, a moment ago. */
  readonly isAfterG: boolean;
}

/** Undefined: the key means nothing here, and the browser does with it what it does. */
export function wishOf(pressed: Pressed): KeyWish | undefined {
  const { key, hasModifier, isComposing, isWriting, isDialogOpen, isInList, isAfterG } = pressed;
  if (hasModifier || isComposing || isWriting || isDialogOpen) return undefined;
  if (isAfterG) {
    const path = Object.entries(places).find(([one]) => one === key)?.[1];
    return path === undefined ? undefined : { type: 'go', path };
  }
  switch (key) {
    case '?':
      return { type: 'help' };
    case '/':
      return { type: 'search' };
    case 'g':
      return { type: 'wait' };
    case 'j':
      return { type: 'move', by: 1 };
    case 'k':
      return { type: 'move', by: -1 };
    // Elsewhere they scroll.
    case 'ArrowDown':
      return isInList ? { type: 'move', by: 1 } : undefined;
    case 'ArrowUp':
      return isInList ? { type: 'move', by: -1 } : undefined;
    default:
      return undefined;
  }
}

const storageKey = 'points-hub-keys';

/** Whoever speaks to his machine, or whose hands slip, turns single keys off (WCAG 2.1.4). */
export function areKeysOn(): boolean {
  return localStorage.getItem(storageKey) !== 'off';
}

export function turnKeys(areOn: boolean): void {
  localStorage.setItem(storageKey, areOn ? 'on' : 'off');
}
