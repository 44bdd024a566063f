/**
 * The rights of a role that runs the hub without owning it: all that the hub does, nothing of the schema, and of the
 * audit only reading and adding.
 */
import type { Knex } from 'knex';

/** Grants anew what the role may do; to be run after each migration by the owner. Idempotent. */
export async function grantApplicationRole(knex: Knex, role: string): Promise<void> {
  await knex.transaction(async (transaction) => {
    for (const statement of [
      'grant usage on schema hub, outbox to ??',
      'grant select, insert, update, delete on all tables in schema hub, outbox to ??',
      'grant usage on all sequences in schema hub, outbox to ??',
      'grant execute on all functions in schema hub, outbox to ??',
      'revoke update, delete, truncate, references, trigger on hub.audit from ??',
      'revoke insert, update, delete, truncate, references, trigger on hub.audit_head from ??',
    ]) {
      await transaction.raw(statement, [role]);
    }
  });
}
