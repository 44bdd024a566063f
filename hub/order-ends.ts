/** Tells those who wait for an order in this process that it has ended. Others find out by looking. */
export interface OrderEnds {
  notify(mallId: string, orderId: string): void;
  /** @returns how to stop listening */
  listen(mallId: string, orderId: string, onEnd: () => void): () => void;
}

export function orderEnds(): OrderEnds {
  const listeners = new Map<string, Set<() => void>>();
  const nameOf = (mallId: string, orderId: string): string => JSON.stringify([mallId, orderId]);
  return {
    notify: (mallId, orderId) => {
      for (const onEnd of listeners.get(nameOf(mallId, orderId)) ?? []) onEnd();
    },
    listen: (mallId, orderId, onEnd) => {
      const name = nameOf(mallId, orderId);
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(onEnd));
      return () => {
        set.delete(onEnd);
        if (set.size === 0) listeners.delete(name);
      };
    },
  };
}
