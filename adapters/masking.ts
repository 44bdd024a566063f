import type { Evidence } from './contract.ts';

/**
 * Evidence is kept for months and read by many people, so it never holds what opens an account or names a member.
 * Two nets, since either alone has holes: the values that this very call used, in every spelling in which they may
 * come back, and the fields that hold such things whatever their value.
 */
export interface Masker {
  /** The text with every known value and every sensitive field's scalar replaced. */
  mask(text: string): string;
}

/** U+2022 occurs in no header, token or percent-encoded path, so a mask never completes another secret. */
export const MASK = '•••';

/** Names of JSON fields that are masked whatever they hold, in either case and with `_` and `-` anywhere in them. */
const SENSITIVE_FIELDS: readonly string[] = [
  'accesstoken',
  'apikey',
  'authorization',
  'cardno',
  'cardnumber',
  'clientsecret',
  'email',
  'member',
  'memberid',
  'memberref',
  'mobile',
  'password',
  'phone',
  'refreshtoken',
  'secret',
  'sign',
  'signature',
  'token',
  'userid',
];

/** Shorter values are masked only where they stand alone: masking every `7` would leave no evidence. */
const STANDS_ALONE_BELOW_CHARS = 4;

const ANSWER_CHARS_MAX = 1_024;
const EVIDENCE_BYTES_MAX = 4_096;
/**
 * With so short an answer it is within its bytes for certain: a character is at most 3 of them, all other texts are at most
 * 664 characters, and names, numbers and punctuation at most 170.
 */
const ANSWER_CHARS_SURE = 600;

/**
 * A sensitive JSON field with a scalar value; the value's closing quote is missing where an answer was cut off. The names are
 * in the pattern: looking at every field there is took 3.2 instead of 0.6 µs per answer.
 */
const SENSITIVE_FIELD = new RegExp(
  `("[_-]*(?:${SENSITIVE_FIELDS.map((name) => name.split('').join('[_-]*')).join('|')})[_-]*"\\s*:\\s*)` +
    String.raw`(?:"(?:[^"\\]|\\.)*\\?(?:"|$)|-?\d[\d.e+-]*|true|false)`,
  'gis',
);

/** For one call: `values` are its secrets and user references. Empty ones are ignored. */
export function createMasker(values: readonly string[]): Masker {
  const maskValues = valuesMasker(values);
  return {
    // Values first: a field that is masked could otherwise leave one half of a value that reaches into it.
    mask: (text) => maskFields(maskValues(text)),
  };
}

function maskFields(text: string): string {
  // Most texts of evidence are no JSON, and looking for fields costs more than everything else that is done to them.
  if (!text.includes('"')) return text;
  return text.replace(SENSITIVE_FIELD, `$1"${MASK}"`);
}

/**
 * Masks every text first and cuts it afterwards, so that no secret survives as the half that the cut left; then
 * shortens the answer until the whole is at most 4,096 bytes of JSON. Control characters and lone surrogates become
 * U+FFFD: Postgres' jsonb refuses NUL and halves of characters.
 */
export function maskEvidence(evidence: Evidence, masker: Masker): Evidence {
  const { httpStatus, remoteCode, remoteId, request, answer, detail, elapsedMs } = evidence;
  const tidy = (text: string, charsMax: number): string =>
    printable(masker.mask(text)).slice(0, charsMax).toWellFormed();
  const masked = {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(remoteCode === undefined ? {} : { remoteCode: tidy(remoteCode, 64) }),
    ...(remoteId === undefined ? {} : { remoteId: tidy(remoteId, 128) }),
    ...(request === undefined
      ? {}
      : { request: { method: tidy(request.method, 16), path: tidy(request.path, 256) } }),
    ...(detail === undefined ? {} : { detail: tidy(detail, 200) }),
    ...(elapsedMs === undefined ? {} : { elapsedMs: Math.round(elapsedMs) }),
  };
  if (answer === undefined) return masked;
  let shown = tidy(answer, ANSWER_CHARS_MAX);
  while (
    shown.length > ANSWER_CHARS_SURE &&
    Buffer.byteLength(JSON.stringify({ ...masked, answer: shown })) > EVIDENCE_BYTES_MAX
  ) {
    shown = shown.slice(0, shown.length >> 1).toWellFormed();
  }
  return { ...masked, answer: shown };
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** No pattern is made before it is needed, and for one long value none at all: making one cost as much as the call. */
function valuesMasker(values: readonly string[]): (text: string) => string {
  const spellings = [...new Set(values.flatMap(spellingsOf))];
  let pattern: RegExp | undefined;
  return (text) => {
    const met = spellings.filter((spelling) => text.includes(spelling));
    const [only] = met;
    if (only === undefined) return text;
    if (met.length === 1 && only.length >= STANDS_ALONE_BELOW_CHARS) return text.replaceAll(only, MASK);
    return text.replace((pattern ??= patternOf(spellings)), MASK);
  };
}

/** One alternation over every spelling of every value, longest first, so that no value survives inside another. */
function patternOf(spellings: readonly string[]): RegExp {
  const alternatives = spellings
    .toSorted((one, other) => other.length - one.length)
    .map((spelling) => {
      const literal = spelling.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      return spelling.length < STANDS_ALONE_BELOW_CHARS
        ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`
        : literal;
    });
  return new RegExp(alternatives.join('|'), 'gu');
}

/** Of letters that are the same in every spelling. */
const PLAIN = /^[\w.-]+$/;

/** As it is, percent-encoded, and in JSON, with and without escaped slashes and letters beyond ASCII. */
function spellingsOf(value: string): string[] {
  if (value === '') return [];
  if (PLAIN.test(value)) return [value];
  const whole = value.toWellFormed();
  const json = JSON.stringify(whole).slice(1, -1);
  const lower = json.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const upper = lower.replace(/\\u[0-9a-f]{4}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`);
  const percent = encodeURIComponent(whole);
  return [
    whole,
    ...[json, lower, upper].flatMap((spelling) => [spelling, spelling.replaceAll('/', '\\/')]),
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    percent.replaceAll('%20', '+'),
  ];
}
