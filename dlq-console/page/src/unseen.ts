/** Characters that write nothing but change what is read: they turn its direction, hide in it, or steer a terminal. */

// Line feeds and tabs are layout; joiners belong to scripts and to emoji.
const unseen =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]/g;

export interface Part {
  readonly text: string;
  /** Whether this is one such character, by its name. */
  readonly isUnseen: boolean;
}

/** The text in parts that together are all of it. */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(unseen)) {
    if (found.index > end) parts.push({ text: text.slice(end, found.index), isUnseen: false });
    parts.push({ text: nameOf(found[0]), isUnseen: true });
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isUnseen: false });
  return parts;
}

function nameOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
