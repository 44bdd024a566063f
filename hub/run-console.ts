/** The console's role: the desk behind it, the face in front, the errands beside. */
import { givesBackOf } from './channel-policy.ts';
import { HubError } from './errors.ts';
import { listen } from './mall-api/server.ts';
import { audit, openAuditTrail } from './operations/audit.ts';
import { openDesk, startDeskErrands, type DeskOptions } from './operations/desk.ts';
import type { Faces } from './operations/face.ts';
import { openPeople } from './operations/people/index.ts';
import { caseStore } from './store/case-store.ts';
import type { ConsoleSettings } from './settings.ts';
import { memberLanes } from './store/member-lanes.ts';

export interface ConsoleRole extends Pick<
  DeskOptions,
  'database' | 'config' | 'names' | 'policiesOf' | 'wakeAfterMs' | 'remotes' | 'log' | 'onCommitted'
> {
  readonly trustProxy: string | false;
  /** What is started here is pushed, to be stopped by the caller. */
  readonly stops: (() => Promise<void>)[];
}

/** @returns where it listens @throws HubError HUB_CONFIG_INVALID if this program has no console to show */
export async function startConsole(
  settings: ConsoleSettings,
  faces: Faces,
  { trustProxy, stops, ...role }: ConsoleRole,
): Promise<string> {
  if (faces.openConsole === undefined) {
    throw new HubError(
      'HUB_CONFIG_INVALID',
      'the role console is run by dlq-console/main.ts (npm run console)',
    );
  }
  const { url: consoleUrl, oidc, targets = new Map() } = settings;
  const { database, config, names, log } = role;
  // Without a name of its own it is found where it listens, by browsers of this machine.
  let foundAt = consoleUrl;
  const options: DeskOptions = {
    ...role,
    cases: caseStore(database, names),
    random: Math.random,
    monotonicMs: () => performance.now(),
    lanes: memberLanes(database, (work) => work()),
    needsLane: (id) => config.channels.get(id)?.capabilities.perUserLane ?? false,
    givesBack: (id) => givesBackOf(config.channels.get(id)),
    isChannel: (id) => config.channels.has(id),
    writeDown: audit,
    targets,
    consoleUrl: () => foundAt,
  };
  const face = faces.openConsole({
    ...openDesk(options),
    people: openPeople(database, oidc && consoleUrl ? { settings: oidc, consoleUrl } : undefined),
    trail: openAuditTrail(database),
    consoleUrl,
    trustProxy,
    log,
  });
  const server = await listen(face, settings);
  stops.push(() => server.close());
  foundAt ??= server.url;
  const errands = startDeskErrands(options);
  stops.push(() => errands.stop());
  log.info({ url: server.url }, 'the console listens');
  return server.url;
}
