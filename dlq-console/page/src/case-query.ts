/** The filters of a list of cases, as its URL says them: a link shows another person the same list. */
export const states = ['open', 'ignored', 'resolved', 'recovered'] as const;

export const textFilters = [
  'channel',
  'cause',
  'operation',
  'fingerprint',
  'claimedBy',
  'since',
  'until',
  'pointsMin',
  'pointsMax',
  'orderId',
] as const;

type TextFilters = { -readonly [Name in (typeof textFilters)[number]]?: string };
type State = (typeof states)[number] | 'any';

/** What the URL says and the server understands; whatever else stands there is left out. */
export function readCaseQuery(search: URLSearchParams): TextFilters & { state: State } {
  const given: TextFilters = {};
  for (const name of textFilters) {
    const value = search.get(name)?.trim() ?? '';
    const isTime = name === 'since' || name === 'until';
    if (value !== '' && !(isTime && Number.isNaN(Date.parse(value)))) given[name] = value;
  }
  const asked = search.get('state');
  // Of one order there are few cases, so that the server lists those of any state.
  if (asked === 'any' && given.orderId !== undefined) return { ...given, state: 'any' };
  return { ...given, state: states.find((one) => one === asked) ?? 'open' };
}

/** Other filters begin at the first page. */
export function withFilter(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(search);
  changed.delete('cursor');
  if (value.trim() === '') changed.delete(name);
  else changed.set(name, value.trim());
  return changed;
}

/** What a saved view keeps of an address: the filters, not the place in the list. */
export function savedQuery(search: URLSearchParams): string {
  const kept = withFilter(search, 'cursor', '');
  kept.sort();
  return kept.toString();
}

/** A time of the URL as a field for date and time shows it, in the person's zone; empty where there is none. */
export function timeInField(time: string | null): string {
  const at = new Date(time ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What such a field holds as the URL says it. */
export function timeOfField(value: string): string {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
