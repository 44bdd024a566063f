/** Operators look for cases among very many, and read and verify an audit of as many rows. */
import { verifyAudit } from '../../hub/operations/audit-chain.ts';
import { listAudit, type AuditFilter } from '../../hub/store/audit-log.ts';
import { foldCaseGroups, listCaseGroups } from '../../hub/store/case-groups.ts';
import {
  filterValues,
  listCases,
  listText,
  withValues,
  type CaseFilter,
} from '../../hub/store/case-lists.ts';
import { openDatabase, type Database } from '../../hub/store/database.ts';
import { loadCases } from '../../hub/testing/many-cases.ts';
import { inWorld } from '../stand/world.ts';
import { summarise } from '../statistics.ts';
import type { Course, Measured } from './scenario.ts';

const rounds = 40;
const pageCases = 50;
const auditPageRows = 200;
/** One statement's worth: the chain's head is updated with every row, and a transaction keeps all its versions. */
const auditRowsAtOnce = 2_000;
/** Of smaller tables Postgres may well read all. */
const planMattersFrom = 100_000;

const anyCase: CaseFilter = {
  state: 'open',
  channel: undefined,
  cause: undefined,
  operation: undefined,
  fingerprint: undefined,
  claimedBy: undefined,
  since: undefined,
  until: undefined,
  pointsMin: undefined,
  pointsMax: undefined,
  orderId: undefined,
  user: undefined,
};

/** Each filter alone, with a value that is frequent, one that is rare or none at all; and what they come to together. */
function caseFilters(cases: number): Readonly<Record<string, Partial<CaseFilter>>> {
  const ago = (ms: number): Date => new Date(Date.now() - ms);
  const oldestMs = cases * 50;
  return {
    'a state': {},
    'a state without any': { state: 'ignored' },
    'a channel': { channel: 'bankplus' },
    'no channel': { channel: 'gone' },
    'a rare cause': { cause: 'crash_loop' },
    'an operation': { operation: 'quota.deduct' },
    'a fingerprint': { fingerprint: 'v1 airmiles points.deduct attempts_used_up HTTP 504' },
    'a fingerprint of another channel': {
      fingerprint: 'v1 airmiles points.deduct attempts_used_up HTTP 504',
      channel: 'bankplus',
    },
    claimed: { claimedBy: 'ada' },
    'claimed by nobody': { claimedBy: 'nobody' },
    'long ago': { until: ago(oldestMs - 2_000) },
    'lately at no channel': { since: ago(oldestMs / 100), channel: 'gone' },
    'few points': { pointsMin: '500' },
    'many points': { pointsMin: '100' },
    'no points': { pointsMin: '450.5', pointsMax: '450.9' },
    'an order': { state: undefined, orderId: 'order-10000777' },
    'a user': { state: undefined, user: 'user-7' },
    'channel and rare cause': { channel: 'bankplus', cause: 'crash_loop' },
    'channel and operation': { channel: 'coffeeclub', operation: 'quota.deduct' },
    'claimed, points and channel': { claimedBy: 'bo', pointsMin: '400', channel: 'coffeeclub' },
    'points and rare cause': { pointsMin: '100', pointsMax: '400', cause: 'crash_loop' },
  };
}

const auditFilters: Readonly<Record<string, AuditFilter>> = {
  all: {},
  'a person': { operator: '1' },
  nobody: { operator: '999' },
  'an action': { action: 'case.retry' },
  'no action': { action: 'nothing.ever' },
  'a subject': { subject: 'case:17' },
  refusals: { outcome: 'refused' },
  "a person's refusals": { operator: '2', outcome: 'refused' },
};

