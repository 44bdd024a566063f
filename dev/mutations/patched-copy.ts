import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Patch } from './mutation.ts';

const root = join(import.meta.dirname, '../..');

export interface PatchedCopy {
  readonly folder: string;
  remove(): void;
}

/**
 * The hub and its simulation in a folder of their own, with `patches` applied; everything else is the original.
 *
 * @throws Error if a text of a patch is not met exactly once: the rule has moved, and its patch must follow
 */
export function patchedCopy(patches: readonly Patch[]): PatchedCopy {
  const folder = mkdtempSync(join(tmpdir(), 'points-hub-mutation-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    cpSync(join(root, 'hub'), join(folder, 'hub'), { recursive: true });
    mkdirSync(join(folder, 'dev'));
    cpSync(join(root, 'dev/simulate.ts'), join(folder, 'dev/simulate.ts'));
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const patch of patches) apply(folder, patch);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function apply(folder: string, { file, text, without }: Patch): void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const times = before.split(text).length - 1;
  if (times !== 1) throw new Error(`${file} has this text ${times} times, not once:\n${text}`);
  writeFileSync(
    path,
    before.replace(text, () => without),
  );
}
