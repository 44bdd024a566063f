import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { allocatorSettingsOf, nodeArgumentsOf } from './compose.ts';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const text = readFileSync(join(import.meta.dirname, '..', 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as { services: Record<string, Service> };
const hubRoles = ['api', 'relay', 'worker', 'sweeper', 'console'];

test('docker-compose.yml is valid by the JSON schema of the Compose specification', () => {
  const manifest = createRequire(import.meta.url).resolve('dclint/package.json');
  const file = join(dirname(manifest), 'schemas', 'compose.schema.json');
  // The schema names draft 07 by an address that ajv knows under its older spelling; draft 07 is its default.
  const { $schema: _, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('duration', /^(\d+(?:us|ms|s|m|h))+$/);
  const isValid = ajv.compile(schema);
  isValid(compose);
  expect(isValid.errors).toBeNull();
  expect(isValid({ services: { api: { imagee: 'x' } } })).toBe(false);
});

test('each role of the hub is a service of its own and starts after the migration has succeeded', () => {
  for (const role of [...hubRoles, 'migrate']) {
    const program = role === 'console' ? 'dlq-console/main.ts' : 'hub/main.ts';
    expect(compose.services[role]?.command).toEqual(expect.arrayContaining([program, '--roles', role]));
  }
  for (const role of hubRoles) {
    expect(compose.services[role]?.depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
      postgres: { condition: 'service_healthy' },
      rabbitmq: { condition: 'service_healthy' },
    });
  }
});

test('what others wait for has a health check, and everything restarts and has time to stop', () => {
  for (const name of ['postgres', 'rabbitmq', 'api', 'console'])
    expect(compose.services[name]?.healthcheck).toBeDefined();
  for (const service of Object.values(compose.services)) {
    expect(service.restart).toBeDefined();
    expect(service.stop_grace_period).toBeDefined();
  }
});

test('the bounds of memory are taken from the file, and Node knows them', () => {
  expect(nodeArgumentsOf('api')).toEqual([]);
  expect(nodeArgumentsOf('nobody')).toEqual([]);
  expect(allocatorSettingsOf('nobody')).toEqual({});
  for (const role of hubRoles) expect(allocatorSettingsOf(role)).toEqual({ MALLOC_ARENA_MAX: '1' });
  for (const role of ['relay', 'worker']) {
    const bounds = nodeArgumentsOf(role);
    expect(bounds.length).toBeGreaterThan(0);
    expect(spawnSync(process.execPath, [...bounds, '--eval', ''])).toMatchObject({ status: 0 });
  }
});

test('no password has a default: each is a required variable', () => {
  const secrets = text.split('\n').filter((line) => /PASS|_URL: /.test(line) && !line.startsWith('#'));
  expect(secrets.length).toBeGreaterThan(3);
  for (const line of secrets) expect(line).toMatch(/\$\{[A-Z_]+:\?[^}]+\}/);
});
