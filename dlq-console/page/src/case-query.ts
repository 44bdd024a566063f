/** The filters of a list of cases, as its URL says them: a link shows another person the same list. */
export const states = ['open', 'ignored', 'resolved', 'recovered'] as const;

export const textFilters = [
  'channel',
  'cause',
  'operation',
  'fingerprint',
  'claimedBy',
  'pointsMin',
  'pointsMax',
  'orderId',
] as const;

type TextFilters = { -readonly [Name in (typeof textFilters)[number]]?: string };

/** What the URL says and the server understands; whatever else stands there is left out. */
export function readCaseQuery(search: URLSearchParams): TextFilters & { state: (typeof states)[number] } {
  const state = states.find((one) => one === search.get('state')) ?? 'open';
  const given: TextFilters = {};
  for (const name of textFilters) {
    const value = search.get(name)?.trim() ?? '';
    if (value !== '') given[name] = value;
  }
  return { ...given, state };
}

/** Other filters begin at the first page. */
export function withFilter(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(search);
  changed.delete('cursor');
  if (value.trim() === '') changed.delete(name);
  else changed.set(name, value.trim());
  return changed;
}
