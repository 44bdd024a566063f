import { parseArgs } from 'node:util';
import { readConsoleEnvironment } from './console-settings.ts';
import { HubError } from './errors.ts';
import type { Targets } from './operations/notification/targets.ts';
import type { OidcSettings } from './operations/people/oidc.ts';
import { invalidSetting as invalid } from './setting-fault.ts';

/** What a hub process may do; one process may have any of these, in any number of processes. */
export const roles = ['migrate', 'api', 'relay', 'worker', 'sweeper', 'console'] as const;
export type Role = (typeof roles)[number];

/** How one hub process was told to run. */
export interface Settings {
  readonly roles: ReadonlySet<Role>;
  readonly databaseUrl: string;
  /** Undefined: the in-process broker, which needs relay and worker in this one process. */
  readonly amqpUrl: string | undefined;
  readonly configFolder: string;
  readonly host: string;
  readonly port: number;
  /** Whose X-Forwarded-For is believed: addresses and subnets, as Express's `trust proxy`; undefined: nobody's. */
  readonly trustProxy: string | undefined;
  /** The channels that this process's worker serves; undefined: all. */
  readonly channels: readonly string[] | undefined;
  /** First part of all exchange and queue names. */
  readonly prefix: string;
  readonly wakeAfterMs: number;
  readonly sweepIntervalMs: number;
  /** How long a callback may be about an operation that nobody knows before it becomes a case. */
  readonly unmatchedAfterMs: number;
  /** How long a remote may be away before what is in doubt there becomes cases. */
  readonly awayMaxMs: number;
  /** How long a callback that was taken in is kept. */
  readonly callbackRetentionMs: number;
  readonly poolMax: number;
  /** Who runs the hub where that is not whoever owns its tables; a migration grants it what it needs. */
  readonly applicationRole: string | undefined;
  readonly logLevel: string;
  /** Where operators are served; undefined without the role `console`. */
  readonly console: ConsoleSettings | undefined;
}

export interface ConsoleSettings {
  readonly host: string;
  readonly port: number;
  /** Where browsers find it, without a slash at the end; undefined: where it listens. */
  readonly url: string | undefined;
  /** Undefined: people sign in with passwords of the hub only. */
  readonly oidc: OidcSettings | undefined;
  /** Whom it can tell of groups of cases. Default: nobody. */
  readonly targets?: Targets;
}

export const usage = `Runs a process of the points hub.

  hub/main.ts [--roles api,relay,worker,sweeper] [options]

  --roles LIST       of ${roles.join(', ')}; default all but migrate and console
  --config FOLDER    portal.yaml and channels/*.yaml             HUB_CONFIG
  --host HOST        where the API listens; default 127.0.0.1    HUB_HOST
  --port PORT        default 8080; 0 takes a free one            HUB_PORT
  --trust-proxy LIST addresses and subnets whose X-Forwarded-For is believed, e.g. loopback,10.0.0.0/8
                                                                 HUB_TRUST_PROXY
  --console-host HOST where operators are served; default 127.0.0.1  HUB_CONSOLE_HOST
  --console-port PORT default 8081                               HUB_CONSOLE_PORT
  --channels LIST    serve only these channels' queues
  --prefix NAME      of exchanges and queues; default points     HUB_PREFIX
  --pool N           database connections; default 10            HUB_POOL
  --application-role NAME what the role migrate grants the hub's rights to: a database role that owns nothing
                                                                 HUB_APPLICATION_ROLE
  --wake-after MS    how long a lost message goes unnoticed; default 30000
  --sweep-every MS   how often to look for lost messages; default 5000
  --unmatched-after MS  how long a callback may stay unknown before it is a case; default 3600000
  --away-max HOURS   how long a channel or the portal may be away before what is in doubt there becomes cases; default 24
  --keep-callbacks DAYS how long callbacks are kept once taken in; default 90
  --help

Environment: DATABASE_URL (required), AMQP_URL (without it messages stay in this process: one machine, one process),
LOG_LEVEL, HUB_CONSOLE_URL and HUB_OIDC_* (docs/operators.md), HUB_NOTIFY_* and HUB_SMTP_* (docs/notifications.md), and what the configuration files name.`;

