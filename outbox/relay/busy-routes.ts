interface Route {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Counts messages in flight by route. A route is busy from the moment its window is full until half is free. */
export class BusyRoutes {
  readonly #windowMax: number;
  readonly #inFlight = new Map<string, number>();
  readonly #busy = new Map<string, Route>();

  constructor(windowMax: number) {
    this.#windowMax = windowMax;
  }

  busy(): readonly Route[] {
    return [...this.#busy.values()];
  }

  entered(route: Route): void {
    const key = keyOf(route);
    const count = (this.#inFlight.get(key) ?? 0) + 1;
    this.#inFlight.set(key, count);
    if (count >= this.#windowMax)
      this.#busy.set(key, { exchange: route.exchange, routingKey: route.routingKey });
  }

  /** True if the route was busy and is not any more. */
  left(route: Route): boolean {
    const key = keyOf(route);
    const count = (this.#inFlight.get(key) ?? 0) - 1;
    if (count > 0) this.#inFlight.set(key, count);
    else this.#inFlight.delete(key);
    return count <= this.#windowMax / 2 && this.#busy.delete(key);
  }
}

/** Names of AMQP hold no line break that would matter: even if two routes shared a key, they would only share a window. */
function keyOf({ exchange, routingKey }: Route): string {
  return `${exchange}\n${routingKey}`;
}