export function desk({ stand, sizes: { deskRows } }: Course): Promise<Measured> {
  return inWorld(stand, { name: 'desk', latencyMs: 0 }, async ({ databaseUrl }) => {
    const database = openDatabase({ url: databaseUrl, applicationName: 'bench', poolMax: 2 });
    try {
      stand.say(`  loading ${deskRows} cases and ${deskRows} rows of the audit ...`);
      await database.knex.transaction(async (transaction) => {
        await transaction.raw('set local statement_timeout = 0');
        await loadCases(transaction, deskRows);
      });
      await loadAudit(database, deskRows);
      await stand.query('checkpoint');
      const lists = await measureLists(database, deskRows);
      await foldCaseGroups(database);
      const groups = await slowest([() => listCaseGroups(database, 'open', 500)]);
      const pages = Object.values(auditFilters).flatMap((filter) =>
        [undefined, String(deskRows >> 1)].map(
          (before) => () => listAudit(database, filter, before, auditPageRows),
        ),
      );
      const startedAtMs = performance.now();
      const verdict = await verifyAudit(database);
      if (verdict.type !== 'whole' || verdict.rows !== deskRows) {
        throw new Error(`desk: the audit is not as it was written: ${JSON.stringify(verdict)}`);
      }
      const verifiedS = (performance.now() - startedAtMs) / 1_000;
      return {
        figures: {
          ...lists,
          'desk.groups.p95.ms': groups,
          'desk.slowest audit page.p95.ms': await slowest(pages),
          'desk.audit verification.s': verifiedS,
        },
      };
    } finally {
      await database.close();
    }
  });
}

/** First pages and the ones after them. @throws Error where a list reads all cases, or is not of its filter */
async function measureLists(database: Database, cases: number): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = {};
  for (const [name, chosen] of Object.entries(caseFilters(cases))) {
    const filter = { ...anyCase, ...chosen };
    if (cases >= planMattersFrom) await demandIndex(database, name, filter);
    const first = await listCases(database, filter, undefined, pageCases);
    if (first.cases.some(({ channel }) => filter.channel !== undefined && channel !== filter.channel)) {
      throw new Error(`desk: the list by ${name} has other cases`);
    }
    const second = () => listCases(database, filter, first.last, pageCases);
    figures[`desk.list by ${name}.p95.ms`] = await slowest([
      () => listCases(database, filter, undefined, pageCases),
      ...(first.last === undefined ? [] : [second]),
    ]);
  }
  return { ...figures, 'desk.slowest list.p95.ms': Math.max(...Object.values(figures)) };
}

async function demandIndex(database: Database, name: string, filter: CaseFilter): Promise<void> {
  const plan = await withValues(database, async (connection) => {
    const values = [...filterValues(filter), null, null, pageCases];
    const { rows } = await connection.query<{ 'QUERY PLAN': string }>(`explain ${listText}`, values);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  if (/Seq Scan on cases/.test(plan)) throw new Error(`desk: the list by ${name} reads all cases:\n${plan}`);
}

/** The p95 of the slowest of them, in ms. */
async function slowest(asks: readonly (() => Promise<unknown>)[]): Promise<number> {
  const p95s: number[] = [];
  for (const ask of asks) {
    const tookMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const askedAtMs = performance.now();
      await ask();
      tookMs.push(performance.now() - askedAtMs);
    }
    p95s.push(summarise(tookMs).p95);
  }
  return Math.max(...p95s);
}

const auditText = `
insert into hub.audit (
  operator_id, via, outcome, actor, action, subject, reason, code, address, user_agent, request_id, details
)
select
  1 + i % 2, case i % 3 when 0 then 'cli' else 'web' end, case when i % 50 = 0 then 'refused' else 'done' end,
  case i % 2 when 0 then 'ada' else 'bo' end,
  (array['case.retry', 'case.note', 'case.claim', 'session.begin', 'replay.start'])[1 + i % 5],
  'case:' || (i % 100000), 'the channel is back', case when i % 50 = 0 then 'HUB_FORBIDDEN' end, '10.0.0.1',
  'Mozilla/5.0 (X11; Linux x86_64) a browser', '4711', '{"operation":"17"}'
from generate_series($1::integer, $2::integer) as i`;

/** Through the trigger that chains them, as everything comes in. */
async function loadAudit(database: Database, rows: number): Promise<void> {
  await database.query(
    `insert into hub.operators (name, name_key, origin, roles)
     values ('ada', 'ada', 'local', '{operator}'), ('bo', 'bo', 'local', '{approver}')`,
  );
  for (let begun = 0; begun < rows; begun += auditRowsAtOnce) {
    const last = Math.min(begun + auditRowsAtOnce, rows);
    await database.query(auditText, [begun + 1, last]);
  }
  await database.query('vacuum analyze hub.audit, hub.audit_head');
}
