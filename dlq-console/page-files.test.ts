/** The page's files over HTTP: what runs, what is kept, what is never served. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { servePage } from './page-files.ts';

let folder: string;
let server: Server;
let url: string;

async function serving(from: string): Promise<{ server: Server; url: string }> {
  const app = express();
  app.use(servePage(from));
  const listening = createServer(app).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return { server: listening, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'points-hub-page-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<script nonce="__NONCE__" src="/assets/main-1a2b.js"></script>');
  writeFileSync(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'main-1a2b.js.br'), brotliCompressSync('export {};'));
  writeFileSync(join(folder, 'assets', 'main-1a2b.js.gz'), gzipSync('export {};'));
  writeFileSync(join(folder, 'manifest.json'), '{}');
  ({ server, url } = await serving(folder));
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});

const nonceOf = (policy: string): string | undefined =>
  /script-src 'self' 'nonce-([\w-]{24})'/.exec(policy)?.[1];

test('the page has a new nonce in every answer, the same in its policy and its scripts, and is kept by nobody', async () => {
  const nonces = new Set<string | undefined>();
  for (let visit = 0; visit < 3; visit += 1) {
    const { headers } = await fetch(`${url}/`);
    const nonce = nonceOf(headers.get('content-security-policy') ?? '');
    expect(nonce).toBeDefined();
    nonces.add(nonce);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe/);
  }
  expect(nonces.size).toBe(3);
  const one = await fetch(`${url}/`);
  expect(await one.text()).toContain(`nonce="${nonceOf(one.headers.get('content-security-policy') ?? '')}"`);
});

test('a file that is named by its content is kept for ever', async () => {
  const { status, headers } = await fetch(`${url}/assets/main-1a2b.js`);
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(headers.get('content-type')).toMatch(/^text\/javascript/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['identity', null],
])('whoever accepts %s gets the smallest of what was compressed beforehand', async (accepted, coding) => {
  const answer = await fetch(`${url}/assets/main-1a2b.js`, { headers: { 'accept-encoding': accepted } });
  expect(answer.headers.get('content-encoding')).toBe(coding);
  expect(answer.headers.get('vary')).toBe('Accept-Encoding');
  expect(await answer.text()).toBe('export {};');
});

test("a person's browser at an address without # is led to that screen, whatever stands in the address", async () => {
  const asBrowser = { headers: { accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' } as const;
  for (const path of ['/cases/12?channel=airmiles', '//evil.example/cases', '/index.html']) {
    const { status, headers } = await fetch(`${url}${path}`, asBrowser);
    expect({ path, status, to: headers.get('location') }).toEqual({ path, status: 302, to: `/#${path}` });
  }
  for (const path of ['/ops/v1/nothing', '/assets/gone-1.js'])
    expect((await fetch(`${url}${path}`, asBrowser)).status).toBe(404);
});

test('nothing else is a file, whatever the path looks like', async () => {
  for (const path of [
    '/manifest.json',
    '/assets/',
    '/assets/..%2fmanifest.json',
    '/assets/main-0000.js',
    '/index.html',
  ]) {
    expect({ path, status: (await fetch(`${url}${path}`)).status }).toEqual({ path, status: 404 });
  }
});

test('without a built page the console says how to build it', async () => {
  const bare = await serving(join(folder, 'nowhere'));
  const answer = await fetch(bare.url);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('dlq-console/page/build.ts');
  bare.server.close();
  await once(bare.server, 'close');
});
