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
  /** Takes no new deliveries and waits for those in hand, which their calls' deadlines bound. */
  stop(): Promise<void>;
}

/** Serves each channel's queue on its own consumer, so that one channel's trouble takes no room from another's. */
export async function startWorker({ broker, names, settler, channels, log }: WorkerOptions): Promise<Worker> {
  async function onDelivery({ messageId, body, redelivered }: Delivery): Promise<Disposition> {
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
    await settler.drive({ deductionId, orderRowId, messageId, traceparent });
    return 'done';
  }

  const consumers = await Promise.all(
    channels.map(({ id, concurrencyMax }): Promise<Consumer> =>
      broker.consume({ queue: names.queueOf(id), prefetch: concurrencyMax, onDelivery }),
    ),
  );
  log.info({ channels: channels.map(({ id }) => id) }, 'the worker takes deliveries');
  return {
    stop: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}
