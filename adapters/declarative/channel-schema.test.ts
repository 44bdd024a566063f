import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

import { readChannelDescription } from '../channel-description.ts';
import { CHANNEL_SCHEMA_FILE, channelSchemaText } from './channel-schema.ts';

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

  test('refuses what is no field, so that an editor underlines it', () => {
    const text = readFileSync(new URL('json-channel.yaml', folder), 'utf8');
    expect(validate(parse(text.replace('operations:', 'operation:')))).toBe(false);
    expect(validate(parse(text.replace('then: pending', 'then: perhaps')))).toBe(false);
  });
});
