/** The filters of the audit, as the URL of its screen says them. */
export const textFilters = ['action', 'subject'] as const;

const outcomes = ['done', 'begun', 'refused'] as const;

type AuditFilter = {
  -readonly [Name in 'action' | 'subject' | 'operator' | 'since' | 'until']?: string;
} & { outcome?: (typeof outcomes)[number] };

/** What the server understands of it; whatever else stands there is left out. */
export function auditFilterOf(search: URLSearchParams): AuditFilter {
  const filter: AuditFilter = {};
  const of = (name: string): string => search.get(name)?.trim() ?? '';
  for (const name of textFilters) if (of(name) !== '') filter[name] = of(name);
  if (/^[1-9]\d{0,17}$/.test(of('operator'))) filter.operator = of('operator');
  for (const name of ['since', 'until'] as const) {
    if (!Number.isNaN(Date.parse(of(name)))) filter[name] = of(name);
  }
  const outcome = outcomes.find((one) => one === of('outcome'));
  return outcome === undefined ? filter : { ...filter, outcome };
}
