/** A whole hub with its console, on a database of its own, with channels that answer as told. */
import { mkdtempSync, readdirSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@points-hub/dev/testing';
import { hubUnderTest, type HubUnderTest } from '../../hub/testing/hub-under-test.ts';
import { openConsole } from '../api.ts';
import type { Targets } from '../../hub/operations/notification/targets.ts';
import type { Role } from '../../hub/operations/rights.ts';
import { openLine, personAt, type Answer, type Line, type Person } from './person.ts';
import { consoleProcess, type ConsoleProcess } from './console-process.ts';
import { twistingLine, type Twist, type TwistingLine } from './twisting-line.ts';

export interface Case {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly cause: string;
  readonly channel: string | null;
  readonly leg: string | null;
  readonly count: number;
  readonly isBusy: boolean;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly attempts: readonly Readonly<Record<string, unknown>>[];
  readonly operations: readonly {
    readonly kind: string;
    readonly operator: string;
    readonly outcome: string;
  }[];
}

export type { Answer } from './person.ts';

export interface AuditRow {
  readonly actor: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly via: string;
}

export interface ConsoleUnderTest {
  readonly hub: HubUnderTest;
  readonly line: Line;
  /** Who asks where nobody else is named: an operator with a session. */
  readonly ada: Person;
  /** One more person, with a session. */
  person(name: string, roles: readonly Role[]): Promise<Person>;
  /** Asks as this person, who is made with these roles the first time. */
  askAs(
    name: string,
    held: readonly Role[],
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Answer>;
  /** The audit from its beginning, as Postgres has it. */
  audit(): Promise<readonly AuditRow[]>;
  /** What becomes of the hub's calls from now on. */
  twist(...twists: readonly Twist[]): void;
  ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Acts on a case as it is now. */
  act(caseId: string, name: string, body?: unknown, version?: number): Promise<Answer>;
  read(caseId: string): Promise<Case>;
  /** Asked for by ada and approved by bo. @returns the first answer that is no success, else the approval's */
  compensate(caseId: string, wish: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** The open cases once there are so many. */
  opened(count: number): Promise<readonly Case[]>;
  /** The case once it is in this state. */
  until(caseId: string, state: string): Promise<Case>;
  /** Net points and quota of a channel by the sandbox's own books. */
  inEffect(channel: string): readonly [points: string | undefined, quota: string | undefined];
  /** The console's process, where it is one of its own. */
  readonly apart: ConsoleProcess | undefined;
  close(): Promise<void>;
}

/**
 * @param where whether the console runs in this process or in one of its own
 * @param targets whom a console in this process can tell
 */
export async function consoleUnderTest(
  broker: 'rabbitmq' | 'in-process' = 'in-process',
  limits = 'failuresMax: 2, pendingMaxMs: 1000',
  where: 'inside' | 'apart' = 'inside',
  targets: Targets = new Map(),
): Promise<ConsoleUnderTest> {
  let twisting: TwistingLine | undefined;
  const hub = await hubUnderTest(broker, {}, async (url) => (twisting = await twistingLine(url)));
  const configFolder = impatientConfig(limits);
  const roles = new Set(['relay', 'worker', 'sweeper'] as const);
  const settings = { configFolder, sweepIntervalMs: 100 };
  const inside = { ...settings, roles: new Set([...roles, 'console'] as const) };
  const listening = { host: '127.0.0.1', port: 0, url: undefined, oidc: undefined, targets };
  const started =
    where === 'inside'
      ? await hub.start({ ...inside, console: listening }, { openConsole })
      : await hub.start({ ...settings, roles });
  let apart: ConsoleProcess | undefined;
  if (where === 'apart') {
    const remotes = { SANDBOX_URL: twisting?.url ?? '', SANDBOX_TOKEN: 'unused' };
    const environment = { DATABASE_URL: hub.database.url, ...remotes };
    apart = await consoleProcess({ environment, configFolder, prefix: hub.prefix });
    await apart.start();
  }

  const line = await openLine(apart?.url ?? started.consoleUrl ?? '');
  const person = (name: string, held: readonly Role[]) => personAt(line, hub.database.url, name, held);
  const ada = await person('ada', ['operator']);
  const others = new Map<string, Promise<Person>>();
  async function askAs(
    name: string,
    held: readonly Role[],
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const made = others.get(name) ?? person(name, held);
    others.set(name, made);
    return (await made).ask(method, path, body);
  }
  const { ask } = ada;
  async function read(caseId: string): Promise<Case> {
    const { body } = await ask('GET', `/cases/${caseId}`);
    return body as unknown as Case;
  }

  async function act(caseId: string, name: string, body: unknown = {}, version?: number): Promise<Answer> {
    const ifMatch = `"${version ?? (await read(caseId)).version}"`;
    return ask('POST', `/cases/${caseId}/${name}`, body, { 'if-match': ifMatch });
  }

  return {
    hub,
    apart,
    line,
    ada,
    person,
    askAs,
    audit: () =>
      hub.database
        .knex<AuditRow>('hub.audit')
        .select('actor', 'action', 'subject', 'outcome', 'code', 'reason', 'via')
        .orderBy('id'),
    twist: (...twists) => {
      if (twisting !== undefined) twisting.twists = twists;
    },
    ask,
    read,
    act,
    compensate: async (caseId, wish) => {
      const why = {
        reasonCode: 'BY_HAND',
        reason: 'statement of today',
        evidence: 'line 7 of the statement',
      };
      const asked = await act(caseId, 'compensations', { ...why, ...wish });
      if (asked.status !== 200) return asked;
      const { id, digest } = asked.body;
      return askAs('bo', ['approver'], 'POST', `/compensations/${String(id)}/approve`, { digest });
    },
    opened: (count) =>
      eventually(`${count} cases are open`, async () => {
        const { cases } = (await ask('GET', '/cases')).body as { cases: readonly Case[] };
        return cases.length >= count && cases;
      }),
    until: (caseId, state) =>
      eventually(`case ${caseId} is ${state}`, async () => {
        const now = await read(caseId);
        return now.state === state && !now.isBusy && now;
      }),
    inEffect: (channel) => {
      const { channels, portal } = hub.sandbox.books();
      return [channels[channel]?.net, portal.quotas[channel]?.used];
    },
    close: async () => {
      await apart?.close();
      await hub.close();
      rmSync(configFolder, { recursive: true });
    },
  };
}

/** The development configuration with limits that a test can wait for. */
function impatientConfig(limits: string): string {
  const source = join(import.meta.dirname, '../../dev/config');
  const folder = mkdtempSync(join(tmpdir(), 'points-hub-config-'));
  mkdirSync(join(folder, 'channels'));
  const files = [
    'portal.yaml',
    ...readdirSync(join(source, 'channels')).map((name) => join('channels', name)),
  ];
  for (const file of files) {
    const yaml = readFileSync(join(source, file), 'utf8').replace('limits: {', `limits: { ${limits},`);
    writeFileSync(join(folder, file), yaml);
  }
  return folder;
}
