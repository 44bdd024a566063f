import type { Decimal } from 'decimal.js';

import type { ChannelDescription } from '../../channel-description.ts';
import { readBaseUrl, type Environment } from '../../environment.ts';
import { openChannel } from '../../open-remote.ts';
import type { PlayedChannel } from './shape.ts';

/**
 * A channel's own test environment, with its real secrets. What moved is told by the member's balance, and nothing can be
 * made to slip there.
 */
export function testEnvironmentOf(
  description: ChannelDescription,
  env: Environment,
  member: string,
): () => Promise<PlayedChannel> {
  return async () => {
    const { origin, pathname } = new URL(readBaseUrl(description.baseUrl, env));
    const witness = openChannel(description, env);
    const balance = async (): Promise<Decimal> => {
      const told = await witness.balance(member, { deadlineMs: 30_000, maySend: () => true });
      if (told.type === 'balance') return told.points;
      await witness.close();
      throw new Error(`the balance of ${member} is needed to see what moves, and it is ${told.type}`);
    };
    const opening = await balance();
    return {
      origin,
      path: pathname.replace(/\/$/, ''),
      tokensFrom: 'channel',
      shape: { name: 'its test environment', capsRefunds: false, slips: false, member, stranger: undefined },
      opening,
      moved: async () => opening.minus(await balance()),
      lastId: () => undefined,
      slipOnce: () => Promise.reject(new Error('nothing can be made to slip in a test environment')),
      close: () => witness.close(),
    };
  };
}
