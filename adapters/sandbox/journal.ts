import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { readEntry, writeEntry, type Entry } from './entries.ts';

/** Where effects are written down before they are answered. */
export interface Journal {
  /** Returns when the operating system has all of them, in one write. */
  append(entries: readonly Entry[]): void;
  close(): void;
}

/** For sandboxes that need not outlive their process. */
export const NO_JOURNAL: Journal = { append() {}, close() {} };

/**
 * Opens an append-only file of one entry per line, made if it is missing, and hands every entry in it to `replay`.
 *
 * Entries survive the death of the process at any moment (SIGKILL), not that of the machine: nothing is flushed to
 * the disk, since a sandbox's books are worth less than its speed. A last line that was torn by such a death was never
 * answered; it is cut off and its length returned.
 *
 * @throws Error naming the line, if any other line is unreadable.
 */
export function openJournal(
  path: string,
  replay: (entry: Entry) => void,
): { readonly journal: Journal; readonly tornBytes: number } {
  mkdirSync(dirname(path), { recursive: true });
  const wholeBytes = existsSync(path) ? replayFile(path, replay) : { kept: 0, torn: 0 };
  const file = openSync(path, 'a');
  if (wholeBytes.torn > 0) ftruncateSync(file, wholeBytes.kept);
  return {
    tornBytes: wholeBytes.torn,
    journal: {
      append(entries) {
        const bytes = Buffer.from(entries.map((entry) => `${writeEntry(entry)}\n`).join(''));
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      },
      close: () => closeSync(file),
    },
  };
}

function replayFile(
  path: string,
  replay: (entry: Entry) => void,
): { readonly kept: number; readonly torn: number } {
  const bytes = readFileSync(path);
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) return { kept: start, torn: bytes.length - start };
    try {
      replay(readEntry(bytes.toString('utf8', start, end)));
    } catch (cause) {
      throw new Error(`${path}:${line}: unreadable journal entry`, { cause });
    }
    start = end + 1;
  }
}
