/** Writes orders straight into the hub's tables by COPY: waiting ones with their messages, or long ended ones. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import copyStreams from 'pg-copy-streams';
import { keyBaseOf } from '../../hub/intake/key-base.ts';
import { deductionDueType } from '../../hub/settlement/topology.ts';
import { mallId, pairOf, pointsOfDeduction, userOf } from './orders.ts';
import { channelIds, type World } from './world.ts';

const wakeAfterMs = 30_000;
const deadlineMs = 24 * 3_600_000;
const rowsPerChunk = 500;

export interface LoadedOrders {
  readonly firstRowId: number;
  readonly count: number;
}

export interface Batch {
  readonly count: number;
  /** The channels of the order with this number. Default: two of all six, every pair alike. */
  readonly channelsOf?: (index: number) => readonly string[];
}

/** Two of all channels. */
export function pairOfAll(index: number): readonly string[] {
  return pairOf(index, channelIds);
}

/**
 * Loads orders as the mall's transaction would leave them: the order, its deductions, one message each. One
 * transaction, so that all of them wait from one moment on.
 */
export async function loadWaitingOrders(
  world: World,
  { count, channelsOf = pairOfAll }: Batch,
): Promise<LoadedOrders> {
  return inTransaction(world, async (client) => {
    const firstRowId = await reserve(client, 'orders', count);
    const channels = Array.from({ length: count }, (_, index) => channelsOf(index));
    const deductions = channels.reduce((sum, { length }) => sum + length, 0);
    const firstDeductionId = await reserve(client, 'deductions', deductions);
    const now = new Date().toISOString();
    const deadlineAt = new Date(Date.now() + deadlineMs).toISOString();
    const wakeBy = new Date(Date.now() + wakeAfterMs).toISOString();
    const orderIdOf = (index: number): string => `${world.prefix}-${firstRowId + index}`;

    await copy(
      client,
      'hub.orders (id, placed_at, deadline_at, mall_id, order_id, user_id, fingerprint)',
      function* () {
        for (let index = 0; index < count; index += 1)
          yield [firstRowId + index, now, deadlineAt, mallId, orderIdOf(index), userOf(index), 'bench'];
      },
    );
    await copy(
      client,
      'hub.deductions (id, order_id, wake_by, asked, channel, member_ref, key_base)',
      function* () {
        let id = firstDeductionId;
        for (const [index, ofOrder] of channels.entries()) {
          const user = userOf(index);
          for (const channel of ofOrder) {
            const keyBase = keyBaseOf(mallId, orderIdOf(index), channel, user);
            yield [id, firstRowId + index, wakeBy, pointsOfDeduction, channel, user, keyBase];
            id += 1;
          }
        }
      },
    );
    await copy(
      client,
      'outbox.messages (mandatory, exchange, routing_key, type, subject, data)',
      function* () {
        let id = firstDeductionId;
        for (const [index, ofOrder] of channels.entries()) {
          for (const channel of ofOrder) {
            const data = `{"deductionId" : "${id}", "orderRowId" : "${firstRowId + index}"}`;
            yield ['t', world.names.deductions, channel, deductionDueType, id, data];
            id += 1;
          }
        }
      },
    );
    return { firstRowId, count };
  });
}

/** Calls of ended orders are kept for 30 days; the history below covers a year. */
const attemptsKeptShare = 30 / 365;

/** On disk per ended order of two deductions, indexes included; measured with Postgres 18 and rounded up. */
export const bytesPerEndedOrder = 2_500;

/**
 * Loads `count` settled orders of another mall, numbered from `firstRowId` (below those of the run itself), with their
 * deductions, and with the calls of the youngest.
 */
