/**
 * The sandbox as a process:
 *
 *   node sandbox/main.ts --channels airmiles,bankplus [--port 7100] [--host 127.0.0.1] [--journal FILE] [--latency MS]
 *                        [--faults FILE.json] [--natures FILE.json] [--seed N] [--magic on|off]
 *
 * Prints what goes wrong from the start, then `sandbox at URL` when it listens. Magic amounts are on unless told off. SANDBOX_TOKEN, if it is set, is the bearer token to come in with.
 * SIGTERM and SIGINT answer what has arrived and end it with code 0; a wrong argument ends it with code 2.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { createSandbox, type SandboxOptions } from './sandbox.ts';

const options = readOptions();
const sandbox = await createSandbox(options).catch((error: unknown) => endWrong(error));
let ending = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    void sandbox.close();
  });
}

if (sandbox.tornBytes > 0) {
  console.log(`journal: cut off a torn last line of ${sandbox.tornBytes} bytes, which was never answered`);
}
for (const line of sandbox.describeFaults()) console.log(`faults at ${line}`);
if (options.magicAmounts === true) console.log('magic amounts: on (adapters/README.md lists them)');
console.log(`sandbox at ${sandbox.url}`);

function readOptions(): SandboxOptions {
  try {
    const { values } = parseArgs({
      options: {
        channels: { type: 'string' },
        port: { type: 'string', default: '7100' },
        host: { type: 'string', default: '127.0.0.1' },
        journal: { type: 'string' },
        latency: { type: 'string', default: '0' },
        faults: { type: 'string' },
        natures: { type: 'string' },
        seed: { type: 'string', default: '1' },
        magic: { type: 'string', default: 'on' },
      },
    });
    const channels = (values.channels ?? '').split(',').filter((id) => id !== '');
    if (channels.length === 0) throw new Error('--channels a,b,c is missing');
    if (values.magic !== 'on' && values.magic !== 'off') throw new Error('--magic is on or off');
    const bearerToken = process.env['SANDBOX_TOKEN'];
    return {
      channels,
      port: readWhole('--port', values.port, 65_535),
      host: values.host,
      latencyMs: readWhole('--latency', values.latency, 600_000),
      seed: readWhole('--seed', values.seed, 2 ** 32 - 1),
      magicAmounts: values.magic === 'on',
      ...(values.faults === undefined ? {} : { faults: readJsonFile(values.faults) }),
      ...(values.natures === undefined ? {} : { natures: readJsonFile(values.natures) }),
      ...(values.journal === undefined ? {} : { journal: values.journal }),
      ...(bearerToken === undefined || bearerToken === '' ? {} : { bearerToken }),
    };
  } catch (error) {
    return endWrong(error);
  }
}

function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`--faults ${path}: ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause });
  }
}

function endWrong(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(2);
}

function readWhole(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new Error(`${name} must be a whole number from 0 to ${max}`);
  return value;
}
