import type { SqlConnection } from '@points-hub/outbox';

export interface DeadMessage {
  /** Its id and the digest of its body. */
  readonly key: string;
  readonly cause: 'unreadable_message' | 'crash_loop';
  readonly error: string;
  readonly fingerprint: string;
  /** Masked. */
  readonly evidence: object;
}

/** Index: cases_one_per_message, which makes a message that is delivered again no second case, whatever became of it. */
const openMessageCaseText = `
insert into hub.cases (message_key, cause, suggestion, error, fingerprint, evidence)
values ($1, $2, 'ask_engineering', $3, $4, $5)
on conflict (message_key) where message_key is not null do nothing`;

/** Makes a case of a message that the broker gave up. @returns whether it is a new one */
export async function openMessageCase(
  connection: SqlConnection,
  { key, cause, error, fingerprint, evidence }: DeadMessage,
): Promise<boolean> {
  const values = [key, cause, error, fingerprint, JSON.stringify(evidence)];
  const { rowCount } = await connection.query(openMessageCaseText, values);
  return rowCount === 1;
}
