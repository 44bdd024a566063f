import { Decimal } from 'decimal.js';

import type { ChannelDescription } from '../../channel-description.ts';
import { readBaseUrl, type Environment } from '../../environment.ts';
import { openChannel } from '../../open-remote.ts';
import type { PlayedChannel } from './shape.ts';

/** A channel's own test environment, with its real secrets. */
export interface TestEnvironment {
  readonly play: () => Promise<PlayedChannel>;
  /** What the member has, as a decimal. */
  readonly balance: () => Promise<string>;
  /** The same before anything is tried. @throws Error if it is too little to try with, or too much to risk */
  readonly opening: () => Promise<string>;
}

/** What all behaviours together may need, and what is the most that a mistake may cost. */
const MEMBER_POINTS_MIN = new Decimal(300);
const MEMBER_POINTS_MAX = new Decimal(10_000);

/**
 * What moved is told by the member's balance, and nothing can be made to slip there. The member must have few points: one
 * behaviour asks for one more than there are.
 *
 * @throws EnvironmentError naming the variable that is missing
 */
export function testEnvironmentOf(
  description: ChannelDescription,
  env: Environment,
  member: string,
): TestEnvironment {
  const { origin, pathname } = new URL(readBaseUrl(description.baseUrl, env));
  const balance = async (): Promise<Decimal> => {
    const witness = openChannel(description, env);
    try {
      return await balanceOf(witness, member);
    } finally {
      await witness.close();
    }
  };
  return {
    balance: async () => (await balance()).toFixed(),
    opening: async () => {
      const opening = await balance();
      if (opening.gte(MEMBER_POINTS_MIN) && opening.lte(MEMBER_POINTS_MAX)) return opening.toFixed();
      const bounds = `${MEMBER_POINTS_MIN.toFixed()} to ${MEMBER_POINTS_MAX.toFixed()}`;
      throw new Error(
        `${member} has ${opening.toFixed()} points; take a test member of your own with ${bounds}`,
      );
    },
    play: async () => {
      const witness = openChannel(description, env);
      const opening = await balanceOf(witness, member);
      return {
        origin,
        path: pathname.replace(/\/$/, ''),
        tokensFrom: 'channel',
        shape: {
          name: 'its test environment',
          capsRefunds: false,
          slips: false,
          isOwn: true,
          member,
          stranger: undefined,
        },
        opening,
        moved: async () => opening.minus(await balanceOf(witness, member)),
        lastId: () => undefined,
        slipOnce: () => Promise.reject(new Error('nothing can be made to slip in a test environment')),
        close: () => witness.close(),
      };
    },
  };
}

type Witness = ReturnType<typeof openChannel>;

async function balanceOf(witness: Witness, member: string): Promise<Decimal> {
  const told = await witness.balance(member, { deadlineMs: 30_000, maySend: () => true });
  if (told.type === 'balance') return told.points;
  const words = ['cause', 'reason', 'code'].flatMap(
    (name) => (told as unknown as Record<string, string>)[name] ?? [],
  );
  const { httpStatus, detail } = told.evidence;
  const seen = [
    told.type,
    ...words,
    ...(httpStatus === undefined ? [] : [`HTTP ${httpStatus}`]),
    detail ?? '',
  ];
  throw new Error(
    `the balance of ${member} is needed to see what moves, and it is: ${seen.filter((word) => word !== '').join(', ')}`,
  );
}
