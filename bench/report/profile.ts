/** Where the processor time of the hub's processes went, from the profiles that Node wrote. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stand } from '../stand/stand.ts';
import { inColumns, type Table } from './run.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const placesMax = 15;

const statementsMax = 20;
const statementCharactersMax = 90;

/** What Postgres spent its time on since it was started with profiles on, planning and waiting for locks included. */
export async function dearestStatements(stand: Stand): Promise<Table> {
  const rows = await stand.query<{ query: string; calls: string; ms: number; rows: string }>(
    `select regexp_replace(query, '\\s+', ' ', 'g') as query, calls, total_exec_time as ms, rows
     from pg_stat_statements
     order by total_exec_time desc
     limit ${statementsMax}`,
  );
  return [
    ['statement', 'calls', 'rows', 'ms', 'ms/call'],
    ...rows.map(({ query, calls, ms, rows: count }) => [
      query.trim().slice(0, statementCharactersMax),
      calls,
      count,
      String(Math.round(ms)),
      (ms / Number(calls)).toFixed(3),
    ]),
  ];
}

/** Self time by package, or by folder of ours, for each profile in the folder; waiting is left out. */
export function profileSummary(folder: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .toSorted()
    .map((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
      return `${name}\n${inColumns([['where', 'ms', 'share'], ...rowsOf(profile)])}\n`;
    })
    .join('\n');
}

function rowsOf(profile: CpuProfile): string[][] {
  const byPlace = [...selfMsByPlace(profile)].toSorted(([, a], [, b]) => b - a);
  const busyMs = byPlace.reduce((sum, [, ms]) => sum + ms, 0);
  return byPlace
    .slice(0, placesMax)
    .map(([place, ms]) => [place, String(Math.round(ms)), `${((ms / busyMs) * 100).toFixed(1)} %`]);
}

export function selfMsByPlace({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const totals = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? 'unknown';
    if (place === '(idle)' || place === '(root)') continue;
    totals.set(place, (totals.get(place) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  return totals;
}

function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  const inPackage = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (inPackage !== null) return inPackage[1] ?? '';
  if (url.startsWith('node:')) return url;
  const ours = /\/((?:hub|adapters|outbox)\/(?:[^/]+\/)?[^/]+)$/.exec(url);
  return ours?.[1] ?? functionName;
}
