import { sqlConnection, type Transaction } from './sql-connection.ts';

/** A message to be sent if, and only if, the transaction that it is appended in commits. */
export interface NewMessage {
  /** 1 to 255 octets. */
  readonly exchange: string;
  /** At most 255 octets. */
  readonly routingKey: string;
  /** The CloudEvents type, 1 to 255 octets. */
  readonly type: string;
  /** The CloudEvents subject, 1 to 255 octets. */
  readonly subject?: string | undefined;
  /** Anything that JSON can hold; at most 65,536 octets of text. */
  readonly data: unknown;
  /** Not published before; default at once. */
  readonly availableAt?: Date | undefined;
  /** Default true: a message that no queue takes stays in the outbox and is tried again. */
  readonly mandatory?: boolean | undefined;
  /** W3C Trace Context; a malformed one is dropped. */
  readonly traceparent?: string | undefined;
}

const messagesMax = 10_000;

/**
 * Writes messages in the caller's transaction, in one statement for any number of them (at most 10,000).
 * Returns their outbox ids, in the order of `messages`. Call `Relay.wake` after the commit if the relay runs in
 * this process; otherwise it finds them by itself.
 *
 * @throws TypeError if it is not given an open transaction, or data that JSON cannot hold
 * @throws RangeError if there are more than 10,000 messages
 * @throws whatever Postgres answers, e.g. a violated bound; the caller's transaction is then aborted
 */
export async function append(transaction: Transaction, messages: readonly NewMessage[]): Promise<string[]> {
  const connection = sqlConnection(transaction);
  if (messages.length > messagesMax) throw new RangeError(`At most ${messagesMax} messages in one append.`);
  if (messages.length === 0) return [];
  const { rows } = await connection.query<{ id: string }>(appendMessages, [
    messages.map((message) => message.exchange),
    messages.map((message) => message.routingKey),
    messages.map((message) => message.type),
    messages.map((message) => message.subject ?? null),
    messages.map((message) => jsonText(message.data)),
    messages.map((message) => message.availableAt?.toISOString() ?? null),
    messages.map((message) => message.mandatory ?? true),
    messages.map((message) => message.traceparent ?? null),
  ]);
  return rows.map((row) => row.id);
}

/** Rows get their ids in the order of the arrays, and `returning` gives them back in that order. */
const appendMessages = `
  insert into outbox.messages (exchange, routing_key, type, subject, data, available_at, mandatory, traceparent)
  select
    exchange,
    routing_key,
    type,
    subject,
    data::json,
    coalesce(available_at, now()),
    mandatory,
    case when traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then traceparent end
  from
    unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[], $8::text[]
    ) with ordinality as message (
      exchange, routing_key, type, subject, data, available_at, mandatory, traceparent, position
    )
  order by position
  returning id::text`;

function jsonText(data: unknown): string {
  const text: string | undefined = JSON.stringify(data);
  if (text === undefined) throw new TypeError('The data of a message is not representable as JSON.');
  return text;
}
