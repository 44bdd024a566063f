/** `audit ...`: who did what, and whether it is as it was written. */
import type { Command } from 'commander';
import { addCommand, addTopic, connect, type CommonOptions, type World } from '../command.ts';
import { addExportOptions, takeAlong, type ExportOptions } from '../export-file.ts';
import { showTable, type Column } from '../terminal.ts';
import { plain, shortTime, timeOf } from '../text.ts';

interface AuditRow {
  readonly id: string;
  readonly at: string;
  readonly actor: string | null;
  readonly via: string;
  readonly action: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly reason: string | null;
}

interface FilterOptions extends CommonOptions {
  readonly operator?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
}

type Verdict =
  | {
      readonly type: 'whole';
      readonly rows: number;
      readonly end: { readonly id: string; readonly hash: string };
    }
  | { readonly type: 'broken'; readonly firstBadId: string; readonly reason: string };

export function addAudit(program: Command, world: World): void {
  const audit = addTopic(program, 'audit', 'who did what, and was refused what');

  addFilterOptions(
    addCommand(audit, 'list', 'What people did and were refused, the newest first', [
      'audit list --since 24h --outcome refused',
      'audit list --subject case:17 --json',
    ]),
  )
    .option('--limit <n>', 'of one page', '50')
    .option('--after <next>', 'the page after the one whose answer gave this as next')
    .action(async (options: FilterOptions & { limit: string; after?: string }) => {
      const query = { ...filterOf(options, world.now()), limit: options.limit, before: options.after };
      const api = connect(world, options);
      const answer = await api.get<{ rows: readonly AuditRow[]; next?: string }>('/audit', { query });
      if (options.json === true) {
        world.terminal.json(answer);
        return;
      }
      showTable(world.terminal, answer.rows, columns, 'There are no such rows.');
      if (answer.next !== undefined) world.terminal.aside(`There may be more: --after ${answer.next}`);
    });

  addExportOptions(
    addFilterOptions(
      addCommand(audit, 'export', 'Takes the audit along, the oldest first', [
        'audit export --format csv --output audit.csv',
        'audit export --format jsonl --since 30d | gzip > audit.jsonl.gz',
      ]),
    ),
  ).action((options: FilterOptions & ExportOptions) => {
    const query = { ...filterOf(options, world.now()), format: options.format };
    return takeAlong(world, options, () => connect(world, options).open('/audit/export', { query }));
  });

  addCommand(audit, 'verify', 'Looks at every row; exit code 1 names the first that is not as written', [
    'audit verify',
    'audit verify --json | jq -r .end.hash      # keep it elsewhere',
  ]).action(async (options: CommonOptions) => {
    const verdict = await connect(world, options).get<Verdict>('/audit/verification');
    if (verdict.type === 'broken') world.endWith(1);
    if (options.json === true) world.terminal.json(verdict);
    else world.terminal.line(verdictText(world, verdict));
  });
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--operator <id>', 'of this person')
    .option('--action <name>', 'e.g. case.retry')
    .option('--subject <name>', 'e.g. case:17 or channel:airmiles')
    .option('--outcome <outcome>', 'done, begun or refused')
    .option('--since <time>', '2026-01-31T08:00:00Z, or 2h for two hours ago')
    .option('--until <time>', 'the same');
}

function filterOf({ operator, action, subject, outcome, since, until }: FilterOptions, now: Date) {
  const times = {
    since: since === undefined ? undefined : timeOf(since, now),
    until: until === undefined ? undefined : timeOf(until, now),
  };
  return { operator, action, subject, outcome, ...times };
}

function verdictText({ terminal }: World, verdict: Verdict): string {
  if (verdict.type === 'whole') {
    return `${terminal.paint('green', 'The audit is whole')}: ${verdict.rows} rows. It ends with ${plain(verdict.end.hash)}.`;
  }
  const { firstBadId, reason } = verdict;
  return `${terminal.paint('red', 'The audit is broken')} at row ${plain(firstBadId)}: ${plain(reason)}.`;
}

const columns: readonly Column<AuditRow>[] = [
  { title: 'ROW', of: ({ id }) => id, align: 'right' },
  { title: 'AT', of: ({ at }) => shortTime(at) },
  { title: 'WHO', of: ({ actor }) => actor },
  { title: 'VIA', of: ({ via }) => via },
  { title: 'ACTION', of: ({ action }) => action },
  { title: 'SUBJECT', of: ({ subject }) => subject },
  { title: 'OUTCOME', of: ({ outcome, code }) => code ?? outcome, colour: outcomeColour },
  { title: 'WHY', of: ({ reason }) => reason },
];

function outcomeColour({ outcome }: AuditRow) {
  return outcome === 'refused' ? 'red' : outcome === 'begun' ? 'yellow' : 'green';
}
