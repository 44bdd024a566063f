import { existsSync } from 'node:fs';
import { canInstall, installPackage } from './apt-get.ts';

const CHROMIUM_ADVICE =
  'Set CHROMIUM to the program of a Chromium or Chrome of yours, or install one: `sudo apt-get install chromium` on ' +
  'Debian, `brew install --cask chromium` on macOS.';

const programs = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * The program of this machine's Chromium; as root on Debian it is installed with apt-get first if it is missing.
 *
 * @throws Error saying what to install, where it cannot be installed by itself.
 */
export function ensureChromiumInstalled(): string {
  const installed = findChromium();
  if (installed !== undefined) return installed;
  if (!canInstall()) throw new Error(`Chromium is needed and not installed. ${CHROMIUM_ADVICE}`);
  installPackage('chromium', CHROMIUM_ADVICE);
  const program = findChromium();
  if (program === undefined) throw new Error(`apt-get installed no Chromium. ${CHROMIUM_ADVICE}`);
  return program;
}

function findChromium(): string | undefined {
  const chosen = process.env['CHROMIUM'] ?? '';
  if (chosen !== '') return chosen;
  return programs.find((program) => existsSync(program));
}
