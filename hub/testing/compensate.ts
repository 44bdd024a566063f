import type { ChannelDescription } from '@points-hub/adapters';
import { givesBackOf } from '../channel-policy.ts';
import { readRemoteConfig } from '../config.ts';
import type { CompensationKind } from '../core/compensation.ts';
import { Points } from '../core/points.ts';
import { audit } from '../operations/audit.ts';
import type { Caller } from '../operations/caller.ts';
import { openCompensations } from '../operations/compensation/compensations.ts';
import type { Role } from '../operations/rights.ts';
import { callerNamed } from '../operations/testing/caller.ts';
import { policiesOf } from '../settlement/policies.ts';
import { messageNames } from '../settlement/topology.ts';
import { caseStore } from '../store/case-store.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { insertOperator, listOperators } from '../store/operators.ts';
import { expect } from '@jest/globals';
import type { HubUnderTest } from './hub-under-test.ts';

/** Ada asks for what no answer of the remote bears out, and ben approves it. */
export async function compensate(
  hub: HubUnderTest,
  configPath: string,
  { id: caseId, version }: { readonly id: string; readonly version: number },
  kind: CompensationKind,
  points: string,
): Promise<void> {
  const database = openDatabase({ url: hub.database.url, applicationName: 'operator', poolMax: 2 });
  const { portal, channels } = readRemoteConfig(configPath);
  const names = messageNames(hub.prefix);
  const compensations = openCompensations({
    cases: caseStore(database, names),
    database,
    names,
    policiesOf: (id) => policiesOf(channels.get(id) as ChannelDescription, portal),
    random: Math.random,
    wakeAfterMs: 30_000,
    givesBack: (id) => givesBackOf(channels.get(id)),
    writeDown: audit,
    onCommitted: () => undefined,
  });
  const wish = { kind, points: new Points(points), remoteId: undefined };
  const why = { reasonCode: 'CHANNEL_STATEMENT', reason: 'REF-1', evidence: 'their statement' };
  const ada = await person(database, 'ada', ['operator']);
  const { id, digest } = await compensations.request(ada, caseId, version, { ...wish, ...why });
  const ben = await person(database, 'ben', ['approver']);
  const approved = await compensations.approve(ben, id, digest ?? '', undefined);
  expect(approved.state).toBe('approved');
  await database.close();
}

async function person(database: Database, name: string, roles: readonly Role[]): Promise<Caller> {
  await insertOperator(database, { name, nameKey: name, origin: 'local', roles });
  const known = (await listOperators(database)).find((one) => one.name === name);
  return callerNamed(name, known?.id ?? 'no operator was stored', roles);
}
