// The door behind every npm script. It runs on any Node from 20 up, needs nothing installed, and does three things:
// installs what package-lock.json asks for if that is not there, starts the wanted program with the Node that the
// project pins, and stays its faithful parent: arguments, signals and the exit code pass through.
//
//   node dev/bootstrap.mjs FILE.ts [ARGUMENT ...]      a TypeScript entry
//   node dev/bootstrap.mjs --jest [ARGUMENT ...]       the tests
//   node dev/bootstrap.mjs --bin NAME [ARGUMENT ...]   a program from node_modules/.bin
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 20;
// Ctrl-C reaches this process from the terminal and once more from npm, which forwards it.
const SAME_SIGNAL_WITHIN_MS = 500;
const INSTALL_POLL_MS = 250;
const PARENT_POLL_MS = 500;

// Read before anything else: npm's shell may be gone by the time that the program runs.
const startedBy = process.ppid;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

await main();

async function main() {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
    fail(`points-hub needs Node ${NODE_MAJOR_MIN} or newer to install itself; this is ${process.version}.`);
  }
  await installOnce();
  await run(commandFor(process.argv.slice(2)));
}

/** What to execute for our own arguments. */
function commandFor([first, ...rest]) {
  if (first === '--jest') {
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    return { file: pinnedNode, args: [...flags, jest, ...rest] };
  }
  if (first === '--bin' && rest[0] !== undefined)
    return { file: join(binaries, rest[0]), args: rest.slice(1) };
  const entry = first === undefined ? undefined : join(root, first);
  if (entry === undefined || !existsSync(entry))
    fail(`dev/bootstrap.mjs: there is no ${first ?? 'entry given'}.`);
  return { file: pinnedNode, args: [entry, ...rest] };
}

/** Runs `npm ci` when it is needed. Several starts at once on a fresh clone install once; the others wait. */
async function installOnce() {
  if (isInstalled()) return;
  const lock = join(root, '.points-hub', 'installing');
  mkdirSync(dirname(lock), { recursive: true });
  while (!take(lock)) {
    await delay(INSTALL_POLL_MS);
    if (isInstalled() && !existsSync(lock)) return;
  }
  try {
    if (!isInstalled()) install();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const owner = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : Number.NaN);
  if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether node_modules holds what package-lock.json lists, by npm's own record of what it last installed. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record) || !existsSync(pinnedNode)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted)
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, { version, optional }]) =>
      // Optional packages are for other platforms, too.
      installed[path] === undefined ? optional === true : installed[path].version === version,
    );
}

function install() {
  process.stderr.write('Installing dependencies (npm ci) ...\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: root, env: installEnvironment(), shell: process.platform === 'win32' };
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Standard output stays clean for whoever reads the program's.
  const outcome = spawnSync(npm, flags, { ...options, stdio: ['ignore', 2, 2] });
  if (outcome.error !== undefined) fail(`npm ci could not be started: ${outcome.error.message}`);
  if (outcome.status !== 0) fail(`npm ci failed (exit code ${outcome.status}); its reason is above.`);
  if (!existsSync(pinnedNode)) {
    // Its install script, which fetches Node for this platform, was not allowed to run.
    const folder = join(root, 'node_modules', 'node');
    const script = [join(folder, 'installArchSpecificPackage.js')];
    spawnSync(process.execPath, script, { cwd: folder, env: installEnvironment(), stdio: ['ignore', 2, 2] });
  }
  if (!existsSync(pinnedNode)) fail('the npm package `node` has no Node for this platform.');
}

// NODE_ENV=production would leave out our tools, and npm's cache may be in a home folder that cannot be written to.
function installEnvironment() {
  const environment = { ...process.env };
  delete environment.NODE_ENV;
  delete environment.npm_config_omit;
  const cache = environment.npm_config_cache ?? join(homedir(), '.npm');
  if (!isWritable(cache)) environment.npm_config_cache = join(root, '.points-hub', 'npm-cache');
  return environment;
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(mkdtempSync(join(folder, 'probe-')), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Runs the program in a session of its own and ends as it ends. */
async function run({ file, args }) {
  const child = spawn(file, args, {
    // Detached, or Ctrl-C would reach the child from the terminal besides being forwarded by us.
    detached: process.platform !== 'win32',
    stdio: 'inherit',
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
  });
  child.once('error', (error) => fail(`cannot run ${file}: ${error.message}`));
  const lifeline = endWithUs(child.pid);
  let forwardedAt = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (performance.now() - forwardedAt < SAME_SIGNAL_WITHIN_MS) return;
      forwardedAt = performance.now();
      // A terminal that closes asks for the same orderly end.
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  }
  endWithNpm(child);
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  lifeline?.kill('SIGKILL');
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
}

// npm passes a SIGTERM to the shell between us and it, and the shell dies of it without telling us: without this,
// `kill` or `timeout` on npm would leave everything running.
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const poll = setInterval(() => {
    if (process.ppid === startedBy) return;
    clearInterval(poll);
    child.kill('SIGTERM');
  }, PARENT_POLL_MS);
  poll.unref();
}

// If this process is killed with SIGKILL the system closes this pipe, and the shell passes an orderly end on.
function endWithUs(pid) {
  if (process.platform === 'win32' || pid === undefined) return undefined;
  const script = 'cat >/dev/null; kill -s TERM "$1"';
  const shell = spawn('/bin/sh', ['-c', script, 'points-hub-lifeline', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  shell.stdin.unref();
  return shell;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
