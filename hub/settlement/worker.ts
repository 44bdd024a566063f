import type { Broker, Consumer, Delivery, Disposition } from '@points-hub/outbox';
import type { Logger } from 'pino';
import { readDueMessage } from './due-message.ts';
import type { Settler } from './settle.ts';
import type { MessageNames } from './topology.ts';

export interface WorkerOptions {
  readonly broker: Broker;
  readonly names: MessageNames;
  readonly settler: Settler;
  /** The channels to serve, each with the number of its deductions in hand at most. */
  readonly channels: readonly { readonly id: string; readonly concurrencyMax: number }[];
  readonly log: Logger;
}

export interface Worker {
  /** Takes no deliveries of this channel from now on, or takes them again. */
  hold(channel: string, isHeld: boolean): void;
  /** Takes no new deliveries and waits for those in hand, which their calls' deadlines bound. */
  stop(): Promise<void>;
}

/** Serves each channel's queue on its own consumer, so that one channel's trouble takes no room from another's. */
export async function startWorker({ broker, names, settler, channels, log }: WorkerOptions): Promise<Worker> {
  async function onDelivery(
    channel: string,
    { messageId, body, redelivered }: Delivery,
  ): Promise<Disposition> {
    const reading = readDueMessage(body);
    if (reading.type === 'unreadable') {
      log.error(
        { message: messageId, reason: reading.reason },
        'an unreadable message goes to the dead letters',
      );
      return 'set_aside';
    }
    const { deductionId, orderRowId, traceparent } = reading;
    if (redelivered) log.info({ message: messageId, deduction: deductionId }, 'a message came again');
    await settler.drive({ channel, deductionId, orderRowId, messageId, traceparent });
    return 'done';
  }

  const consumers = new Map<string, Consumer>();
  await Promise.all(
    channels.map(async ({ id, concurrencyMax: prefetch }) => {
      const handler = (delivery: Delivery): Promise<Disposition> => onDelivery(id, delivery);
      consumers.set(id, await broker.consume({ queue: names.queueOf(id), prefetch, onDelivery: handler }));
    }),
  );
  log.info({ channels: channels.map(({ id }) => id) }, 'the worker takes deliveries');
  return {
    hold: (channel, isHeld) => {
      const consumer = consumers.get(channel);
      // Resolves once the deliveries in hand are settled, which nobody here waits for; never rejects.
      if (isHeld) void consumer?.pause();
      else void consumer?.resume();
    },
    stop: async () => {
      await Promise.all([...consumers.values()].map((consumer) => consumer.stop()));
    },
  };
}
