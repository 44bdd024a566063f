/** What one channel holds: set aside, neither the member's to spend nor taken. A hold ends once. */

/** How a hold stands. */
export type HoldState = 'open' | 'confirmed' | 'released' | 'expired';

export interface Hold {
  readonly key: string;
  readonly account: string;
  readonly holder: string;
  readonly cents: number;
}

export class Holds {
  readonly #holds = new Map<string, Hold & { state: HoldState }>();
  readonly #byAccount = new Map<string, number>();

  /** What is held for an account now. */
  held(account: string): number {
    return this.#byAccount.get(account) ?? 0;
  }

  get(key: string): (Hold & { readonly state: HoldState }) | undefined {
    return this.#holds.get(key);
  }

  open(hold: Hold): void {
    this.#holds.set(hold.key, { ...hold, state: 'open' });
    this.#add(hold.account, hold.cents);
  }

  /** @throws Error where it has ended before */
  end(key: string, state: Exclude<HoldState, 'open'>): void {
    const hold = this.#holds.get(key);
    if (hold?.state !== 'open') throw new Error(`the hold ${key} is ${hold?.state ?? 'unknown'}`);
    hold.state = state;
    this.#add(hold.account, -hold.cents);
  }

  #add(account: string, cents: number): void {
    this.#byAccount.set(account, this.held(account) + cents);
  }
}
