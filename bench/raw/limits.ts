/** What the machine itself allows, measured the same way before and after the scenarios; the difference is its noise. */
import type { Stand } from '../stand/stand.ts';
import { openWorld } from '../stand/world.ts';
import { requestsPerSecond } from './http.ts';
import { commitsPerSecond, rowsPerSecond } from './postgres.ts';
import { brokerRates } from './rabbitmq.ts';

export interface RawLimits {
  /** Single-row inserts, each its own transaction, 16 clients. */
  readonly commitsPerSecond: number;
  /** Rows inserted by statements of 1,000, one client. */
  readonly batchedRowsPerSecond: number;
  /** Confirmed publishes to one quorum queue, 500 in flight. */
  readonly publishesPerSecond: number;
  /** Deliveries of the same queue, each acknowledged, prefetch 500. */
  readonly consumesPerSecond: number;
  /** Deductions at the sandbox from a bare undici pool, 64 connections. */
  readonly requestsPerSecond: number;
}

export async function measureRawLimits(stand: Stand, seconds: number): Promise<RawLimits> {
  const world = await openWorld(stand, { name: 'raw', latencyMs: 0 });
  try {
    const { databaseUrl, sandboxUrl, sandboxToken } = world;
    const commits = await commitsPerSecond(databaseUrl, seconds);
    const rows = await rowsPerSecond(databaseUrl, seconds);
    const broker = await brokerRates(stand.amqpUrl, seconds);
    const requests = await requestsPerSecond(sandboxUrl, sandboxToken, seconds);
    return { commitsPerSecond: commits, batchedRowsPerSecond: rows, ...broker, requestsPerSecond: requests };
  } finally {
    await world.close();
  }
}
