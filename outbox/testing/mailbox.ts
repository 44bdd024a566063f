import type { Delivery, DeliveryHandler, Disposition } from '../broker/port.ts';

/** A handler for tests: keeps what arrives, and lets a test wait for the n-th arrival instead of sleeping. */
export class Mailbox {
  readonly deliveries: Delivery[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #decide: (delivery: Delivery) => Disposition | Promise<Disposition>;

  /** Decides about each delivery after it was kept; `done` by default. */
  constructor(decide: (delivery: Delivery) => Disposition | Promise<Disposition> = () => 'done') {
    this.#decide = decide;
  }

  readonly onDelivery: DeliveryHandler = async (delivery) => {
    this.deliveries.push(delivery);
    for (const { count, resolve } of this.#waiting) if (this.deliveries.length >= count) resolve();
    return this.#decide(delivery);
  };

  ids(): (string | undefined)[] {
    return this.deliveries.map(({ messageId }) => messageId);
  }

  /** Resolves once `count` deliveries have arrived in all. */
  async received(count: number): Promise<void> {
    if (this.deliveries.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** Something that a test lets happen when it wants. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
