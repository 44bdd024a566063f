/** The cases of a list as text for other tools. As in a list there is no evidence and nothing of the user. */
import { HubError } from '../errors.ts';
import { countCases, type CaseFilter, type CasePlace } from '../store/case-lists.ts';
import type { CaseSummary } from '../store/cases.ts';
import type { Database } from '../store/database.ts';
import type { ExportFormat } from './audit-export.ts';
import { demand, type Caller } from './caller.ts';
import type { CaseStore } from './case-store-port.ts';
import { byteOrderMark, csvLine } from './csv.ts';

export interface CaseExports {
  /**
   * One text per page, the newest case first. That it was taken is written down before the first of them.
   *
   * @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL, HUB_EXPORT_TOO_LARGE
   */
  export(caller: Caller, format: ExportFormat, filter: CaseFilter): Promise<AsyncIterable<string>>;
}

/** A spreadsheet has 1,048,576 lines and drops what is beyond them without a word. */
const exportCasesMax = 1_000_000;
const pageCases = 1_000;

const columns = [
  'id',
  'state',
  'cause',
  'suggestion',
  'channel',
  'leg',
  'operation',
  'error',
  'points',
  'count',
  'mallId',
  'orderId',
  'claimedBy',
  'isBusy',
  'version',
  'firstSeenAt',
  'lastSeenAt',
  'closedAt',
  'fingerprint',
] as const satisfies readonly (keyof CaseSummary)[];

export interface CaseExportsOptions {
  readonly database: Pick<Database, 'transaction'>;
  readonly cases: Pick<CaseStore, 'list' | 'transaction'>;
}

export function openCaseExports(
  { database, cases }: CaseExportsOptions,
  casesMax = exportCasesMax,
): CaseExports {
  async function* textOf(format: ExportFormat, filter: CaseFilter): AsyncGenerator<string> {
    if (format === 'csv') yield byteOrderMark + csvLine(columns);
    let after: CasePlace | undefined;
    do {
      const page = await cases.list(filter, after, pageCases);
      yield page.cases.map((one) => (format === 'csv' ? csvOf(one) : `${JSON.stringify(one)}\n`)).join('');
      after = page.last;
    } while (after !== undefined);
  }
  return {
    export: async (caller, format, filter) => {
      demand(caller, 'cases.read');
      if ((await countCases(database, filter, casesMax + 1)) > casesMax) {
        throw new HubError('HUB_EXPORT_TOO_LARGE', `more than ${casesMax} cases fit the filter`);
      }
      const details = {
        format,
        filter: { ...filter, ...(filter.user === undefined ? {} : { user: '•••' }) },
      };
      await cases.transaction((transaction) => transaction.audit(caller, { action: 'case.export', details }));
      return textOf(format, filter);
    },
  };
}

function csvOf(one: CaseSummary): string {
  return csvLine(
    columns.map((name) => {
      const value = one[name];
      if (value === null) return null;
      return value instanceof Date ? value.toISOString() : String(value);
    }),
  );
}
