import { hash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const length = 26;

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
  const parts = [mallId, orderId, channel, userId, ...(refundId === undefined ? [] : [refundId])];
  const digest = hash('sha256', JSON.stringify(parts), 'buffer');
  let text = '';
  for (let index = 0; index < length; index += 1) {
    const bit = index * 5;
    // Five bits never reach beyond the second octet from the one in which they begin.
    const octets = digest.readUInt16BE(bit >> 3);
    text += alphabet[(octets >> (11 - (bit & 7))) & 31] ?? '';
  }
  return text;
}
