import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const file = join(import.meta.dirname, '..', 'docker-compose.yml');

/** Node's own arguments for a role of the hub, as docker-compose.yml gives them; none for what is no service there. */
export function nodeArgumentsOf(role: string): readonly string[] {
  const { command = [] } = serviceOf(role);
  return command.slice(1, command.indexOf('hub/main.ts'));
}

/** What docker-compose.yml tells the C library of a role about memory, as environment variables. */
export function allocatorSettingsOf(role: string): Readonly<Record<string, string>> {
  const { environment = {} } = serviceOf(role);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('MALLOC_')));
}

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function serviceOf(role: string): Service {
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
  };
  return services[role] ?? {};
}
