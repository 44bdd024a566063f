import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

import { readChannelDescription } from '../channel-description.ts';
import { CHANNEL_SCHEMA_FILE, channelSchemaText } from './channel-schema.ts';

interface Node {
  readonly description?: string;
  readonly const?: unknown;
  readonly $ref?: string;
  readonly allOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly definitions?: Readonly<Record<string, Node>>;
}

const folder = new URL('./descriptions/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const validate = new Ajv({ strict: false, allErrors: true }).compile(
  JSON.parse(readFileSync(CHANNEL_SCHEMA_FILE, 'utf8')) as object,
);

describe('the JSON Schema of descriptions', () => {
  test('is what the code reads: npm run schema', () => {
    expect(readFileSync(CHANNEL_SCHEMA_FILE, 'utf8')).toBe(channelSchemaText());
  });

  test.each(files)('and the code both accept %s', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=..\/channel.schema.json\n/);
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
    expect(readChannelDescription(text, name).adapter).toBe('declarative');
  });

  test('the example of docs/describe-a-channel.md is a description, with what every channel file has', () => {
    const page = readFileSync(new URL('../../docs/describe-a-channel.md', import.meta.url), 'utf8');
    const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const rest = `
points: { scale: 0, max: '1000' }
capabilities:
  idempotency: { kind: key-replays, retentionMs: 86400000, remembersRejections: false }
  echo: points
  query: none
  reversal: none
  partialRefund: false
  notFoundFinalAfterMs: 60000
  lateEffectCheckMs: 60000
  perUserLane: false
`;
    validate(parse(example + rest));
    expect(validate.errors ?? []).toEqual([]);
    expect(readChannelDescription(example + rest, 'docs')).toMatchObject({ id: 'coffeeclub' });
  });

  test('explains every field, so that an editor can show what it means', () => {
    const schema = JSON.parse(channelSchemaText()) as Node;
    const { definitions = {} } = schema;
    const isExplained = (node: Node): boolean =>
      node.description !== undefined ||
      node.const !== undefined ||
      (node.$ref !== undefined && isExplained(definitions[node.$ref.split('/').at(-1) ?? ''] ?? {})) ||
      (node.allOf ?? []).some(isExplained);
    const unexplained: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, inner] of Object.entries((node as Node).properties ?? {})) {
        if (!isExplained(inner)) unexplained.push(`${path}.${name}`);
      }
      for (const [name, inner] of Object.entries(node)) walk(inner, `${path}.${name}`);
    };
    walk(schema, '');
    expect(unexplained).toEqual([]);
  });

  test('refuses what is no field, so that an editor underlines it', () => {
    const text = readFileSync(new URL('json-channel.yaml', folder), 'utf8');
    expect(validate(parse(text.replace('operations:', 'operation:')))).toBe(false);
    expect(validate(parse(text.replace('then: pending', 'then: perhaps')))).toBe(false);
  });
});
