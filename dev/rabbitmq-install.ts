import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findRabbitMq, type RabbitMqProgram } from './rabbitmq-program.ts';

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** What to tell a person whose machine has no RabbitMQ. */
const RABBITMQ_ADVICE =
  'Set AMQP_URL to a RabbitMQ of yours (3.10 or newer), or install one: `sudo apt-get install rabbitmq-server` on ' +
  'Debian and Ubuntu, `brew install rabbitmq` on macOS. An installed one is started privately; it need not be running.';

/**
 * The RabbitMQ of this machine; as root on Debian or Ubuntu it is installed with apt-get first if it is missing. The
 * package's own service is kept from starting, because nothing here uses it.
 *
 * @throws Error saying what to install, where it cannot be installed by itself.
 */
export function ensureRabbitMqInstalled(): RabbitMqProgram {
  const installed = findRabbitMq();
  if (installed !== undefined) return installed;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`RabbitMQ is needed and not installed. ${RABBITMQ_ADVICE}`);
  }
  process.stderr.write('RabbitMQ is not installed; installing rabbitmq-server with apt-get ...\n');
  withoutStartingServices(() => {
    if (!tryInstall()) {
      // The lists of packages may be missing or too old to name what the mirror still has.
      aptGet(['update']);
      if (!tryInstall()) throw new Error(`apt-get could not install rabbitmq-server. ${RABBITMQ_ADVICE}`);
    }
  });
  const program = findRabbitMq();
  if (program === undefined)
    throw new Error('apt-get installed rabbitmq-server, but its programs are not where expected');
  return program;
}

function tryInstall(): boolean {
  try {
    aptGet(['install', '--yes', '--no-install-recommends', 'rabbitmq-server']);
    return true;
  } catch {
    return false;
  }
}

function aptGet(args: readonly string[]): void {
  execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // Standard output belongs to the test report.
    stdio: ['ignore', 2, 2],
  });
}

// Debian asks this script before a package starts its service; 101 means no. One that is there already is its
// owner's decision and stays (https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt).
function withoutStartingServices(install: () => void): void {
  const ours = !existsSync(POLICY_FILE);
  if (ours) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(POLICY_FILE, { force: true });
  }
}
