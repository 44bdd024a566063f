/** Who is asking, and how often. Both are answered from memory once a key has been met. */
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isSecret, readApiKey, type PresentedApiKey } from '../api-key.ts';
import { HubError } from '../errors.ts';
import type { ValidApiKey } from '../store/malls.ts';
import { knownKeys, type KnownKeysOptions } from './known-keys.ts';

export interface Caller {
  readonly keyId: string;
  readonly mallId: string;
}

export interface Authentication {
  /**
   * The mall behind a request, after its rate limit was asked.
   *
   * @throws HubError HUB_API_KEY_MISSING, HUB_API_KEY_WRONG
   * @throws RateLimited HUB_RATE_LIMITED, for a key that is used too often or an address that keeps guessing
   */
  authenticate(authorization: string | undefined, address: string): Promise<Caller>;
}

/** A 429 with what its headers say. */
export class RateLimited extends HubError {
  readonly policy: 'key' | 'address';
  /** How many are allowed in `windowS` seconds. */
  readonly quota: number;
  readonly windowS: number;
  readonly retryAfterS: number;

  constructor(policy: 'key' | 'address', quota: number, windowS: number, retryAfterMs: number) {
    const detail =
      policy === 'key'
        ? `this key may make ${quota} requests per second`
        : 'too many wrong API keys from this address';
    super('HUB_RATE_LIMITED', detail);
    this.policy = policy;
    this.quota = quota;
    this.windowS = windowS;
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}

/** Wrong keys per address and window. */
const wrongMax = 20;
const wrongWindowS = 10;
/** Beyond its rate a key may make half a second's requests more, at least 5, once in this time. */
const burstWindowS = 10;
/** Limiters kept at most; a forgotten one begins afresh. */
const limitersMax = 10_000;

interface KeyLimiter {
  readonly ratePerSecond: number;
  readonly limiter: BurstyRateLimiter;
}

export function authentication(options: KnownKeysOptions): Authentication {
  const keys = knownKeys(options);
  const wrongs = new RateLimiterMemory({ points: wrongMax, duration: wrongWindowS });
  const limiters = new Map<string, KeyLimiter>();

  async function find({ keyId }: PresentedApiKey, address: string): Promise<ValidApiKey | undefined> {
    const recalled = keys.recall(keyId);
    switch (recalled.type) {
      case 'valid':
        return recalled.key;
      case 'invalid':
        return undefined;
      case 'unsure': {
        if (!recalled.wasValid) await refuseGuesser(address);
        const lookUp = keys.lookUp(keyId);
        if (lookUp === 'busy') {
          throw new HubError('HUB_UNAVAILABLE', 'too many unknown API keys are being looked up; try again');
        }
        return lookUp;
      }
    }
  }

  async function refuseGuesser(address: string): Promise<void> {
    const met = await wrongs.get(address);
    if (met !== null && met.consumedPoints >= wrongMax && met.msBeforeNext > 0) {
      throw new RateLimited('address', wrongMax, wrongWindowS, met.msBeforeNext);
    }
  }

  async function refuse(address: string): Promise<never> {
    await wrongs.consume(address).catch((refused: unknown) => {
      throw rateLimited(refused, (retryMs) => new RateLimited('address', wrongMax, wrongWindowS, retryMs));
    });
    throw new HubError('HUB_API_KEY_WRONG', 'the API key is unknown, revoked or mistyped');
  }

  function limiterOf(keyId: string, ratePerSecond: number): BurstyRateLimiter {
    const kept = limiters.get(keyId);
    if (kept?.ratePerSecond === ratePerSecond) return kept.limiter;
    const limiter = new BurstyRateLimiter(
      new RateLimiterMemory({ points: ratePerSecond, duration: 1 }),
      new RateLimiterMemory({ points: Math.max(5, Math.ceil(ratePerSecond / 2)), duration: burstWindowS }),
    );
    if (kept === undefined && limiters.size >= limitersMax) {
      const [oldest] = limiters.keys();
      if (oldest !== undefined) limiters.delete(oldest);
    }
    limiters.set(keyId, { ratePerSecond, limiter });
    return limiter;
  }

  return {
    authenticate: async (authorization, address) => {
      if (authorization === undefined) {
        throw new HubError('HUB_API_KEY_MISSING', 'send Authorization: Bearer ph_...');
      }
      const presented = readApiKey(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
      if (presented === undefined) return refuse(address);
      const key = await find(presented, address);
      if (key === undefined || !isSecret(presented.secret, key.secretHash)) return refuse(address);
      const { keyId } = presented;
      try {
        await limiterOf(keyId, key.ratePerSecond).consume(keyId);
      } catch (refused) {
        throw rateLimited(refused, (retryMs) => new RateLimited('key', key.ratePerSecond, 1, retryMs));
      }
      return { keyId, mallId: key.mallId };
    },
  };
}

/** The library rejects with a plain answer when the limit is reached, and with an Error when it is broken. */
function rateLimited(refused: unknown, limit: (retryAfterMs: number) => RateLimited): unknown {
  return refused instanceof RateLimiterRes ? limit(refused.msBeforeNext) : refused;
}
