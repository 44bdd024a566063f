import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The installed programs that a private RabbitMQ is made of. */
export interface RabbitMqProgram {
  /** RabbitMQ's own start script, not the distribution's wrapper around it. */
  readonly server: string;
  /** Erlang's port mapper. */
  readonly epmd: string;
}

// On Debian, Ubuntu and Fedora the scripts in /usr/sbin insist on root or switch to the user rabbitmq and his folder;
// those in the versioned folder run for whoever calls them. Homebrew's and the generic archive's scripts do so too.
const VERSIONED_FOLDERS = '/usr/lib/rabbitmq/lib';
const SERVER_FOLDERS = [
  '/opt/homebrew/opt/rabbitmq/sbin',
  '/usr/local/opt/rabbitmq/sbin',
  '/opt/rabbitmq/sbin',
];
const WRAPPER_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** The RabbitMQ that is installed on this machine, the newest if there are several; undefined when there is none. */
export function findRabbitMq(): RabbitMqProgram | undefined {
  const server = [
    ...versionedFolders(),
    ...SERVER_FOLDERS,
    ...pathFolders().filter((f) => !WRAPPER_FOLDERS.includes(f)),
  ]
    .map((folder) => join(folder, 'rabbitmq-server'))
    .find((file) => existsSync(file));
  const epmd = [...pathFolders(), ...SERVER_FOLDERS, '/usr/lib/erlang/bin', ...erlangRuntimeFolders()]
    .map((folder) => join(folder, 'epmd'))
    .find((file) => existsSync(file));
  return server === undefined || epmd === undefined ? undefined : { server, epmd };
}

function versionedFolders(): string[] {
  return list(VERSIONED_FOLDERS)
    .filter((name) => name.startsWith('rabbitmq_server-'))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(VERSIONED_FOLDERS, name, 'sbin'));
}

function erlangRuntimeFolders(): string[] {
  return list('/usr/lib/erlang')
    .filter((name) => name.startsWith('erts-'))
    .map((name) => join('/usr/lib/erlang', name, 'bin'));
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
