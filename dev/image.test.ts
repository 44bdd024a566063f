/** The image can be built: what the Dockerfile copies is let in, and npm finds every workspace that the lock names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { workspaces } = JSON.parse(read('package.json')) as { workspaces: readonly string[] };

/** What each stage copies from the sources, in one line per source. */
const stages = read('Dockerfile')
  .split(/^FROM /m)
  .slice(1)
  .map((text) => {
    const copies = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)];
    return { text, sources: copies.flatMap(([, line = '']) => line.trim().split(/\s+/).slice(0, -1)) };
  });

test('every source is there and is let into the build', () => {
  const lines = read('.dockerignore').split('\n');
  const letIn = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const sources = stages.flatMap((stage) => stage.sources);
  expect(sources.length).toBeGreaterThan(10);
  for (const source of sources) {
    expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
    const isLetIn = letIn.some((one) => source === one || source.startsWith(`${one}/`));
    expect({ source, isLetIn }).toEqual({ source, isLetIn: true });
  }
});

test('each stage that installs has the manifest of every workspace, or npm ci refuses the lock', () => {
  const installing = stages.filter(({ text }) => text.includes('RUN npm ci'));
  expect(installing.length).toBe(2);
  for (const { sources } of installing) {
    expect(workspaces.filter((one) => !sources.includes(`${one}/package.json`))).toEqual([]);
  }
});

test('the page is built in a stage of its own, and only what it was built to gets into the image', () => {
  const [page, , image] = stages;
  expect(page?.text).toContain('RUN node dlq-console/page/build.ts');
  expect(image?.text).toContain(
    'COPY --from=page /srv/points-hub/dlq-console/page/dist dlq-console/page/dist',
  );
});
