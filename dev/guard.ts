import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Ends servers whose starter died without stopping them.
 *
 * A server runs in a session of its own, so that Ctrl-C reaches only the process that started it, which then stops
 * everything in order. The price: when that process is killed with SIGKILL nobody would stop the server. The guard is
 * a small shell in a session of its own that holds one end of a pipe; the operating system closes the other end
 * however its starter dies, and the guard then signals what it was told to watch.
 */
const GUARD_SCRIPT = `
watched= folders=
while read -r verb subject; do
  case "$verb" in
    watch) watched="$watched $subject" ;;
    forget) kept=; for item in $watched; do [ "\${item#*:}" = "$subject" ] || kept="$kept $item"; done; watched=$kept ;;
    remove) folders="$folders$subject
" ;;
    keep) folders=$(printf '%s' "$folders" | grep -Fxv -- "$subject"); [ -z "$folders" ] || folders="$folders
" ;;
  esac
done
asked=; for item in $watched; do
  [ "\${item%%:*}" = KILL ] || { kill -s "\${item%%:*}" "\${item#*:}" && asked="$asked $item"; }
done
tenths=0
while [ "$tenths" -lt 100 ]; do
  alive=; for item in $asked; do kill -s 0 "\${item#*:}" && alive=1; done
  [ -n "$alive" ] || break
  sleep 0.1; tenths=$((tenths + 1))
done
for item in $watched; do kill -s KILL -- "-\${item#*:}" "\${item#*:}"; done
printf '%s' "$folders" | while read -r folder; do rm -rf -- "$folder"; done
`;

let guard: ChildProcessByStdio<Writable, null, null> | undefined;

/** What the guard has in its care, as told. */
const charges = new Set<string>();

/**
 * Has the process ended by this signal, and after 10 s by SIGKILL with its whole group, which it must lead, if this
 * process dies without `unwatch`. Those to be ended by KILL go last, when the others are gone, so a server keeps what
 * it leans on while it stops.
 */
export function watch(pid: number, signal: 'INT' | 'TERM' | 'KILL'): void {
  charges.add(`process ${pid}`);
  tell(`watch ${signal}:${pid}`);
}

/** Takes back `watch`; to be said as soon as the process has exited, before its number can be another's. */
export function unwatch(pid: number): void {
  charges.delete(`process ${pid}`);
  tell(`forget ${pid}`);
}

/** Has a temporary folder removed if this process dies before `keepFolder` of it. */
export function removeFolderOnDeath(folder: string): void {
  charges.add(`folder ${folder}`);
  tell(`remove ${folder}`);
}

/** Takes back `removeFolderOnDeath`. */
export function keepFolder(folder: string): void {
  charges.delete(`folder ${folder}`);
  tell(`keep ${folder}`);
}

/** Ends the guard itself if nothing is in its care any more; it is started anew when needed again. */
export async function dismissGuard(): Promise<void> {
  const dismissed = guard;
  // To the guard the end of the pipe means that we died: it would end what is still in its care.
  if (dismissed === undefined || charges.size > 0) return;
  guard = undefined;
  const exited = new Promise((resolve) => dismissed.once('exit', resolve));
  dismissed.ref();
  dismissed.stdin.end();
  await exited;
}

function tell(line: string): void {
  if (guard === undefined || guard.exitCode !== null) {
    guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'points-hub-guard'], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Neither the guard nor its pipe may keep this process alive.
    guard.unref();
    (guard.stdin as Writable & { unref?: () => void }).unref?.();
    guard.stdin.on('error', () => undefined);
  }
  guard.stdin.write(`${line}\n`);
}
