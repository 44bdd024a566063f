/** Adapters with one mistake in them, to see that the kit finds it. */
import type { CallbackReader, ChannelAdapter, Operation, Outcome } from '../../contract.ts';
import { OWN_OPENERS, type Openers } from '../bench.ts';

/** The adapter with some of its calls replaced. */
export function broken(changes: (channel: ChannelAdapter) => Partial<ChannelAdapter>): Openers {
  return {
    ...OWN_OPENERS,
    openChannel: (description, env) => {
      const channel = OWN_OPENERS.openChannel(description, env);
      const whole = {
        channel: channel.channel,
        balance: channel.balance.bind(channel),
        deduct: channel.deduct.bind(channel),
        refund: channel.refund.bind(channel),
        hold: channel.hold.bind(channel),
        confirm: channel.confirm.bind(channel),
        release: channel.release.bind(channel),
        findHold: channel.findHold.bind(channel),
        query: channel.query.bind(channel),
        scan: channel.scan.bind(channel),
        statement: channel.statement.bind(channel),
        close: channel.close.bind(channel),
      };
      return { ...whole, ...changes(whole) };
    },
  };
}

type Reading = (outcome: Outcome, operation: Operation) => Outcome;

/** The mistake is in what it makes of the outcome of a deduction. */
export const misreading = (read: Reading): Openers =>
  broken(({ deduct }) => ({
    deduct: async (operation, context) => read(await deduct(operation, context), operation),
  }));

/** The mistake is in what it makes of the outcome of a refund. */
export const misreadingRefunds = (read: Reading): Openers =>
  broken(({ refund }) => ({
    refund: async (operation, context) => read(await refund(operation, context), operation),
  }));

/** The mistake is in what it sends. */
export const misasking = (ask: (operation: Operation) => Operation): Openers =>
  broken(({ deduct }) => ({ deduct: (operation, context) => deduct(ask(operation), context) }));

/** The mistake is in how it reads callbacks. */
export function readingCallbacks(change: (reader: CallbackReader) => Partial<CallbackReader>): Openers {
  return {
    ...OWN_OPENERS,
    openCallbackReader: (description, env) => {
      const reader = OWN_OPENERS.openCallbackReader(description, env);
      if (reader === undefined) return undefined;
      const whole = { acknowledgement: reader.acknowledgement, read: reader.read.bind(reader) };
      return { ...whole, ...change(whole) };
    },
  };
}

export const believed: Reading = ({ evidence }, { points }) => ({
  type: 'done',
  points,
  remoteId: 'x',
  replayed: false,
  evidence,
});
export const refused = ({ evidence }: Outcome): Outcome => ({ type: 'rejected', reason: 'other', evidence });
export const isUnknown = (outcome: Outcome, ...causes: readonly string[]): boolean =>
  outcome.type === 'unknown' && causes.includes(outcome.cause);
