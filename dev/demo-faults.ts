import { writeFileSync } from 'node:fs';

/**
 * Writes what goes wrong in the demo: one channel answers 202 and tells the rest by callback. It does so before its
 * answer is out, for what the sandbox has only promised is forgotten when it is killed, and here everything may be.
 */
export function writeDemoFaults(file: string, hub: string, secret: string): void {
  const [on, probability] = [['deductions', 'refunds'], 1];
  const plans = {
    channels: {
      telcostars: {
        callback: { url: `${hub}/v1/callbacks/telcostars`, secret },
        faults: [
          { kind: 'async', on, probability, afterMs: 0 },
          { kind: 'callback-early', on, probability },
        ],
      },
    },
  };
  // The secret is in it.
  writeFileSync(file, JSON.stringify(plans), { mode: 0o600 });
}
