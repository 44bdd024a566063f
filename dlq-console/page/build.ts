/** `npm run page`: builds the page if it is missing or older than its sources, and weighs what the first screen needs. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, gzipSync } from 'node:zlib';

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

/**
 * Builds once for one state of the sources. Any number may build at once, and a console may read what is there
 * meanwhile: files named by their content come first, then the page that names them, and the old ones go last.
 *
 * @throws Error when the first screen became too heavy
 */
export async function buildPage(say: (line: string) => void = () => undefined): Promise<void> {
  const wanted = digestOfSources();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  say('Building the page ...');
  // Whoever builds, a test for one, the page is the one that people get.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, 'building-'));
  try {
    await build({ configFile: join(folder, 'vite.config.ts'), build: { outDir: fresh } });
    const bytes = firstScreenBytes(fresh);
    if (bytes > firstScreenMaxBytes) {
      throw new Error(
        `the first screen needs ${bytes} bytes of JavaScript, more than ${firstScreenMaxBytes}`,
      );
    }
    await compressAssets(join(fresh, 'assets'));
    publish(fresh);
    say(
      `The page is built; its first screen needs ${Math.round(bytes / 1_000)} kB of JavaScript, compressed.`,
    );
    writeFileSync(stampFile, wanted);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Beside each file its brotli and its gzip, so that no answer waits for the best compression. */
async function compressAssets(assets: string): Promise<void> {
  await Promise.all(
    readdirSync(assets).map(async (name) => {
      const file = join(assets, name);
      const content = readFileSync(file);
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
      const [small, fallback] = await Promise.all([
        promisify(brotliCompress)(content, quality),
        promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
      ]);
      writeFileSync(`${file}.br`, small);
      writeFileSync(`${file}.gz`, fallback);
    }),
  );
}

function publish(fresh: string): void {
  const assets = join(dist, 'assets');
  mkdirSync(assets, { recursive: true });
  const made = readdirSync(join(fresh, 'assets'));
  for (const name of made) renameSync(join(fresh, 'assets', name), join(assets, name));
  for (const name of ['manifest.json', 'index.html']) renameSync(join(fresh, name), join(dist, name));
  for (const name of readdirSync(assets)) {
    if (!made.includes(name)) rmSync(join(assets, name), { force: true });
  }
}

/** The entry and the frame with the screen that opens first, and whatever they import, compressed one by one. */
function firstScreenBytes(built: string): number {
  const manifest = JSON.parse(readFileSync(join(built, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
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
    .map((file) => gzipSync(readFileSync(join(built, file))).length)
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
