import { openUndiciTransport } from '../http/undici-transport.ts';
import { createSandbox } from '../sandbox/index.ts';
import { describeLookUps, type LookUpsHarness } from '../testing/look-ups-contract.ts';
import { JsonChannel, type JsonChannelTerms } from './json-channel.ts';

const LISTS = {
  scan: { reachMs: 'forever', pageSize: 2, pagesMax: 2 },
  statement: {
    period: 'range',
    zone: 'UTC',
    availableAfterMs: 0,
    retentionMs: 'forever',
    pageSize: 2,
    pagesMax: 2,
  },
} as const;

/** Over real sockets. The two clocks are one. */
async function open(nature: object, marker: 'key' | 'note'): Promise<LookUpsHarness> {
  const sandbox = await createSandbox({ channels: ['airmiles'], natures: { airmiles: nature } });
  const terms: JsonChannelTerms = { echo: 'points', marker, clockSkewMs: 0, ...LISTS };
  const channel = new JsonChannel({
    channel: 'airmiles',
    bearerToken: undefined,
    terms,
    transport: openUndiciTransport({
      baseUrl: `${sandbox.url}/channels/airmiles`,
      connectionsMax: 4,
      connectTimeoutMs: 2_000,
    }),
  });
  async function set(...faults: readonly object[]): Promise<void> {
    const url = `${sandbox.url}/admin/channels/airmiles/faults`;
    const response = await fetch(url, { method: 'PUT', body: JSON.stringify({ faults }) });
    if (response.status !== 200) throw new Error(await response.text());
  }
  return {
    channel,
    loseNextAnswer: () => set({ kind: 'reset-after-effect', on: ['deductions', 'refunds'], next: 1 }),
    lagOnce: () => set({ kind: 'query-lag', on: ['scans', 'statements'], next: 1, lagMs: 3_600_000 }),
    close: async () => {
      await channel.close();
      await sandbox.close();
    },
  };
}

for (const lookUp of ['scan', 'statement'] as const) {
  describeLookUps('a JSON channel that keeps keys', lookUp, () => open({}, 'key'));
  describeLookUps('a JSON channel that keeps none', lookUp, () =>
    open({ keys: 'ignored', lookups: false }, 'note'),
  );
}
