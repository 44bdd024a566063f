/** The two lists of a JSON channel, page by page. */
import type { Marker } from '../capabilities.ts';
import { classifyExchange } from '../classification.ts';
import type { CallContext } from '../contract.ts';
import type { Window } from '../look-ups/day-window.ts';
import { unmapped, withoutAnswer, type PageRead, type ReadPage } from '../look-ups/search.ts';
import { callRemote, type RemoteSettings } from '../remote-call.ts';
import { readTransactionPage } from './transaction-page.ts';

interface List {
  readonly path: string;
  readonly shownPath?: string;
  readonly query: Readonly<Record<string, string>>;
  readonly isStatement: boolean;
}

/** The member's transactions, the newest first. */
export function memberPages(
  remote: RemoteSettings,
  memberRef: string,
  { pageSize, marker }: { readonly pageSize: number; readonly marker: Marker },
): ReadPage {
  const list: List = {
    path: `/v1/members/${encodeURIComponent(memberRef.toWellFormed())}/transactions`,
    shownPath: '/v1/members/{member}/transactions',
    query: { limit: String(pageSize) },
    isStatement: false,
  };
  return ({ cursor }, _window, context) => readPage(remote, list, { cursor, memberRef, marker }, context);
}

/** The statement of all members. */
export function statementPages(
  remote: RemoteSettings,
  memberRef: string,
  { pageSize, marker }: { readonly pageSize: number; readonly marker: Marker },
): ReadPage {
  const list = ({ fromMs, toMs }: Window): List => ({
    path: '/v1/transactions',
    query: {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      limit: String(pageSize),
    },
    isStatement: true,
  });
  return ({ cursor }, window, context) =>
    readPage(remote, list(window), { cursor, memberRef, marker }, context);
}

async function readPage(
  remote: RemoteSettings,
  { path, shownPath = path, query, isStatement }: List,
  asked: { readonly cursor: string | undefined; readonly memberRef: string; readonly marker: Marker },
  context: CallContext,
): Promise<PageRead> {
  const { cursor, memberRef, marker } = asked;
  const parameters = new URLSearchParams({ ...query, ...(cursor === undefined ? {} : { cursor }) });
  const { exchange, facts } = await callRemote(
    remote,
    { method: 'GET', path: `${path}?${parameters.toString()}`, shownPath, personal: [memberRef] },
    context,
  );
  const answer = classifyExchange(exchange, facts);
  switch (answer.type) {
    case 'success':
      break;
    case 'rejected':
      if (answer.reason === 'member_unknown') return { type: 'nobody', evidence: answer.evidence };
      return unmapped(answer.evidence, 'a refusal in answer to a list');
    case 'not_found':
      return unmapped(answer.evidence, 'a look-up answer to a list');
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return answer;
  }
  const page = answer.status === 200 ? readTransactionPage(answer.body, marker) : undefined;
  if (page === undefined) return unmapped(withoutAnswer(answer.evidence), 'a page that cannot be read');
  // A statement that does not say how far it goes goes nowhere.
  const completeUntilMs = page.completeUntilMs ?? (isStatement ? -Infinity : undefined);
  return { type: 'page', ...page, completeUntilMs, evidence: answer.evidence };
}
