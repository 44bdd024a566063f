import { resolve } from 'node:path';
import { startStack, type StackOptions, type StackUrls } from './run-stack.ts';
import { claimStack, inWords } from './stack.ts';

export type { StackUrls } from './run-stack.ts';

export interface UseStackOptions extends Pick<StackOptions, 'broker' | 'consolePort' | 'say'> {
  /** Of the hub's API, if it is started here; default any free one. */
  readonly port?: number;
  /** Refuse to share the stack of another process. */
  readonly mustStart?: boolean;
}

/** A stack to work with: somebody else's, or one that ends with us. */
export interface StackInUse {
  readonly urls: StackUrls;
  /** Which broker runs, in words. */
  readonly brokerInWords: string;
  readonly dataFolder: string;
  /** Stops the stack if it was started here. Idempotent. */
  leave(): Promise<void>;
}

const dataFolder = resolve(import.meta.dirname, '../.points-hub');

/**
 * The stack on the project's data folder: the one that runs, or a new one.
 *
 * @throws Error when one runs and `mustStart` is set, when one is still starting, or when a part does not start
 */
export async function useStack(options: UseStackOptions): Promise<StackInUse> {
  const { broker, say, consolePort, port = 0, mustStart = false } = options;
  const outcome = claimStack(dataFolder);
  if (outcome.type === 'running') {
    if (mustStart || outcome.stack === undefined) throw new Error(inWords(outcome));
    if (broker === 'in-process' && outcome.stack.urls.amqp !== undefined) {
      throw new Error(
        `--in-process: the stack that runs at ${outcome.stack.urls.hub} uses RabbitMQ; stop it first`,
      );
    }
    say(`Using the running stack at ${outcome.stack.urls.hub}.`);
    return {
      urls: outcome.stack.urls,
      brokerInWords: 'the running one',
      dataFolder,
      leave: () => Promise.resolve(),
    };
  }
  const { claim } = outcome;
  try {
    const stack = await startStack({
      folder: dataFolder,
      port,
      broker,
      say,
      ...(consolePort === undefined ? {} : { consolePort }),
    });
    claim.publish(stack.urls);
    if (!mustStart) say(`Started a hub for this import, with ${stack.brokerInWords}.`);
    return {
      urls: stack.urls,
      brokerInWords: stack.brokerInWords,
      dataFolder: stack.dataFolder,
      leave: async () => {
        await stack.stop();
        claim.release();
      },
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}