/**
 * Reads command line and environment.
 *
 * @throws HubError HUB_CONFIG_INVALID that names the option or variable
 */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings | 'help' {
  const { values } = parse(args);
  if (values.help === true) return 'help';
  const chosen = readRoles(values.roles);
  const amqpUrl = env['AMQP_URL'] === '' ? undefined : env['AMQP_URL'];
  if (amqpUrl === undefined && chosen.has('relay') !== chosen.has('worker')) {
    throw invalid(
      'AMQP_URL',
      'is not set; a relay and a worker in different processes need RabbitMQ between them',
    );
  }
  const databaseUrl = env['DATABASE_URL'] ?? '';
  if (databaseUrl === '')
    throw invalid('DATABASE_URL', 'is not set; it looks like postgres://user:password@host:5432/name');
  const prefix = values.prefix ?? env['HUB_PREFIX'] ?? 'points';
  if (!/^[a-z][a-z0-9_.-]{0,63}$/.test(prefix))
    throw invalid('--prefix', 'may hold a-z, 0-9, _, . and -, a letter first');
  return {
    roles: chosen,
    databaseUrl,
    amqpUrl,
    configFolder: values.config ?? env['HUB_CONFIG'] ?? 'config',
    host: values.host ?? env['HUB_HOST'] ?? '127.0.0.1',
    port: whole('--port', values.port ?? env['HUB_PORT'] ?? '8080', 0, 65_535),
    trustProxy: values['trust-proxy'] ?? env['HUB_TRUST_PROXY'],
    channels: values.channels?.split(',').filter((channel) => channel !== ''),
    prefix,
    wakeAfterMs: whole('--wake-after', values['wake-after'] ?? '30000', 100, 3_600_000),
    sweepIntervalMs: whole('--sweep-every', values['sweep-every'] ?? '5000', 50, 3_600_000),
    unmatchedAfterMs: whole(
      '--unmatched-after',
      values['unmatched-after'] ?? '3600000',
      1_000,
      2_592_000_000,
    ),
    awayMaxMs: whole('--away-max', values['away-max'] ?? '24', 1, 8_760) * hourMs,
    callbackRetentionMs: whole('--keep-callbacks', values['keep-callbacks'] ?? '90', 1, 36_500) * dayMs,
    poolMax: whole('--pool', values.pool ?? env['HUB_POOL'] ?? '10', 2, 500),
    applicationRole: values['application-role'] ?? env['HUB_APPLICATION_ROLE'],
    logLevel: readLogLevel(env['LOG_LEVEL'] ?? 'info'),
    console: chosen.has('console') ? readConsoleSettings(values, env) : undefined,
  };
}

function readConsoleSettings(
  values: { readonly 'console-host'?: string; readonly 'console-port'?: string },
  env: NodeJS.ProcessEnv,
): ConsoleSettings {
  const host = values['console-host'] ?? env['HUB_CONSOLE_HOST'] ?? '127.0.0.1';
  const port = values['console-port'] ?? env['HUB_CONSOLE_PORT'] ?? '8081';
  return { host, port: whole('--console-port', port, 0, 65_535), ...readConsoleEnvironment(host, env) };
}

function parse(args: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        roles: option,
        config: option,
        host: option,
        port: option,
        'trust-proxy': option,
        channels: option,
        'console-host': option,
        'console-port': option,
        prefix: option,
        pool: option,
        'application-role': option,
        'wake-after': option,
        'sweep-every': option,
        'unmatched-after': option,
        'away-max': option,
        'keep-callbacks': option,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new HubError('HUB_CONFIG_INVALID', `${(cause as Error).message} (--help lists all options)`, {
      cause,
    });
  }
}

function readRoles(list: string | undefined): ReadonlySet<Role> {
  if (list === undefined)
    return new Set<Role>(roles.filter((role) => role !== 'migrate' && role !== 'console'));
  const names = list.split(',');
  const unknown = names.filter((name) => !roles.some((role) => role === name));
  if (unknown.length > 0)
    throw invalid('--roles', `does not know "${unknown.join(', ')}"; there are ${roles.join(', ')}`);
  return new Set(roles.filter((role) => names.includes(role)));
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function readLogLevel(level: string): string {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
  if (!levels.includes(level)) throw invalid('LOG_LEVEL', `is "${level}"; there are ${levels.join(', ')}`);
  return level;
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw invalid(name, `is "${text}"; a whole number from ${min} to ${max} is needed`);
  }
  return value;
}
