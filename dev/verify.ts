/**
 * `npm run verify`: everything that a change must pass, quickest first, stopping at the first failure. The checks are
 * the `check:` scripts of package.json, so each can be run alone with `npm run check:NAME`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const steps = Object.keys(scripts).filter((name) => name.startsWith('check:'));

for (const step of [...steps, 'test:fast']) {
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
