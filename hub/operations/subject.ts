/** The one transaction that every operation on a case runs in: order, then case, then what is decided. */
import type { Input, Verdict } from '../core/advance.ts';
import type { Policies } from '../core/deduction.ts';
import type { Order, Settlement } from '../core/order.ts';
import { think } from '../settlement/settle.ts';
import type { LockedCase } from '../store/case-operations.ts';
import type { CaseState } from '../store/cases.ts';
import type { CaseStore, CaseTransaction } from './case-store-port.ts';
import { checked, unknownCase, type Wish } from './wish.ts';

export interface SubjectOptions<Transaction extends CaseTransaction = CaseTransaction> {
  readonly cases: CaseStore<Transaction>;
  readonly policiesOf: (channel: string) => Policies;
  readonly random: () => number;
  readonly wakeAfterMs: number;
}

/** A case under its locks. */
export interface Subject<Transaction extends CaseTransaction = CaseTransaction> {
  readonly transaction: Transaction;
  readonly locked: LockedCase;
  /** The database's time, read under the locks. */
  readonly now: Date;
  /** The order that the case is about, if it is about one. */
  readonly settlement: Settlement | undefined;
  /** Lets inputs in as settlement does, and writes what they lead to. @returns the verdict on each */
  let(inputs: readonly Input[]): Promise<readonly Verdict[]>;
}

/**
 * Runs `work` on a case that is as the operator saw it.
 *
 * @throws HubError as `checked` does; nothing was written then
 */
export async function onSubject<Transaction extends CaseTransaction, Result>(
  options: SubjectOptions<Transaction>,
  wish: Pick<Wish, 'caseId' | 'version'>,
  states: readonly CaseState[],
  work: (subject: Subject<Transaction>) => Promise<Result>,
): Promise<Result> {
  const known = await options.cases.readSubject(wish.caseId);
  if (known === undefined) throw unknownCase(wish.caseId);
  const orderRowIds = known.orderRowId === null ? [] : [known.orderRowId];
  return options.cases.transaction(async (transaction) => {
    const { settlements, now } = await transaction.lockSettlements(orderRowIds);
    const locked = checked(await transaction.lockCase(wish.caseId), wish, states);
    const [orderRowId] = orderRowIds;
    return work({
      transaction,
      locked,
      now,
      settlement: orderRowId === undefined ? undefined : settlements.get(orderRowId),
      let: (inputs) => letIn(transaction, settlements, now, orderRowId ?? '', inputs, options),
    });
  });
}

/** Lets inputs of one order in, in the transaction that locked it. @returns the verdict on each */
export async function letIn(
  transaction: CaseTransaction,
  settlements: ReadonlyMap<string, Settlement>,
  now: Date,
  orderRowId: string,
  inputs: readonly Input[],
  options: SubjectOptions,
): Promise<readonly Verdict[]> {
  const items = inputs.map((input) => ({ orderRowId, input, pass: undefined }));
  const { writes, results } = think(items, settlements, now, options);
  await transaction.writeSettlements(writes);
  return results.map(({ verdict }) => verdict);
}

/** Lets inputs of several orders in, in one transaction, without a case: those who wait for a remote's set-up. */
export async function letAll(
  items: readonly { readonly orderRowId: string; readonly input: Input }[],
  options: SubjectOptions,
): Promise<readonly Verdict[]> {
  const ids = items.map(({ orderRowId }) => orderRowId);
  const passless = items.map((item) => ({ ...item, pass: undefined }));
  return options.cases.transaction(async (transaction) => {
    const { settlements, now } = await transaction.lockSettlements(ids);
    const { writes, results } = think(passless, settlements, now, options);
    await transaction.writeSettlements(writes);
    return results.map(({ verdict }) => verdict);
  });
}

/** Records the outcome of a look-up, whatever became of the case meanwhile. @returns the order as it is now */
export async function recordLookUp(
  orderRowId: string,
  input: Input,
  options: SubjectOptions,
  after: (transaction: CaseTransaction) => Promise<void>,
): Promise<Order | undefined> {
  return options.cases.transaction(async (transaction) => {
    const { settlements, now } = await transaction.lockSettlements([orderRowId]);
    const { writes, results } = think([{ orderRowId, input, pass: undefined }], settlements, now, options);
    await transaction.writeSettlements(writes);
    await after(transaction);
    return results[0]?.order;
  });
}
