import { createHash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The stored part of all operation keys of one deduction: 130 bits of a SHA-256 over (mall, order, channel, user), in
 * base 32 (RFC 4648), 26 characters. A line of a refund has keys of its own: the refund's
 * id is a fifth part. The parts are joined as a JSON array, so that no two of them look alike.
 */
export function keyBaseOf(
  mallId: string,
  orderId: string,
  channel: string,
  userId: string,
  refundId?: string,
): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([mallId, orderId, channel, userId, ...(refundId === undefined ? [] : [refundId])]))
    .digest();
  let bits = BigInt(`0x${digest.subarray(0, 17).toString('hex')}`) >> 6n;
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = `${alphabet[Number(bits & 31n)] ?? ''}${text}`;
    bits >>= 5n;
  }
  return text;
}
