/**
 * The mall API on a real socket and a real Postgres of its own, with channels that answer as told. Every answer is
 * held against /openapi.json before a test sees it.
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BalanceOutcome, ChannelAdapter, Portal } from '@points-hub/adapters';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { Points } from '../../core/points.ts';
import { HubError } from '../../errors.ts';
import { orderEnds, type OrderEnds } from '../../order-ends.ts';
import { policies } from '../../core/testing/samples.ts';
import type { Remotes } from '../../settlement/remote-call.ts';
import { settler } from '../../settlement/settle.ts';
import { settlementStore } from '../../store/settlements.ts';
import { messageNames } from '../../settlement/topology.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { createApiKey, type CreatedApiKey } from '../../store/malls.ts';
import { migrateHub } from '../../store/migrate.ts';
import { openMallApi, type MallApiOptions } from '../app.ts';
import { openApiDocument } from '../openapi.ts';
import { listen, type ListeningServer } from '../server.ts';
import { cuttableLine, type CuttableLine } from './cuttable-line.ts';
import { schemaCheck } from './schema-check.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of JSON text. */
  readonly body: unknown;
}

export interface Ask {
  readonly method?: string;
  /** Default: the key of the mall `shop`; null sends none. */
  readonly apiKey?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or octets are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface MallApiUnderTest {
  readonly server: ListeningServer;
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  /** Between the API and Postgres. */
  readonly line: CuttableLine;
  readonly shop: CreatedApiKey;
  readonly otherMall: CreatedApiKey;
  readonly orderEnds: OrderEnds;
  /** How often `onPlaced` was told. */
  placedCount(): number;
  /** Lines of the log so far. */
  log(): readonly Readonly<Record<string, unknown>>[];
  /** Sends `path` as it is. */
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** The rows of every table that a request may write. */
  stored(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

const testRules = new Map([
  ['airmiles', { scale: 2, max: new Points('50000'), givesBack: true, holdsForMs: 0 }],
  ['telco', { scale: 0, max: new Points('1000'), givesBack: true, holdsForMs: 0 }],
]);

const balance = (): Promise<BalanceOutcome> =>
  Promise.resolve({ type: 'balance', points: new Points('100'), asOf: new Date() });

export async function mallApiUnderTest(overrides: Partial<MallApiOptions> = {}): Promise<MallApiUnderTest> {
  const testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  const line = await cuttableLine(testDatabase.url);
  const database = openDatabase({ url: line.url, applicationName: 'test', poolMax: 4 });
  const shop = await createApiKey(database, { mallId: 'shop', ratePerSecond: 10_000 });
  const otherMall = await createApiKey(database, { mallId: 'other', ratePerSecond: 10_000 });
  const lines: string[] = [];
  const ends = orderEnds();
  let placed = 0;
  const log = pino({ level: 'info' }, { write: (logged) => lines.push(logged) });
  const names = messageNames();
  const remotes: Remotes = {
    channel: () => ({ balance }) as unknown as ChannelAdapter,
    portal: { remaining: balance } as unknown as Portal,
  };
  const turningBack = settler({
    store: settlementStore({ database, names, wakeAfterMs: 30_000, patienceUntil: undefined, log }),
    remotes,
    policiesOf: () => policies,
    wakeAfterMs: 30_000,
    log,
    monotonicMs: () => performance.now(),
    random: Math.random,
    onCommitted: () => undefined,
  });
  const api = openMallApi({
    callbacks: { take: () => Promise.reject(new HubError('HUB_CALLBACK_CHANNEL_UNKNOWN', 'none')) },
    database,
    rules: testRules,
    remotes,
    settler: turningBack,
    channels: new Map(),
    portal: {
      limits: {
        callTimeoutMs: 1_000,
        connectTimeoutMs: 1_000,
        concurrencyMax: 1,
        connectionsMax: 1,
        answerBytesMax: 1_024,
        failuresMax: 20,
        pendingMaxMs: 60_000,
        breaker: {
          failuresMax: 5,
          windowMs: 1_000,
          callsMin: 20,
          failureShareMax: 0.5,
          openMs: 1_000,
          openMaxMs: 1_000,
        },
      },
    },
    placing: { names, wakeAfterMs: 30_000 },
    onPlaced: () => {
      placed += 1;
    },
    orderEnds: ends,
    readiness: {},
    log,
    ...overrides,
  });
  const server = await listen(api, { host: '127.0.0.1', port: 0 });
  const check = schemaCheck(openApiDocument([]));

  async function ask(path: string, asked: Ask = {}): Promise<Answer> {
    const { method = asked.body === undefined ? 'GET' : 'POST', apiKey = shop.apiKey, signal } = asked;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
          ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...asked.headers,
        },
      },
      (response) => {
        text(response).then((answered) => {
          const { statusCode: status = 0, headers } = response;
          const isJson = headers['content-type']?.includes('json') === true && answered !== '';
          resolve({ status, headers, text: answered, body: isJson ? JSON.parse(answered) : undefined });
        }, reject);
      },
    );
    request.on('error', reject);
    request.end(octetsOf(asked.body));
    const answer = await promise;
    checkAnswer(method, path, answer);
    return answer;
  }

  /** Readiness and every success by its operation, everything else as a problem. */
  function checkAnswer(method: string, path: string, { status, headers, body }: Answer): void {
    if (method === 'HEAD' || status === 204) return;
    const isProblem = headers['content-type'] === 'application/problem+json';
    const pointer = isProblem
      ? '/components/schemas/Problem'
      : `/paths/${escaped(templateOf(path))}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
    const fault = check.at(pointer, body);
    const isStatusTrue = !isProblem || (body as { status: number }).status === status;
    if (fault !== 'valid' || !isStatusTrue) {
      throw new Error(
        `${method} ${path} → ${status} breaks /openapi.json: ${JSON.stringify({ fault, body })}`,
      );
    }
  }

  return {
    server,
    testDatabase,
    database,
    line,
    shop,
    otherMall,
    orderEnds: ends,
    placedCount: () => placed,
    log: () => lines.map((logged) => JSON.parse(logged) as Record<string, unknown>),
    ask,
    stored: async () => {
      const tables = ['hub.orders', 'hub.deductions', 'hub.idempotency_keys', 'outbox.messages'];
      const counts = tables.map(async (table) => {
        const { rows } = await database.query<{ rows: number }>(`select count(*)::int as rows from ${table}`);
        return [table, rows[0]?.rows ?? 0] as const;
      });
      return Object.fromEntries(await Promise.all(counts));
    },
    close: async () => {
      await server.close();
      await database.close();
      await line.cut();
      await testDatabase.drop();
    },
  };
}

function octetsOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function templateOf(path: string): string {
  return path.replace(/^\/v1\/orders\/[^/]+/, '/v1/orders/{orderId}');
}

function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
