/** A channel that signs its callbacks as Standard Webhooks 1.0 has it, with a secret that changes over. */
export const JSON_CHANNEL = `
id: airmiles
adapter: json
baseUrl: env:AIRMILES_URL
auth: { bearer: env:AIRMILES_TOKEN }
points: { scale: 2, max: "50000" }
capabilities:
  idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }
  echo: points
  query: by-key
  scan: { reachMs: forever, pageSize: 5 }
  statement: { period: range, availableAfterMs: 0, retentionMs: forever }
  reversal: by-original
  partialRefund: true
  notFoundFinalAfterMs: 0
  lateEffectCheckMs: 0
  perUserLane: false
callback: { trust: signed, secretEnv: AIRMILES_SECRET, previousSecretEnv: AIRMILES_OLD_SECRET }
`;

/** One that keeps no keys: what is sent twice is two deductions. */
export const KEYLESS_CHANNEL = JSON_CHANNEL.replace(
  'idempotency: { kind: key-replays, retentionMs: forever, remembersRejections: true }',
  'idempotency: { kind: none }\n  marker: note',
).replace('query: by-key', 'query: none');

/** One that gives back the whole only. */
export const WHOLE_ONLY_CHANNEL = JSON_CHANNEL.replace('partialRefund: true', 'partialRefund: false');
