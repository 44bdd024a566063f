/** What the API gives as text of any length: to a new file, to a program, or made harmless to a person's terminal. */
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import type { World } from './command.ts';
import { CliFailure } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { plain, plainLines } from './text.ts';

export interface ExportOptions {
  readonly format: string;
  readonly output?: string;
}

export function addExportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'csv: a spreadsheet runs nothing in it')
        .choices(['csv', 'jsonl'])
        .default('jsonl'),
    )
    .option('--output <file>', 'a new file, which is there only when it is whole; else standard output');
}

/** @throws CliFailure HUB_CONFIG_INVALID for a file that is there, HUB_UNAVAILABLE if it broke off */
export async function takeAlong(
  { terminal }: Pick<World, 'terminal'>,
  { output }: Pick<ExportOptions, 'output'>,
  ask: () => Promise<Response>,
): Promise<void> {
  if (output !== undefined && existsSync(output)) throw thereAlready(output);
  const { body } = await ask();
  if (body === null) throw new CliFailure('HUB_INTERNAL', 'the answer has no body');
  try {
    if (output === undefined) await print(terminal, body);
    else await keep(body, output);
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw thereAlready(`${output ?? ''}.part`, error);
    throw new CliFailure('HUB_UNAVAILABLE', 'the export broke off', {
      cause: error,
      cure: 'What came is not the whole. Try again.',
    });
  }
  if (output !== undefined) terminal.aside(`It is in ${plain(output)}.`);
}

function thereAlready(file: string, cause?: unknown): CliFailure {
  return new CliFailure('HUB_CONFIG_INVALID', `${file} is there already`, {
    cause,
    cure: 'Nothing was written. Name another file, or remove that one.',
  });
}

/** A person's terminal gets harmless lines; a program gets every byte, as fast as it reads. */
async function print(terminal: Terminal, body: ReadableStream<Uint8Array>): Promise<void> {
  if (!terminal.isTerminal) {
    await pipeline(body, process.stdout, { end: false });
    return;
  }
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = plainLines(rest + chunk);
    rest = lines.at(-1) ?? '';
    for (const line of lines.slice(0, -1)) terminal.line(line);
  }
  if (rest !== '') terminal.line(rest);
}

async function keep(body: ReadableStream<Uint8Array>, file: string): Promise<void> {
  const draft = `${file}.part`;
  const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(body, stream);
    renameSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(draft, { force: true });
    throw error;
  }
}
