import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const file = join(import.meta.dirname, '..', 'docker-compose.yml');

/** Node's own arguments for a role of the hub, as docker-compose.yml gives them; none for what is no service there. */
export function nodeArgumentsOf(role: string): readonly string[] {
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    readonly services: Readonly<Record<string, { readonly command?: readonly string[] }>>;
  };
  const command = services[role]?.command ?? [];
  return command.slice(1, command.indexOf('hub/main.ts'));
}
