import { pino } from 'pino';
import type { Input } from '../core/advance.ts';
import { Points } from '../core/points.ts';
import { cautiousPolicies } from '../settlement/policies.ts';
import { think } from '../settlement/settle.ts';
import { messageNames } from '../settlement/topology.ts';
import { openDatabase } from '../store/database.ts';
import { settlementStore } from '../store/settlements.ts';
import type { HubUnderTest } from './hub-under-test.ts';

interface AttemptRow {
  readonly deduction_id: string;
  readonly order_row_id: string;
  readonly order_id: string;
  readonly member_ref: string;
  readonly key: string;
  readonly points: string;
  readonly intended_at: Date;
}

/** The first request to a channel arrives after all, and its answer comes back to whoever sent it. */
export async function lateAnswer(
  { database: { knex, url }, sandbox, prefix }: HubUnderTest,
  channel: string,
) {
  const { rows } = await knex.raw<{ rows: AttemptRow[] }>(
    `select attempts.*, deductions.order_id as order_row_id, orders.order_id, deductions.member_ref
     from hub.attempts
     join hub.deductions on deductions.id = attempts.deduction_id
     join hub.orders on orders.id = deductions.order_id
     where number = 1 and channel = ?`,
    [channel],
  );
  const [attempt] = rows;
  if (attempt === undefined) throw new Error('there was no first request');
  const { key, order_id: orderId, member_ref: member, deduction_id: deductionId } = attempt;
  const points = new Points(attempt.points);
  const taken = await fetch(`${sandbox.url}/channels/${channel}/v1/deductions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ key, orderId, member, points: points.toFixed() }),
  });
  if (taken.status !== 200) throw new Error(await taken.text());
  const { transactionId } = (await taken.json()) as { transactionId: string };

  const outcome = { type: 'done', points, remoteId: transactionId, replayed: false, evidence: {} } as const;
  const input: Input = {
    type: 'outcome',
    deductionId,
    token: 1,
    call: { leg: 'points', action: 'deduct' },
    answer: { type: 'acted', outcome },
    intendedAt: attempt.intended_at,
  };
  const database = openDatabase({ url, applicationName: 'late', poolMax: 1 });
  const log = pino({ level: 'silent' });
  const names = messageNames(prefix);
  const store = settlementStore({ database, names, wakeAfterMs: 1_000, patienceUntil: undefined, log });
  const limits = { callTimeoutMs: 1_000, failuresMax: 9, pendingMaxMs: 9_000 };
  const policies = cautiousPolicies({ limits } as Parameters<typeof cautiousPolicies>[0]);
  await store.transact([attempt.order_row_id], (settlements, now) => {
    const facts = { policiesOf: () => policies, random: Math.random, wakeAfterMs: 1_000 };
    const { writes } = think(
      [{ orderRowId: attempt.order_row_id, input, pass: undefined }],
      settlements,
      now,
      facts,
    );
    return { writes, result: undefined };
  });
  await database.close();
}
