/**
 * How often one may try to sign in. An address and an account have so many tries in a window; whoever signs in from a
 * browser that he has signed in from before has tries of his own there, so that strangers who use up those of his
 * account cannot keep him out. Source: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 */
import type { SqlConnection } from '@points-hub/outbox';
import { countTry, forgetTries, isKnownDevice, uncountTry } from '../../store/sign-in-tries.ts';
import { networkOf } from '../network.ts';
import { Throttled } from '../throttled.ts';
import { hashToken } from './secrets.ts';

const triesWindowMs = 15 * 60_000;
const triesMax = { address: 50, account: 10, device: 10 } as const;

interface Trying {
  readonly nameKey: string;
  /** Whose name this is, if it is anybody's. */
  readonly operatorId: string | undefined;
  readonly address: string | undefined;
  readonly deviceToken: string | undefined;
}

/**
 * Counts a try. @returns what is to be called if it comes to something
 *
 * @throws Throttled HUB_SIGN_IN_THROTTLED
 */
export async function admitTry(connection: SqlConnection, trying: Trying): Promise<() => Promise<void>> {
  await forgetTries(connection);
  const buckets = await bucketsOf(connection, trying);
  for (const { bucket, max } of buckets) {
    const { tries, endsInMs } = await countTry(connection, bucket, triesWindowMs);
    if (tries > max) {
      const detail = 'too many tries to sign in; wait, or sign in from a browser used before';
      throw new Throttled('HUB_SIGN_IN_THROTTLED', detail, endsInMs);
    }
  }
  return async () => {
    for (const { bucket } of buckets) await uncountTry(connection, bucket);
  };
}

async function bucketsOf(
  connection: SqlConnection,
  { nameKey, operatorId, address, deviceToken }: Trying,
): Promise<readonly { readonly bucket: string; readonly max: number }[]> {
  if (deviceToken !== undefined) {
    const deviceHash = hashToken(deviceToken);
    // Looked up for nobody as well, in the same time.
    if (await isKnownDevice(connection, operatorId ?? '0', deviceHash)) {
      return [{ bucket: `device:${deviceHash.toString('hex')}`, max: triesMax.device }];
    }
  }
  return [
    { bucket: `address:${networkOf(address)}`, max: triesMax.address },
    // A hash, for people type passwords where the name belongs.
    { bucket: `account:${hashToken(nameKey).toString('hex')}`, max: triesMax.account },
  ];
}
