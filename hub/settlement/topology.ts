/**
 * The names under which messages travel, and the queues they need. `docs/messages.md` is the same for readers.
 */
import type { Topology } from '@points-hub/outbox';

export interface MessageNames {
  /** Direct exchange of commands; the routing key is the channel. */
  readonly deductions: string;
  /** Topic exchange of facts that others may listen to. */
  readonly events: string;
  /** Direct exchange of given-up messages, and the name of their queue. */
  readonly deadLetters: string;
  queueOf(channel: string): string;
}

/** "Look at this deduction." Data: `deductionId` and `orderRowId`, both decimal strings. */
export const deductionDueType = 'points.deduction.due.v1';

/** CloudEvents types of the facts; each is also the routing key on the topic exchange. */
export const orderEventTypes = {
  settled: 'order.settled',
  cancelled: 'order.cancelled',
  refunded: 'order.refunded',
} as const;

/** CloudEvents type and routing key: a deduction waits for a person. */
export const needsAttentionType = 'deduction.needs_attention';

/** Names with a prefix of their own let several hubs, or several tests, share one broker. */
export function messageNames(prefix = 'points'): MessageNames {
  return {
    deductions: `${prefix}.deductions`,
    events: `${prefix}.events`,
    deadLetters: `${prefix}.dead-letters`,
    queueOf: (channel) => `${prefix}.deductions.${channel}`,
  };
}

/** A worker that dies this often while holding one message is dying of it. */
const deliveriesMax = 20;

/** One queue per channel, so that a channel's trouble stays its own, and one queue for dead letters. */
export function topology(names: MessageNames, channels: readonly string[]): Topology {
  return {
    exchanges: [
      { name: names.deductions, kind: 'direct' },
      { name: names.events, kind: 'topic' },
      { name: names.deadLetters, kind: 'direct' },
    ],
    queues: [
      {
        queue: names.deadLetters,
        bindings: [{ exchange: names.deadLetters, routingKey: names.deadLetters }],
      },
      ...channels.map((channel) => ({
        queue: names.queueOf(channel),
        bindings: [{ exchange: names.deductions, routingKey: channel }],
        deadLetter: { exchange: names.deadLetters, routingKey: names.deadLetters, deliveriesMax },
      })),
    ],
  };
}
