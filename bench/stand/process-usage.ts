/** What processes cost, read from /proc; on systems without it there is nothing to read and figures stay out. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of one moment; take two and subtract. */
export interface Usage {
  /** User and system time so far, of a process and all its descendants, ended ones included. */
  readonly cpuMs: number;
  readonly memory: readonly ProcessMemory[];
}

export interface ProcessMemory {
  readonly pid: number;
  /** Resident now. */
  readonly residentMb: number;
  /** The most that was ever resident. */
  readonly peakMb: number;
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

// Linux counts CPU time for people in hundredths of a second whatever its own tick is (USER_HZ, time(7)).
const msPerTick = 10;

/** Of the processes with these numbers and everything below them. */
export function usageOf(roots: readonly number[]): Usage {
  const stats = allProcesses();
  const members = new Set(roots);
  // Parents may have higher numbers than their children, so once through is not enough.
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of stats) if (members.has(parent)) members.add(pid);
  }
  const chosen = stats.filter(({ pid }) => members.has(pid));
  return {
    cpuMs: chosen.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memory: chosen.flatMap(({ pid }) => memoryOf(pid) ?? []),
  };
}

function allProcesses(): ProcessStat[] {
  return readText('/proc/self/stat') === undefined
    ? []
    : readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
}

// proc_pid_stat(5): the name in field 2 may hold blanks and brackets; then state, parent ... utime, stime, and the
// same of children that were waited for.
function statOf(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), cpuMs: ticks * msPerTick };
}

function memoryOf(pid: number): ProcessMemory | undefined {
  const text = readText(`/proc/${pid}/status`);
  const kilobytes = (field: string): number | undefined => {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '');
    return found === null ? undefined : Number(found[1]);
  };
  const [resident, peak] = [kilobytes('VmRSS'), kilobytes('VmHWM')];
  if (resident === undefined || peak === undefined) return undefined;
  return { pid, residentMb: resident / 1024, peakMb: peak / 1024 };
}

/** Undefined where the process, or the whole of /proc, is not there. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
