import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Channels of which any deduction may be held in the demo. They give up after three tries, not twenty. */
const impatient = ['fuelcard', 'groceryone'] as const;

/**
 * Channels that are there for the demo's trouble alone: no demo order and no file of orders names them, so what is wrong
 * with them may last.
 */
const troubled = [
  /** Refuses our credentials until somebody mends that, and is then probed soon: nobody watches for a minute. */
  {
    id: 'hotelnights',
    described: { 'limits:': '{ callTimeoutMs: 5000, breaker: { openMs: 1000, openMaxMs: 5000 } }' },
  },
  /** Forgets keys soon and cannot be asked what became of one, so that what is in doubt stays so. */
  {
    id: 'gymclub',
    described: {
      'idempotency:': '{ kind: key-replays, retentionMs: 3000, remembersRejections: true }',
      'query:': 'none',
    },
  },
] as const;

/** What such a channel is like at the sandbox. */
export const demoNatures = { gymclub: { lookups: false, scans: false, statements: false } };

/**
 * The configuration with the demo's own channels, in a folder of its own.
 *
 * @param isImpatient whether channels give up soon: a demo is not watched for an hour
 */
export function demoConfig(source: string, folder: string, isImpatient: boolean): string {
  const copy = join(folder, 'demo-config');
  cpSync(source, copy, { recursive: true });
  const fileOf = (id: string): string => join(copy, 'channels', `${id}.yaml`);
  const plain = readFileSync(fileOf('airmiles'), 'utf8');
  for (const { id, described } of troubled) {
    const lines = plain.replaceAll('airmiles', id).split('\n');
    const changed = lines.map((line) => {
      const field = Object.entries(described).find(([name]) => line.trimStart().startsWith(name));
      return field === undefined ? line : line.replace(/:.*/, `: ${field[1]}`);
    });
    writeFileSync(fileOf(id), changed.join('\n'));
  }
  for (const id of isImpatient ? impatient : []) {
    const file = fileOf(id);
    writeFileSync(file, readFileSync(file, 'utf8').replace('limits: {', 'limits: { failuresMax: 3,'));
  }
  return copy;
}