export async function loadHistory(world: World, firstRowId: number, count: number): Promise<void> {
  const yearMs = 365 * 24 * 3_600_000;
  const endMs = Date.now() - 3_600_000;
  const timeOf = (index: number): string => new Date(endMs - yearMs * (1 - index / count)).toISOString();
  const orderIdOf = (index: number): string => `past-${firstRowId + index}`;
  await withoutChecks(world, (client) => copyHistory(client));

  async function copyHistory(client: PoolClient): Promise<void> {
    await copy(
      client,
      'hub.orders (id, placed_at, ended_at, deadline_at, status, mall_id, order_id, user_id, fingerprint)',
      function* () {
        for (let index = 0; index < count; index += 1) {
          const at = timeOf(index);
          yield [firstRowId + index, at, at, at, 'settled', 'past', orderIdOf(index), userOf(index), 'bench'];
        }
      },
    );
    await copy(
      client,
      'hub.deductions (id, order_id, attempts, asked, points_moved, quota_moved, channel, member_ref, key_base, points_state, quota_state, points_remote_id, quota_remote_id)',
      function* () {
        for (let index = 0; index < count; index += 1) {
          const user = userOf(index);
          for (const [place, channel] of pairOfAll(index).entries()) {
            const id = (firstRowId + index) * 2 + place;
            const keyBase = keyBaseOf('past', orderIdOf(index), channel, user);
            const points = pointsOfDeduction;
            yield [
              id,
              firstRowId + index,
              2,
              points,
              points,
              points,
              channel,
              user,
              keyBase,
              'applied',
              'applied',
              `tx-${id}`,
              `op-${id}`,
            ];
          }
        }
      },
    );
    await copy(
      client,
      'hub.attempts (deduction_id, intended_at, send_by, finished_at, number, points, leg, action, key, outcome, evidence)',
      function* () {
        for (let index = Math.floor(count * (1 - attemptsKeptShare)); index < count; index += 1) {
          const at = timeOf(index);
          for (const place of [0, 1]) {
            const id = (firstRowId + index) * 2 + place;
            for (const [number, leg] of [
              [1, 'points'],
              [2, 'quota'],
            ] as const)
              yield [
                id,
                at,
                at,
                at,
                number,
                pointsOfDeduction,
                leg,
                'deduct',
                `past-${id}-${leg}`,
                'done',
                `{"httpStatus": 200, "remoteId": "tx-${id}", "elapsedMs": 12}`,
              ];
          }
        }
      },
    );
  }
}

type Cells = readonly (string | number)[];

// No cell holds a tab, a line break or a backslash, which COPY's text format would want escaped.
async function copy(client: PoolClient, target: string, rows: () => Generator<Cells>): Promise<void> {
  function* chunks(): Generator<string> {
    let lines: string[] = [];
    for (const cells of rows()) {
      lines.push(`${cells.join('\t')}\n`);
      if (lines.length === rowsPerChunk) {
        yield lines.join('');
        lines = [];
      }
    }
    if (lines.length > 0) yield lines.join('');
  }
  await pipeline(
    Readable.from(chunks(), { objectMode: false }),
    client.query(copyStreams.from(`copy ${target} from stdin`)),
  );
}

async function inTransaction<Result>(
  world: World,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await world.sql.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/**
 * Loads without the CHECKs and foreign keys of the hub's tables, which judge every row and would take the better part
 * of an hour; afterwards new rows are judged as before.
 */
async function withoutChecks(world: World, load: (client: PoolClient) => Promise<void>): Promise<void> {
  await inTransaction(world, async (client) => {
    const { rows } = await client.query<{ table: string; name: string; definition: string }>(
      `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
       from pg_constraint
       where contype in ('c', 'f') and conrelid in ('hub.orders'::regclass, 'hub.deductions'::regclass, 'hub.attempts'::regclass)`,
    );
    for (const { table, name } of rows) await client.query(`alter table ${table} drop constraint ${name}`);
    await load(client);
    for (const { table, name, definition } of rows) {
      const trusting = definition.endsWith('NOT VALID') ? '' : ' not valid';
      await client.query(`alter table ${table} add constraint ${name} ${definition}${trusting}`);
    }
  });
  await world.sql.query('vacuum (analyze) hub.orders, hub.deductions, hub.attempts');
}

/** Takes `count` numbers of the table's own sequence. @returns the first */
async function reserve(client: PoolClient, table: 'orders' | 'deductions', count: number): Promise<number> {
  const { rows } = await client.query<{ first: string }>(
    `select setval(sequence, nextval(sequence) + $1) - $1 as first
     from (select pg_get_serial_sequence('hub.${table}', 'id')::regclass as sequence) as of_table`,
    [count - 1],
  );
  return Number(rows[0]?.first);
}
