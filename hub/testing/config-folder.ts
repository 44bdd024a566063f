import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ConfigFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A copy of dev/config with changes: by file name without its ending, a text and what takes its place. */
export async function configFolder(
  changes: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>,
): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), 'hub-config-'));
  await cp(join(import.meta.dirname, '../../dev/config'), path, { recursive: true });
  for (const [name, replacements] of Object.entries(changes)) {
    const file = join(path, name === 'portal' ? 'portal.yaml' : `channels/${name}.yaml`);
    let text = await readFile(file, 'utf8');
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
      text = text.replace(from, to);
    }
    await writeFile(file, text);
  }
  return { path, remove: () => rm(path, { recursive: true }) };
}
