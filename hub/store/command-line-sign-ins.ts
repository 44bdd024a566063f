/** Who came back from the identity provider for a command that waits for him. */
import type { SqlConnection } from '@points-hub/outbox';

export interface CommandLineSignIn {
  readonly operatorId: string;
  readonly name: string;
  readonly provenAt: Date;
  readonly challenge: Buffer;
}

const insertText = `
with expired as (
  delete from hub.command_line_sign_ins where expires_at <= clock_timestamp()
)
insert into hub.command_line_sign_ins (operator_id, proven_at, code_hash, challenge, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms')`;

/** Index: command_line_sign_ins_by_end. */
export async function insertCommandLineSignIn(
  connection: SqlConnection,
  codeHash: Buffer,
  { operatorId, provenAt, challenge }: Omit<CommandLineSignIn, 'name'>,
  lastsMs: number,
): Promise<void> {
  await connection.query(insertText, [operatorId, provenAt, codeHash, challenge, lastsMs]);
}

const takeText = `
delete from hub.command_line_sign_ins as asked
using hub.operators
where asked.code_hash = $1 and asked.expires_at > clock_timestamp() and operators.id = asked.operator_id
  and operators.disabled_at is null
returning operators.id as "operatorId", operators.name, asked.proven_at as "provenAt", asked.challenge`;

/** Takes it for ever, whoever shows the code. Index: the primary key. */
export async function takeCommandLineSignIn(
  connection: SqlConnection,
  codeHash: Buffer,
): Promise<CommandLineSignIn | undefined> {
  return (await connection.query<CommandLineSignIn>(takeText, [codeHash])).rows[0];
}
