/** `npm run page`: builds the page if it is missing or older than its sources, and weighs what the first screen needs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = import.meta.dirname;
const dist = join(folder, 'dist');
const stampFile = join(dist, 'built-from');

/** Of all scripts that have run when the sign-in screen or the first screen behind it stands, compressed. */
const firstScreenMaxBytes = 400_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

/** Builds once for one state of the sources. @throws Error when the first screen became too heavy */
export async function buildPage(say: (line: string) => void = () => undefined): Promise<void> {
  const wanted = digestOfSources();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  say('Building the page ...');
  // Whoever builds, a test for one, the page is the one that people get.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ configFile: join(folder, 'vite.config.ts') });
  const bytes = firstScreenBytes();
  if (bytes > firstScreenMaxBytes) {
    throw new Error(`the first screen needs ${bytes} bytes of JavaScript, more than ${firstScreenMaxBytes}`);
  }
  say(`The page is built; its first screen needs ${Math.round(bytes / 1_000)} kB of JavaScript, compressed.`);
  writeFileSync(stampFile, wanted);
}

/** The entry and the frame with the screen that opens first, and whatever they import, compressed one by one. */
function firstScreenBytes(): number {
  const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  const needed = new Set<string>();
  const add = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || needed.has(chunk.file)) return;
    needed.add(chunk.file);
    for (const one of chunk.imports ?? []) add(one);
  };
  for (const [name, chunk] of Object.entries(manifest)) {
    if (chunk.isEntry === true || name === 'src/screens/overview.tsx') add(name);
  }
  const scripts = [...needed].filter((file) => file.endsWith('.js'));
  return scripts
    .map((file) => gzipSync(readFileSync(join(dist, file))).length)
    .reduce((sum, one) => sum + one, 0);
}

function digestOfSources(): string {
  const files = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const all = [
    ...files,
    join(folder, 'index.html'),
    join(folder, 'vite.config.ts'),
    join(folder, 'package.json'),
  ];
  const hash = createHash('sha256');
  for (const file of all.toSorted()) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return hash.digest('hex');
}

if (import.meta.main) await buildPage((line) => void process.stderr.write(`${line}\n`));
