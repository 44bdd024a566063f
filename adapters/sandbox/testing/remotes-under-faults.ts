/** A sandbox with one channel and the portal, called by the adapters over real sockets. */
import { Decimal } from 'decimal.js';

import type { Outcome, QueryOutcome } from '../../contract.ts';
import { openUndiciTransport } from '../../http/undici-transport.ts';
import { JsonChannel } from '../../json-channel/json-channel.ts';
import { PortalClient } from '../../portal/portal-client.ts';
import type { BooksEntry } from '../books-report.ts';
import { createSandbox, type SandboxOptions } from '../sandbox.ts';

const MEMBER = 'ann';
/** Ample for an answer on one machine; for a call that is never answered, what the test waits. */
const PATIENCE_MS = { ample: 10_000, short: 400 };

export async function openRemotesUnderFaults(options: Partial<SandboxOptions> = {}) {
  const sandbox = await createSandbox({ channels: ['airmiles', 'bankplus'], ...options });
  const transport = (path: string) =>
    openUndiciTransport({ baseUrl: sandbox.url + path, connectionsMax: 16, connectTimeoutMs: 2_000 });
  const channel = new JsonChannel({
    channel: 'airmiles',
    bearerToken: undefined,
    transport: transport('/channels/airmiles'),
  });
  const portal = new PortalClient({ bearerToken: undefined, transport: transport('/portal') });
  const context = (patience: keyof typeof PATIENCE_MS = 'ample') => ({
    deadlineMs: PATIENCE_MS[patience],
    maySend: () => true,
  });
  const operation = (key: string, points: string) => ({ key, orderId: 'o1', points: new Decimal(points) });

  async function administer(method: string, path: string, body?: unknown) {
    const response = await fetch(`${sandbox.url}/admin/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  return {
    sandbox,
    channel,
    administer,
    /** Sets the faults of airmiles. */
    async set(plan: unknown, remote = 'channels/airmiles'): Promise<void> {
      const { status, body } = await administer('PUT', `${remote}/faults`, plan);
      if (status !== 200) throw new Error(JSON.stringify(body));
    },
    end: (remote = 'channels/airmiles') => administer('DELETE', `${remote}/faults`),
    /** How often each fault came true at airmiles. */
    met: async (remote = 'channels/airmiles') => (await administer('GET', `${remote}/faults`)).body['met'],
    deduct: (key: string, points = '10', patience?: keyof typeof PATIENCE_MS) =>
      channel.deduct({ ...operation(key, points), memberRef: MEMBER }, context(patience)),
    refund: (key: string, originalKey: string, points = '10', patience?: keyof typeof PATIENCE_MS) =>
      channel.refund(
        { ...operation(key, points), memberRef: MEMBER, originalKey, originalRemoteId: undefined },
        context(patience),
      ),
    query: (key: string) => channel.query(key, MEMBER, context()),
    balance: () => channel.balance(MEMBER, context()),
    takeQuota: (key: string, points = '10', patience?: keyof typeof PATIENCE_MS) =>
      portal.deduct({ ...operation(key, points), channel: 'airmiles' }, context(patience)),
    returnQuota: (key: string, originalKey: string, points = '10', patience?: keyof typeof PATIENCE_MS) =>
      portal.giveBack({ ...operation(key, points), channel: 'airmiles', originalKey }, context(patience)),
    findQuota: (key: string) => portal.find(key, context()),
    /** What airmiles took less what it gave back, by its books. */
    net: () => sandbox.books().channels['airmiles']?.net,
    refunded: () => sandbox.books().channels['airmiles']?.refunded,
    returned: () => sandbox.books().portal.quotas['airmiles']?.returned,
    quotaUsed: () => sandbox.books().portal.quotas['airmiles']?.used,
    /** Every effect in the books as `key points`, in its order. */
    async effects(): Promise<string[]> {
      const text = await (await fetch(`${sandbox.url}/books/entries`)).text();
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as BooksEntry).map(({ key, points }) => `${key} ${points}`);
    },
    async close(): Promise<void> {
      await channel.close();
      await portal.close();
      await sandbox.close();
    },
  };
}

export type RemotesUnderFaults = Awaited<ReturnType<typeof openRemotesUnderFaults>>;

/** An outcome in a few words: its type, then what qualifies it. */
export function inWords(outcome: Outcome | QueryOutcome): string {
  switch (outcome.type) {
    case 'done':
      return `done ${outcome.points.toFixed()}${outcome.replayed ? ' replayed' : ''}`;
    case 'rejected':
      return `rejected ${outcome.reason}`;
    case 'pending':
      return 'pending';
    case 'unknown':
    case 'not_sent':
      return `${outcome.type} ${outcome.cause}`;
    case 'misconfigured':
      return `misconfigured ${outcome.code}`;
    case 'found':
      return `found ${inWords(outcome.outcome)}`;
    case 'not_found':
      return 'not_found';
  }
}
