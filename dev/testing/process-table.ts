import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { eventually } from './index.ts';
import { identify, type ProcessIdentity } from '../process-identity.ts';

/** The guard (see dev/guard.ts) that the process with this number has started. */
export function guardOf(parent: number): Promise<ProcessIdentity> {
  return eventually(`process ${parent} has a guard`, () => {
    const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    const isGuard = (line: string): boolean =>
      line.includes('points-hub-guard') && Number(line.trim().split(/\s+/)[1]) === parent;
    const line = lines.find(isGuard);
    return Promise.resolve(line === undefined ? undefined : identify(Number.parseInt(line, 10)));
  });
}

/** The addresses on which a process listens for TCP, without the ports. */
export function listeningAddressesOf(pid: number): string[] {
  return process.platform === 'linux' ? addressesFromProc(pid) : addressesByLsof(pid);
}

// The socket tables of /proc/net (proc_pid_net(5)): field 1 the local address, 3 the state (0A listens), 9 the inode.
function addressesFromProc(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      } catch {
        return 'closed meanwhile';
      }
    }),
  );
  const names: Readonly<Record<string, string>> = {
    '0100007F': '127.0.0.1',
    '00000000000000000000000001000000': '[::1]',
  };
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
      .map((fields) => fields[1]?.split(':')[0] ?? '')
      .map((hex) => names[hex] ?? hex),
  );
}

function addressesByLsof(pid: number): string[] {
  return execFileSync('lsof', ['-nP', '-a', '-p', String(pid), '-iTCP', '-sTCP:LISTEN', '-Fn'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((line) => line.startsWith('n'))
    .map((line) => line.slice(1, line.lastIndexOf(':')));
}
