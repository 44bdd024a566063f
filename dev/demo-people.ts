import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StackUrls } from './run-stack.ts';

/** Somebody who can try the console, and the link that lets him in once. */
export interface DemoPerson {
  readonly name: string;
  readonly roles: string;
  readonly link: string;
}

const people = [
  { name: 'mei', roles: 'operator' },
  { name: 'li', roles: 'approver' },
] as const;

/** Two people, so that one can ask and the other approve. Each start lets them in anew: there is no first password. */
export async function inviteDemoPeople(
  { database }: StackUrls,
  consoleUrl: string,
): Promise<readonly DemoPerson[]> {
  const made: DemoPerson[] = [];
  for (const { name, roles } of people) {
    const invited = await operators(database, consoleUrl, ['invite', name, '--roles', roles]);
    const link = invited ?? (await operators(database, consoleUrl, ['reset', name]));
    if (link === undefined) throw new Error(`the demo's ${name} can be neither invited nor let in again`);
    made.push({ name, roles, link });
  }
  return made;
}

/** @returns the link, or undefined where the command refuses, as it does for a name that is taken */
async function operators(
  database: string,
  consoleUrl: string,
  args: readonly string[],
): Promise<string | undefined> {
  const program = join(import.meta.dirname, '../hub/operators.ts');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json'], {
      env: { ...process.env, DATABASE_URL: database, HUB_CONSOLE_URL: consoleUrl },
    });
    return (JSON.parse(stdout) as { link: string }).link;
  } catch (error) {
    if (error instanceof Error && 'stderr' in error && String(error.stderr).includes('HUB_OPERATOR_TAKEN'))
      return undefined;
    throw error;
  }
}
