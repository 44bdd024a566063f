import type { Books } from './books.ts';
import type { CallKind } from './call-counts.ts';
import type { OperationKind } from './entries.ts';

/** Which endpoint of a channel or of the portal a request is for. */
export interface Route {
  /** Undefined for the portal. */
  readonly channel: string | undefined;
  readonly kind: CallKind;
  /** What the path names, still percent-encoded: a key, a member, or at the portal a channel. Else ''. */
  readonly name: string;
  readonly query: string;
}

/** Undefined for addresses that the contracts do not have, and for channels that this sandbox does not play. */
export function findRoute(books: Books, method: string, target: string): Route | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  const [, area, ...rest] = path.split('/');
  if (area === 'portal') return findPortalRoute(method, rest, query);
  const [channel = '', ...more] = rest;
  return area === 'channels' && books.channels.has(channel)
    ? findChannelRoute(channel, method, more, query)
    : undefined;
}

/** What a request to this endpoint does to the books, if it does anything. */
export function operationOf({ channel, kind }: Route): OperationKind | undefined {
  switch (kind) {
    case 'deductions':
      return channel === undefined ? 'quota-deduction' : 'deduction';
    case 'refunds':
      return 'refund';
    case 'holds':
      return 'hold';
    case 'confirmations':
      return 'confirmation';
    case 'releases':
      return 'release';
    case 'returns':
      return 'quota-return';
    case 'lookups':
    case 'scans':
    case 'balances':
    case 'statements':
      return undefined;
  }
}

function findChannelRoute(
  channel: string,
  method: string,
  path: readonly string[],
  query: string,
): Route | undefined {
  const route = (kind: CallKind, name = ''): Route => ({ channel, kind, name, query });
  switch (shapeOf(method, path)) {
    case 'POST v1/deductions':
      return route('deductions');
    case 'POST v1/refunds':
      return route('refunds');
    case 'POST v1/holds':
      return route('holds');
    case 'POST v1/confirmations':
      return route('confirmations');
    case 'POST v1/releases':
      return route('releases');
    case 'GET v1/transactions/:name':
      return route('lookups', path[2]);
    case 'GET v1/transactions':
      return route('statements');
    case 'GET v1/members/:name/transactions':
      return route('scans', path[2]);
    case 'GET v1/members/:name/balance':
      return route('balances', path[2]);
    default:
      return undefined;
  }
}

function findPortalRoute(method: string, path: readonly string[], query: string): Route | undefined {
  const route = (kind: CallKind, name = ''): Route => ({ channel: undefined, kind, name, query });
  switch (shapeOf(method, path)) {
    case 'POST v1/quota-deductions':
      return route('deductions');
    case 'POST v1/quota-returns':
      return route('returns');
    case 'GET v1/operations/:name':
      return route('lookups', path[2]);
    case 'GET v1/channels/:name/quota':
      return route('balances', path[2]);
    case 'GET v1/channels/:name/statement':
      return route('statements', path[2]);
    default:
      return undefined;
  }
}

/** The address with its third segment as `:name`. */
function shapeOf(method: string, [version = '', resource = '', name, ...more]: readonly string[]): string {
  const tail = name === undefined ? '' : ['/:name', ...more].join('/');
  return `${method} ${version}/${resource}${tail}`;
}
