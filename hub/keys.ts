/** Makes, lists and revokes the API keys of malls; `--help` tells how. */
import { parseArgs } from 'node:util';
import { HubError } from './errors.ts';
import { isDatabaseAway, openDatabase, type Database } from './store/database.ts';
import { createApiKey, listApiKeys, revokeApiKey, type ApiKeyListing } from './store/malls.ts';
import { isMigrated } from './store/migrate.ts';

const usage = `Makes, lists and revokes the API keys of malls.

  hub/keys.ts create --mall ID [--name NAME] [--label LABEL] [--rate N]
  hub/keys.ts list
  hub/keys.ts revoke KEYID

  --mall ID        whose key it is; the mall is made if there is none
  --name NAME      what people call a new mall; default its id
  --label LABEL    what the key is for
  --rate N         requests per second; default 200
  --json           for programs
  --database URL   default DATABASE_URL

A key is shown once, when it is made. A revoked one stops working within 5 seconds.`;

try {
  console.log(await run(process.argv.slice(2), process.env['DATABASE_URL']));
} catch (error) {
  const failure = asHubError(error);
  console.error(failure === undefined ? error : `${failure.code}: ${failure.message}`);
  process.exitCode = failure?.exitCode ?? 1;
}

async function run(args: readonly string[], urlOfEnvironment = ''): Promise<string> {
  const { positionals, values } = parse(args);
  if (values.help === true) return usage;
  const command = commandOf(positionals, values);
  const url = values.database ?? urlOfEnvironment;
  if (url === '') throw invalid('neither --database nor DATABASE_URL says where the database is');
  const database = openDatabase({ url, applicationName: 'points-hub-keys', poolMax: 1 });
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
type Values = ReturnType<typeof parse>['values'];

function commandOf([name, ...rest]: readonly string[], values: Values): Command {
  switch (name) {
    case 'create': {
      const { mall: mallId, name: mallName, label, rate } = values;
      if (mallId === undefined || rest.length > 0) throw invalid('create needs --mall ID and nothing else');
      const ratePerSecond = rate === undefined ? undefined : Number(rate);
      return async (database, asJson) => {
        const created = await createApiKey(database, { mallId, mallName, label, ratePerSecond });
        if (asJson) return JSON.stringify(created);
        return `${created.apiKey}\nThis is the key of mall ${mallId}. It is not shown again.`;
      };
    }
    case 'list':
      if (rest.length > 0) throw invalid('list takes no argument');
      return async (database, asJson) => {
        const keys = await listApiKeys(database);
        return asJson ? JSON.stringify(keys) : tableOf(keys);
      };
    case 'revoke': {
      const [keyId] = rest;
      if (keyId === undefined || rest.length > 1) throw invalid('revoke needs one KEYID');
      return async (database, asJson) => {
        const revokedAt = await revokeApiKey(database, keyId);
        if (revokedAt === undefined) throw new HubError('HUB_API_KEY_UNKNOWN', `there is no key "${keyId}"`);
        if (asJson) return JSON.stringify({ keyId, revokedAt });
        return `${keyId} is revoked since ${revokedAt.toISOString()}.`;
      };
    }
    case undefined:
      throw invalid('one of create, list, revoke is needed');
    default:
      throw invalid(`there is no command "${name}"`);
  }
}

function parse(args: readonly string[]) {
  const option = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    mall: option,
    name: option,
    label: option,
    rate: option,
    database: option,
    json: flag,
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new HubError('HUB_CONFIG_INVALID', `${(cause as Error).message} (see --help)`, { cause });
  }
}

function tableOf(keys: readonly ApiKeyListing[]): string {
  if (keys.length === 0) return 'There are no keys.';
  const rows = keys.map(({ keyId, mallId, ratePerSecond, createdAt, revokedAt, label }) => [
    keyId,
    mallId,
    `${ratePerSecond}/s`,
    createdAt.toISOString(),
    revokedAt === null ? 'valid' : `revoked ${revokedAt.toISOString()}`,
    label,
  ]);
  const table = [['KEY', 'MALL', 'RATE', 'MADE', 'STATE', 'LABEL'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
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
