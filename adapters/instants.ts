/**
 * Instants as channels write them. A local time is of a zone of the tz database, so that a day there may have 23 or 25
 * hours; where clocks are turned back a local time names two instants, and is then none.
 */

export const instantFormats = ['iso', 'seconds', 'milliseconds', 'local', 'date'] as const;

/**
 * `iso`: 2026-11-20T16:00:00.000Z; `seconds`, `milliseconds`: since 1970; `local`: 2026-11-21 00:00:00 in the zone;
 * `date`: 2026-11-21 in the zone.
 */
export type InstantFormat = (typeof instantFormats)[number];

/** The zones' own clocks; a formatter is costly to make and there are few zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

export function isZone(zone: string): boolean {
  try {
    return formatterOf(zone) !== undefined;
  } catch {
    return false;
  }
}

export function writeInstant(instant: Date, format: InstantFormat, zone: string): string {
  switch (format) {
    case 'iso':
      return instant.toISOString();
    case 'seconds':
      return String(Math.floor(instant.getTime() / 1_000));
    case 'milliseconds':
      return String(instant.getTime());
    case 'local':
      return localText(instant, zone);
    case 'date':
      return localText(instant, zone).slice(0, 10);
  }
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;
const LOCAL = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?$/;

/** Undefined for what is no instant of this format, an ambiguous or skipped local time included. */
export function readInstant(text: string, format: InstantFormat, zone: string): Date | undefined {
  switch (format) {
    case 'iso':
      return ISO.test(text) ? dateOf(Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))) : undefined;
    case 'seconds':
      return /^\d{1,12}$/.test(text) ? dateOf(Number(text) * 1_000) : undefined;
    case 'milliseconds':
      return /^\d{1,15}$/.test(text) ? dateOf(Number(text)) : undefined;
    case 'local': {
      const [, date, time, fraction = ''] = LOCAL.exec(text) ?? [];
      return date === undefined || time === undefined
        ? undefined
        : instantOfLocal(`${date} ${time}`, fraction, zone);
    }
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? instantOfLocal(`${text} 00:00:00`, '', zone) : undefined;
  }
}

function dateOf(ms: number): Date | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** No zone was ever further from UTC than this; two candidates on its either side find every offset of that day. */
const OFFSET_MAX_MS = 26 * 3_600_000;

function instantOfLocal(text: string, fraction: string, zone: string): Date | undefined {
  const asUtcMs = Date.parse(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtcMs)) return undefined;
  const offsets = [-OFFSET_MAX_MS, 0, OFFSET_MAX_MS].map((ms) => offsetMs(new Date(asUtcMs + ms), zone));
  const instants = [...new Set(offsets)]
    .map((offset) => new Date(asUtcMs - offset))
    .filter((instant) => localText(instant, zone) === text);
  const [only] = instants;
  if (only === undefined || instants.length > 1) return undefined;
  return new Date(only.getTime() + Math.trunc(Number(`0${fraction}`) * 1_000));
}

/** How far the zone's clocks are ahead of UTC at this instant. */
function offsetMs(instant: Date, zone: string): number {
  return (
    Date.parse(`${localText(instant, zone).replace(' ', 'T')}Z`) -
    Math.floor(instant.getTime() / 1_000) * 1_000
  );
}

function localText(instant: Date, zone: string): string {
  const parts = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const { year = '', month, day, hour, minute, second } = parts;
  return `${year.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}`;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, made);
  return made;
}
