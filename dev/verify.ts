/**
 * `npm run verify [-- --without-tests]`: everything that a change must pass, quickest first, stopping at the first
 * failure. The checks are the `check:` scripts of package.json, so each can be run alone with `npm run check:NAME`; the
 * fast tests come last, unless they are run by themselves.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';

const { values } = parseArgs({ options: { 'without-tests': { type: 'boolean', default: false } } });

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const steps = Object.keys(scripts).filter((name) => name.startsWith('check:'));

if (!values['without-tests']) steps.push('test:fast');

for (const step of steps) {
  const startedAt = performance.now();
  console.log(styleText('bold', `▶ ${step.replace('check:', '')}`));
  // dev/bootstrap.mjs has put node_modules/.bin and with it the pinned Node first in PATH.
  const { status, signal } = spawnSync(scripts[step] ?? 'false', {
    cwd: root,
    shell: true,
    stdio: 'inherit',
  });
  if (status !== 0) {
    const how = signal === null ? `exit code ${status}` : `signal ${signal}`;
    console.log(styleText('red', `✖ ${step} failed (${how}); to see it alone: npm run ${step}`));
    process.exit(status ?? 1);
  }
  console.log(styleText('green', `✔ ${Math.round(performance.now() - startedAt)} ms`));
}
