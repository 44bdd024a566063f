/** What each process holds while many messages wait and are worked off. */
import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '../stand/audit.ts';
import { loadWaitingOrders } from '../stand/load-orders.ts';
import type { ProcessMemory } from '../stand/process-usage.ts';
import { inWorld } from '../stand/world.ts';
import { median } from '../statistics.ts';
import { awaitSettled, startSettling } from './drain.ts';
import type { Course, Measured } from './scenario.ts';

const sampleMs = 500;
const kinds = ['api', 'relay', 'worker', 'sweeper', 'postgres', 'rabbitmq', 'sandbox'] as const;

export function memory({ stand, sizes }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'memory', latencyMs: 0 }, async (world) => {
    await world.startHub('api');
    await startSettling(world, sizes.warmUpOrders);
    const orders = Math.ceil(sizes.memoryMessages / 2);
    await loadWaitingOrders(world, { count: orders });
    const samples = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
    const sampling = new AbortController();
    const sample = async (): Promise<void> => {
      while (!sampling.signal.aborted) {
        const usage = world.usage();
        for (const kind of kinds) samples.get(kind)?.push(largest(usage[kind]?.memory, 'residentMb'));
        await delay(sampleMs, undefined, { signal: sampling.signal }).catch(() => undefined);
      }
    };
    const sampled = sample();
    try {
      await awaitSettled(world);
    } finally {
      sampling.abort();
      await sampled;
    }
    const usage = world.usage();
    await audit(world, sizes.warmUpOrders + orders);
    return {
      figures: Object.fromEntries(
        kinds.flatMap((kind) => [
          [`memory.${kind}.steady.MB`, median(samples.get(kind) ?? [])],
          [`memory.${kind}.peak.MB`, largest(usage[kind]?.memory, 'peakMb')],
        ]),
      ),
    };
  });
}

/** Of the largest single process. Postgres' processes share their buffers, so adding them up would count those often. */
function largest(processes: readonly ProcessMemory[] = [], field: 'residentMb' | 'peakMb'): number {
  return Math.max(0, ...processes.map((one) => one[field]));
}
