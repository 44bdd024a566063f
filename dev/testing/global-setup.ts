import { randomBytes } from 'node:crypto';
import { startTestServers } from './servers.ts';

/**
 * Runs once before a jest run that has integration tests in it, in jest's own process. Every process that a test
 * starts inherits TEST_RUN, by which the teardown finds those that were left behind.
 */
export default async function globalSetup(): Promise<void> {
  process.env['TEST_RUN'] = randomBytes(8).toString('hex');
  await startTestServers();
}
