/** Makes the first admin, lets people in again, and checks the audit; `--help` tells how. */
import { hostname, userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { HubError } from './errors.ts';
import { verifyAudit } from './operations/audit-chain.ts';
import type { Actor } from './operations/caller.ts';
import { inviteOperator, resetOperator, type OneTimeLink } from './operations/people/directory.ts';
import { roles, type Role } from './operations/rights.ts';
import { isDatabaseAway, openDatabase, type Database } from './store/database.ts';
import { isMigrated } from './store/migrate.ts';
import { listOperators } from './store/operators.ts';

const usage = `Looks after the people of the console, from the server itself.

  hub/operators.ts invite NAME --roles LIST   adds a person; prints what lets him set his password once
  hub/operators.ts reset NAME                 forgets his password; prints the same
  hub/operators.ts list
  hub/operators.ts verify-audit               looks at every row; exit code 1 names the first that is not as written

  --roles LIST     of ${roles.join(', ')}; admin and approver exclude each other
  --json           for programs
  --database URL   default DATABASE_URL

There is no first password: begin with "invite NAME --roles admin". HUB_CONSOLE_URL turns the token into a link.`;

try {
  console.log(await run(process.argv.slice(2), process.env));
} catch (error) {
  const failure = asHubError(error);
  console.error(failure === undefined ? error : `${failure.code}: ${failure.message}`);
  process.exitCode = failure?.exitCode ?? 1;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { positionals, values } = parse(args);
  if (values.help === true) return usage;
  const command = commandOf(positionals, values, env['HUB_CONSOLE_URL']);
  const url = values.database ?? env['DATABASE_URL'] ?? '';
  if (url === '') throw invalid('neither --database nor DATABASE_URL says where the database is');
  const database = openDatabase({ url, applicationName: 'points-hub-operators', poolMax: 2 });
  try {
    if (!(await isMigrated(database))) {
      throw invalid('the database has no hub schema yet; run hub/main.ts --roles migrate first');
    }
    return await command(database, values.json === true);
  } finally {
    await database.close();
  }
}

type Command = (database: Database, asJson: boolean) => Promise<string>;

function commandOf(
  [command, name, ...rest]: readonly string[],
  values: ReturnType<typeof parse>['values'],
  consoleUrl: string | undefined,
): Command {
  const shown = (made: OneTimeLink, asJson: boolean): string => {
    const link = consoleUrl === undefined ? made.token : `${consoleUrl}/#/welcome/${made.token}`;
    if (asJson) return JSON.stringify({ ...made, link });
    return `${link}\nThis sets the password once, until ${made.expiresAt.toISOString()}. It is not shown again.`;
  };
  if (rest.length > 0) throw invalid(`does not know what to do with "${rest.join(' ')}"`);
  switch (command) {
    case 'invite': {
      if (name === undefined) throw invalid('invite needs a NAME');
      const wanted = { name, roles: readRoles(values.roles ?? '') };
      return async (database, asJson) => shown(await inviteOperator(database, actorHere(), wanted), asJson);
    }
    case 'reset': {
      if (name === undefined) throw invalid('reset needs a NAME');
      return async (database, asJson) => shown(await resetOperator(database, actorHere(), name), asJson);
    }
    case 'list':
      return async (database, asJson) => {
        const operators = await listOperators(database);
        if (asJson) return JSON.stringify(operators);
        const lines = operators.map((one) => {
          return `${one.id}\t${one.name}\t${one.roles.join(',')}\t${one.disabledAt === null ? 'active' : 'disabled'}`;
        });
        return ['ID\tNAME\tROLES\tSTATE', ...lines].join('\n');
      };
    case 'verify-audit':
      return async (database, asJson) => {
        const verdict = await verifyAudit(database);
        if (verdict.type === 'broken') process.exitCode = 1;
        if (asJson) return JSON.stringify(verdict);
        return verdict.type === 'whole'
          ? `The audit is whole: ${verdict.rows} rows. It ends with ${verdict.end.hash}.`
          : `The audit is broken at row ${verdict.firstBadId}: ${verdict.reason}.`;
      };
    case undefined:
      throw invalid('one of invite, reset, list, verify-audit is needed');
    default:
      throw invalid(`there is no command "${command}"`);
  }
}

/** Whoever has this terminal, as the audit names him: he is no operator of the console. */
function actorHere(): Actor {
  const name = `${userInfo().username} on ${hostname()}`;
  return {
    via: 'cli',
    name,
    operatorId: undefined,
    address: undefined,
    userAgent: undefined,
    requestId: undefined,
  };
}

function readRoles(list: string): readonly Role[] {
  const names = list.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !roles.some((role) => role === name));
  if (names.length === 0 || unknown.length > 0) {
    throw invalid(`--roles is "${list}"; there are ${roles.join(', ')}`);
  }
  return roles.filter((role) => names.includes(role));
}

function parse(args: readonly string[]) {
  const option = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { roles: option, database: option, json: flag, help },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new HubError('HUB_CONFIG_INVALID', `${(cause as Error).message} (see --help)`, { cause });
  }
}

function invalid(reason: string): HubError {
  return new HubError('HUB_CONFIG_INVALID', `${reason} (see --help)`);
}

/** Undefined for a defect, whose stack is then shown whole. */
function asHubError(error: unknown): HubError | undefined {
  if (error instanceof HubError) return error;
  if (!isDatabaseAway(error)) return undefined;
  return new HubError('HUB_UNAVAILABLE', `the database cannot be reached: ${(error as Error).message}`);
}
