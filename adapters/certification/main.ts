/**
 * `npm run certify -- path/to/channel.yaml`: tries a channel's adapter for every behaviour that its capabilities imply.
 * Exit code 1 if one is missing, 2 if it cannot be tried. `docs/add-a-channel.md` says how it is used.
 */
import { createInterface } from 'node:readline/promises';

import { runCertify } from './command.ts';

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is gone says no.
  const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), gone]);
  } finally {
    lines.close();
  }
}

try {
  process.exitCode = await runCertify(process.argv.slice(2), process.env, {
    print: (text) => console.log(text),
    ask: process.stdin.isTTY ? ask : undefined,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
