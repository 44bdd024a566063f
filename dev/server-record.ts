import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';
import { endProcess } from './server-process.ts';

/** Writes down, in the server's own folder, which processes run on it, so that they are found if we die. */
export function recordProcesses(folder: string, processes: readonly ProcessIdentity[]): void {
  const draft = `${fileIn(folder)}.draft`;
  writeFileSync(draft, JSON.stringify(processes));
  renameSync(draft, fileIn(folder));
}

/** Removes the record once its processes have ended. */
export function forgetProcesses(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Ends the processes that an earlier owner of the folder left running, in the order recorded. */
export async function endRecorded(folder: string, graceMs: number): Promise<void> {
  for (const identity of readRecord(folder)) await endProcess(identity, 'SIGTERM', graceMs);
  forgetProcesses(folder);
}

function readRecord(folder: string): ProcessIdentity[] {
  try {
    const record: unknown = JSON.parse(readFileSync(fileIn(folder), 'utf8'));
    return Array.isArray(record) ? record.filter(isIdentity) : [];
  } catch {
    return [];
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startedAt } = value as Record<string, unknown>;
  return typeof pid === 'number' && pid > 1 && typeof startedAt === 'string';
}

function fileIn(folder: string): string {
  return join(folder, 'running.json');
}
