import { readChannelDescription } from '../channel-description.ts';
import { openChannel } from '../open-remote.ts';
import { createSandbox } from '../sandbox/index.ts';
import { DECLARED_JSON_CHANNEL } from '../testing/channel-contract.ts';
import { describeLookUps, type LookUpsHarness } from '../testing/look-ups-contract.ts';

const SHORT = DECLARED_JSON_CHANNEL.replace(
  'scan: { reachMs: forever }',
  'scan: { reachMs: forever, pageSize: 2, pagesMax: 2 }',
)
  .replace('retentionMs: forever }\n  hold', 'retentionMs: forever, pageSize: 2, pagesMax: 2 }\n  hold')
  .replace('  perUserLane: false', '  perUserLane: false\n  clockSkewMs: 0');
/** For a channel that does not keep keys. */
const NOTED = SHORT.replaceAll('json: { key:', "json: { note: '{key}', key:")
  .replace('        {\n          key:', "        {\n          note: '{key}',\n          key:")
  .replace('marker: $.key', 'marker: $.note')
  // Such a channel echoes no key either.
  .replaceAll(' and $.key == key', '');

/** Over real sockets. The two clocks are one. */
async function open(yaml: string, nature: object): Promise<LookUpsHarness> {
  const sandbox = await createSandbox({ channels: ['airmiles'], natures: { airmiles: nature } });
  const env = { SANDBOX_URL: sandbox.url, AIRMILES_TOKEN: 't0ken' };
  const channel = openChannel(readChannelDescription(yaml, 'airmiles.yaml'), env);
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
  describeLookUps('a described channel that keeps keys', lookUp, () => open(SHORT, {}));
  describeLookUps('a described channel that keeps none', lookUp, () =>
    open(NOTED, { keys: 'ignored', lookups: false }),
  );
}
