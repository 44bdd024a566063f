/** A whole hub with its console, on a database of its own, with channels that answer as told. */
import { mkdtempSync, readdirSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@points-hub/dev/testing';
import { hubUnderTest, type HubUnderTest } from '../../hub/testing/hub-under-test.ts';
import { openConsole } from '../api.ts';
import { consoleProcess, type ConsoleProcess } from './console-process.ts';
import { twistingLine, type Twist, type TwistingLine } from './twisting-line.ts';

const token = 'a-token-for-the-tests-only';

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

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ConsoleUnderTest {
  readonly hub: HubUnderTest;
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

/** @param where whether the console runs in this process or in one of its own */
export async function consoleUnderTest(
  broker: 'rabbitmq' | 'in-process' = 'in-process',
  limits = 'failuresMax: 2, pendingMaxMs: 1000',
  where: 'inside' | 'apart' = 'inside',
): Promise<ConsoleUnderTest> {
  let line: TwistingLine | undefined;
  const hub = await hubUnderTest(broker, {}, async (url) => (line = await twistingLine(url)));
  const configFolder = impatientConfig(limits);
  const roles = new Set(['relay', 'worker', 'sweeper'] as const);
  const settings = { configFolder, sweepIntervalMs: 100 };
  const inside = { ...settings, roles: new Set([...roles, 'console'] as const) };
  const listening = { host: '127.0.0.1', port: 0, token };
  const started =
    where === 'inside'
      ? await hub.start({ ...inside, console: listening }, { openConsole })
      : await hub.start({ ...settings, roles });
  let apart: ConsoleProcess | undefined;
  if (where === 'apart') {
    const remotes = { SANDBOX_URL: line?.url ?? '', SANDBOX_TOKEN: 'unused' };
    const environment = { DATABASE_URL: hub.database.url, ...remotes };
    apart = await consoleProcess({ environment, configFolder, prefix: hub.prefix, token });
    await apart.start();
  }
  const consoleUrl = apart?.url ?? started.consoleUrl ?? '';

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${consoleUrl}/ops/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-operator': 'ada',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
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
    twist: (...twists) => {
      if (line !== undefined) line.twists = twists;
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
      return ask('POST', `/compensations/${String(id)}/approve`, { digest }, { 'x-operator': 'bo' });
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
