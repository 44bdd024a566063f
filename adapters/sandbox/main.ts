/**
 * The sandbox as a process:
 *
 *   node sandbox/main.ts --channels airmiles,bankplus [--port 7100] [--host 127.0.0.1] [--journal FILE] [--latency MS]
 *
 * Prints `sandbox at URL` when it listens. SANDBOX_TOKEN, if it is set, is the bearer token to come in with.
 * SIGTERM and SIGINT answer what has arrived and end it with code 0; a wrong argument ends it with code 2.
 */
import { parseArgs } from 'node:util';

import { createSandbox, type SandboxOptions } from './sandbox.ts';

const sandbox = await createSandbox(readOptions());
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
      },
    });
    const channels = (values.channels ?? '').split(',').filter((id) => id !== '');
    if (channels.length === 0) throw new Error('--channels a,b,c is missing');
    const bearerToken = process.env['SANDBOX_TOKEN'];
    return {
      channels,
      port: readWhole('--port', values.port, 65_535),
      host: values.host,
      latencyMs: readWhole('--latency', values.latency, 600_000),
      ...(values.journal === undefined ? {} : { journal: values.journal }),
      ...(bearerToken === undefined || bearerToken === '' ? {} : { bearerToken }),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function readWhole(name: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new Error(`${name} must be a whole number from 0 to ${max}`);
  return value;
}
