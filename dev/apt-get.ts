import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Whether packages can be installed here without asking anybody: as root on Debian or Ubuntu. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Installs a package of the distribution. Its service, if it has one, is kept from starting, because nothing here uses
 * it.
 *
 * @throws Error with this advice, where the mirror does not have it
 */
export function installPackage(name: string, advice: string): void {
  process.stderr.write(`${name} is not installed; installing it with apt-get ...\n`);
  withoutStartingServices(() => {
    if (tryInstall(name)) return;
    // The lists of packages may be missing or too old to name what the mirror still has.
    aptGet(['update']);
    if (!tryInstall(name)) throw new Error(`apt-get could not install ${name}. ${advice}`);
  });
}

function tryInstall(name: string): boolean {
  try {
    aptGet(['install', '--yes', '--no-install-recommends', name]);
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
