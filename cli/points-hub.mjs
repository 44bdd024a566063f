#!/usr/bin/env node
// The command `points-hub` of an installed clone. It runs on any Node from 20 up: where that cannot run TypeScript, the
// Node that the project pins does, and this process stays its faithful parent.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(folder, 'main.ts');
const pinnedNode = join(
  folder,
  '..',
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

if (process.features.typescript) {
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else if (existsSync(pinnedNode)) {
  const child = spawn(pinnedNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child from the terminal as well; this process only has to outlive it.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`points-hub: cannot run ${pinnedNode}: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
} else {
  process.stderr.write(
    'points-hub: nothing is installed yet; run npm ci in the folder of the project, then again.\n',
  );
  process.exit(1);
}
