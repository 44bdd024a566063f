/** What the build hands out: little for the first screen, the rest when it is asked for, all of it compressed. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { ensurePageBuilt } from '../testing/browser.ts';

const dist = join(import.meta.dirname, 'dist');

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

let chunks: ReadonlyMap<string, Chunk>;
beforeAll(() => {
  ensurePageBuilt();
  chunks = new Map(
    Object.entries(JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Record<string, Chunk>),
  );
}, 300_000);

/** What comes with a chunk at once: itself and all that it imports. */
function withImports(name: string, known: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  if (known.has(name)) return known;
  return (chunks.get(name)?.imports ?? []).reduce<ReadonlySet<string>>(
    (all, one) => withImports(one, all),
    new Set([...known, name]),
  );
}

const entry = (): string => [...chunks].find(([, { isEntry }]) => isEntry === true)?.[0] ?? '';

test('the first screen needs less than 400 kB of JavaScript, by gzip', () => {
  const names = new Set([...withImports(entry()), ...withImports('src/screens/overview.tsx')]);
  const scripts = [...names]
    .map((name) => chunks.get(name)?.file ?? '')
    .filter((file) => file.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(2);
  const bytes = scripts.reduce((sum, file) => sum + readFileSync(join(dist, `${file}.gz`)).length, 0);
  expect(bytes).toBeLessThan(400_000);
});

test('every screen is a file of its own that comes when it is first opened', () => {
  const screens = readdirSync(join(import.meta.dirname, 'src/screens'))
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => `src/screens/${name}`);
  const atOnce = withImports(entry());
  expect(screens.filter((screen) => atOnce.has(screen))).toEqual([]);
  expect(screens.filter((screen) => !(chunks.get(entry())?.dynamicImports ?? []).includes(screen))).toEqual(
    [],
  );
});

test('what is compressed beforehand is the file itself', () => {
  const assets = join(dist, 'assets');
  const plain = readdirSync(assets).filter((name) => !/\.(br|gz)$/.test(name));
  for (const name of plain) {
    const content = readFileSync(join(assets, name));
    expect(brotliDecompressSync(readFileSync(join(assets, `${name}.br`)))).toEqual(content);
    expect(gunzipSync(readFileSync(join(assets, `${name}.gz`)))).toEqual(content);
  }
});

test('two who build at once leave one whole page', async () => {
  rmSync(join(dist, 'built-from'), { force: true });
  const build = () => promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build.ts')]);
  const told = await Promise.all([build(), build()]);
  expect(told.filter(({ stderr }) => stderr.includes('The page is built'))).not.toEqual([]);
  const named = [...readFileSync(join(dist, 'index.html'), 'utf8').matchAll(/\/assets\/[\w.-]+/g)];
  expect(named.length).toBeGreaterThan(0);
  const files = [...named.map(([path]) => path), ...[...chunks.values()].map(({ file }) => `/${file}`)];
  for (const file of files)
    for (const ending of ['', '.br', '.gz']) {
      const path = `${file}${ending}`;
      expect({ path, exists: existsSync(join(dist, path)) }).toEqual({ path, exists: true });
    }
}, 300_000);
