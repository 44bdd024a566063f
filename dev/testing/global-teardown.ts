import { endLeftovers } from './leftovers.ts';
import { stopTestServers } from './servers.ts';

/** Runs once after the tests. @throws Error, which fails the run, when a test left a process running. */
export default async function globalTeardown(): Promise<void> {
  await stopTestServers();
  const leftovers = await endLeftovers(process.env['TEST_RUN'] ?? '');
  if (leftovers.length > 0) {
    const lines = leftovers.map(({ identity, command }) => `  ${identity.pid} ${command.slice(0, 200)}`);
    throw new Error(
      `tests left these processes running; stop them in the test that starts them:\n${lines.join('\n')}`,
    );
  }
}
