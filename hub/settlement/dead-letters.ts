/**
 * Drains the broker's dead-letter queue into cases. A message is acknowledged only after the commit, so a drain that
 * dies in between meets it again, and its case is then found to exist.
 */
import { createHash } from 'node:crypto';
import { createMasker, maskEvidence } from '@points-hub/adapters';
import type { Broker, Delivery, Disposition } from '@points-hub/outbox';
import type { Logger } from 'pino';
import { fingerprintOf } from './case-words.ts';
import { readDueMessage } from './due-message.ts';
import type { Settler } from './settle.ts';
import type { DeadMessage } from '../store/message-cases.ts';
import type { MessageNames } from './topology.ts';

export interface DeadLetterOptions {
  readonly broker: Broker;
  readonly names: MessageNames;
  readonly settler: Pick<Settler, 'giveUp'>;
  /** Commits a case of its own for a message; false if there is one already. */
  readonly openCase: (message: DeadMessage) => Promise<boolean>;
  readonly log: Logger;
}

export interface DeadLetterDrain {
  stop(): Promise<void>;
}

/** Dead letters in hand at once: they are rare, and each is one short transaction. */
const prefetch = 8;

export async function startDeadLetterDrain(options: DeadLetterOptions): Promise<DeadLetterDrain> {
  const { broker, names } = options;
  const consumer = await broker.consume({
    queue: names.deadLetters,
    prefetch,
    onDelivery: (delivery) => drain(delivery, options),
  });
  return { stop: () => consumer.stop() };
}

/** A throw leaves the message in its queue: it comes again after a pause, without limit. */
async function drain(
  { messageId, body }: Delivery,
  { settler, openCase, log }: DeadLetterOptions,
): Promise<Disposition> {
  const reading = readDueMessage(body);
  if (reading.type === 'unreadable') {
    await openCase(deadMessage(messageId, body, 'unreadable_message', reason(reading.reason)));
  } else {
    const { deductionId, orderRowId } = reading;
    switch (await settler.giveUp(orderRowId, deductionId, 'crash_loop')) {
      case 'held':
        break;
      case 'going_on':
        await openCase(deadMessage(messageId, body, 'crash_loop', 'crash_loop of a deduction that moved on'));
        break;
      case 'unknown':
        await openCase(
          deadMessage(messageId, body, 'unreadable_message', reason('names no deduction there is')),
        );
    }
  }
  log.error({ message: messageId }, 'a dead letter has become a case');
  return 'done';
}

function reason(text: string): string {
  return `unreadable_message: ${text}`;
}

function deadMessage(
  messageId: string | undefined,
  body: Buffer,
  cause: DeadMessage['cause'],
  error: string,
): DeadMessage {
  const digest = createHash('sha256').update(body).digest('hex');
  // A stranger's id may be anything; only its beginning is kept, for the digest tells messages apart.
  const id = (messageId ?? '').slice(0, 128).replaceAll('\0', '\ufffd').toWellFormed();
  const { answer } = maskEvidence({ answer: body.toString('utf8') }, createMasker([]));
  return {
    key: `${id}:${digest}`,
    cause,
    error: error.slice(0, 200),
    fingerprint: fingerprintOf('messages', 'read', error.replaceAll(/\d+/g, '#')),
    evidence: { messageId: id, octets: body.length, beginning: answer },
  };
}
