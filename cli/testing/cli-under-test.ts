/** The command `points-hub` as a process of its own, piped or on a terminal, with a home folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliUnderTest {
  /** The folder of its configuration. */
  readonly configHome: string;
  run(args: readonly string[], how?: How): Promise<Ended>;
  /** What it prints with `--json`; it has to end well. */
  json(args: readonly string[], how?: How): Promise<Readonly<Record<string, unknown>>>;
  close(): void;
}

export interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Told all that it wrote to standard error, whenever it writes more. */
  readonly whenTold?: (err: string) => void;
  /** On a terminal of so many columns; then `out` has what was written to both. */
  readonly columns?: number;
  /** What a person types once he reads each of these, in this order; his terminal then stays open. */
  readonly replies?: readonly (readonly [toWhat: string, typed: string])[];
}

const main = join(import.meta.dirname, '../main.ts');

/** @param env for every run */
export function cliUnderTest(env: Readonly<Record<string, string>>): CliUnderTest {
  const configHome = mkdtempSync(join(tmpdir(), 'points-hub-cli-'));
  const own = { PATH: process.env['PATH'] ?? '', HOME: configHome, XDG_CONFIG_HOME: configHome };
  const run: CliUnderTest['run'] = (args, how = {}) => {
    const { env: more = {}, input = '', columns, replies = [], whenTold } = how;
    const command = [process.execPath, main, ...args];
    const [file = '', ...rest] = columns === undefined ? command : onTerminal(command, columns);
    const child = spawn(file, rest, {
      cwd: configHome,
      env: { ...own, TERM: 'xterm-256color', ...env, ...more },
    });
    const written = { out: '', err: '' };
    const open = [...replies];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      written.out += text;
      const [next] = open;
      if (next === undefined || !written.out.includes(next[0])) return;
      open.shift();
      child.stdin.write(next[1]);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      written.err += text;
      whenTold?.(written.err);
    });
    // It may end without having read anything.
    child.stdin.on('error', () => undefined);
    if (replies.length === 0) child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...written }));
    });
  };
  return {
    configHome,
    run,
    json: async (args, how) => {
      const { code, out, err } = await run([...args, '--json'], how);
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
      return JSON.parse(out) as Record<string, unknown>;
    },
    close: () => rmSync(configHome, { recursive: true, force: true }),
  };
}

/** `script` gives a program a terminal; its two kinds are asked differently. */
function onTerminal(command: readonly string[], columns: number): readonly string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const line = `stty cols ${columns} && exec ${quoted}`;
  return process.platform === 'linux'
    ? ['script', '-qefc', line, '/dev/null']
    : ['script', '-q', '/dev/null', '/bin/sh', '-c', line];
}
