import type { OutgoingMessage, PublishOutcome } from '../broker/port.ts';
import { writeEnvelope } from '../envelope.ts';
import { backoffMs, type BackoffLimits } from './backoff.ts';
import type { ClaimedRow, Postponement } from './statements.ts';

/** One row with what became of it. */
export interface Publication {
  readonly message: OutgoingMessage;
  readonly failuresBefore: number;
  readonly outcome: PublishOutcome;
}

export function toMessage(row: ClaimedRow, source: string): OutgoingMessage {
  return {
    id: row.id,
    exchange: row.exchange,
    routingKey: row.routing_key,
    mandatory: row.mandatory,
    body: writeEnvelope({
      id: row.id,
      source,
      type: row.type,
      subject: row.subject,
      time: row.time_json.slice(1, -1),
      traceparent: row.traceparent,
      dataJson: row.data_json,
    }),
  };
}

/** A row that keeps failing is tried again at least once a minute, so that a repaired queue fills soon. */
const rowBackoff: BackoffLimits = { delayMinMs: 1_000, delayMaxMs: 60_000 };

const causeLengthMax = 250;

/** Which rows are done with, and when the others are tried again. Only `confirmed` counts as published. */
export function settle(
  publications: readonly Publication[],
  random: () => number,
): { readonly publishedIds: readonly string[]; readonly postponements: readonly Postponement[] } {
  const publishedIds: string[] = [];
  const postponements: Postponement[] = [];
  for (const { message, failuresBefore, outcome } of publications) {
    const cause = causeOf(outcome);
    if (cause === undefined) publishedIds.push(message.id);
    else {
      const delayMs = backoffMs(failuresBefore, rowBackoff, random());
      // At most four octets a character: below the 1,000 of the column.
      postponements.push({
        id: message.id,
        delayMs,
        cause: cause.replaceAll('\0', '').slice(0, causeLengthMax),
      });
    }
  }
  return { publishedIds, postponements };
}

function causeOf(outcome: PublishOutcome): string | undefined {
  switch (outcome.type) {
    case 'confirmed':
      return undefined;
    case 'unroutable':
      return 'unroutable: no queue takes this routing key';
    case 'refused':
      return `refused: ${outcome.cause}`;
    case 'unconfirmed':
      return `unconfirmed: ${outcome.cause}`;
  }
}
