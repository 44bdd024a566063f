/** Texts that came from elsewhere, made harmless for a terminal; and what a person may write for a time. */
import { CliFailure } from './failure.ts';

/**
 * Controls (escape sequences begin with one), marks that turn the direction of writing or are invisible, separators of
 * lines, and what is no character at all.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;

/** One line, in which whatever could act on a terminal is shown as what it is: `\u{1b}`. */
export function plain(text: string): string {
  return text.replace(unsafe, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** As `plain`, with its lines left as lines. */
export function plainLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(plain);
}

/** JSON that says the same and is harmless on a terminal, too: escaped as JSON escapes. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(unsafe, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A time as the API takes it, of one such, or of `30m`, `2h`, `7d` before `now`.
 *
 * @throws CliFailure
 */
export function timeOf(written: string, now: Date): string {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(written) ?? [];
  if (count !== undefined && unit !== undefined) {
    return new Date(now.getTime() - Number(count) * unitsMs[unit as keyof typeof unitsMs]).toISOString();
  }
  const time = new Date(written);
  if (/^\d{4}-\d\d-\d\d/.test(written) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new CliFailure('HUB_REQUEST_INVALID', `"${written}" is no time`, {
    cure: 'Write 2026-01-31T08:00:00Z, or 30m, 2h, 7d for so long ago.',
  });
}

/** A time as people read it, in UTC like everything the hub says. */
export function shortTime(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? '' : iso.replace('T', ' ').replace(/(\.\d+)?Z$/, 'Z');
}
