/** How much of everything a run does. */
export interface Sizes {
  readonly rawSeconds: number;
  /** Of one round. */
  readonly acceptSeconds: number;
  /** Of one round. */
  readonly relayMessages: number;
  /** Of one drain; also the orders of scale-out and isolation. */
  readonly settleOrders: number;
  /** Settled by each worker before it is measured, so that code is compiled and connections stand. */
  readonly warmUpOrders: number;
  /** How often the hub takes turns with what it is held against. */
  readonly rounds: number;
  readonly wholeWaySeconds: number;
  /** Ended orders in the tables, 1 or more, rising; empty tables take turns with each. */
  readonly historyOrders: readonly number[];
  readonly workers: readonly number[];
  readonly isolationSeconds: number;
  /** Of every call at the slow channel. */
  readonly slowLatencyMs: number;
  readonly memoryMessages: number;
  readonly backlogOrders: number;
  /** The catch-up is watched for so long, not to its end. */
  readonly backlogSeconds: number;
  /** Cases, and rows of the audit. */
  readonly deskRows: number;
}

const full: Sizes = {
  rawSeconds: 5,
  acceptSeconds: 10,
  relayMessages: 100_000,
  settleOrders: 5_000,
  warmUpOrders: 5_000,
  rounds: 3,
  wholeWaySeconds: 40,
  historyOrders: [1_000_000, 10_000_000],
  workers: [1, 2, 4],
  isolationSeconds: 40,
  slowLatencyMs: 10_000,
  memoryMessages: 100_000,
  backlogOrders: 1_000_000,
  backlogSeconds: 300,
  deskRows: 1_000_000,
};

const quick: Sizes = {
  rawSeconds: 0.5,
  acceptSeconds: 1,
  relayMessages: 2_000,
  settleOrders: 200,
  warmUpOrders: 40,
  rounds: 1,
  wholeWaySeconds: 2,
  historyOrders: [2_000],
  workers: [1, 2],
  isolationSeconds: 2,
  slowLatencyMs: 500,
  memoryMessages: 2_000,
  backlogOrders: 2_000,
  backlogSeconds: 4,
  deskRows: 2_000,
};

export function sizesOf(isQuick: boolean): Sizes {
  return isQuick ? quick : full;
}
