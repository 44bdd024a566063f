import { expect, test } from '@jest/globals';
import { Points } from '../core/points.ts';
import { readOrderRequest, readQuoteRequest, type ChannelRules } from './order-request.ts';
import { readRefundRequest } from './refund-request.ts';

const rule = { scale: 2, max: new Points(1_000), givesBack: true, holdsForMs: 0 };
const rules: ChannelRules = new Map([
  ['airmiles', rule],
  ['giftcards', { ...rule, givesBack: false }],
]);
const airmiles = { channel: 'airmiles', points: '1' };
const giftcards = { channel: 'giftcards', points: '1' };

test('a channel that gives nothing back may be the one channel of an order and of a quote', () => {
  const order = readOrderRequest({ orderId: 'o', userId: 'u', deductions: [giftcards] }, rules);
  expect(order.deductions).toHaveLength(1);
  expect(readQuoteRequest({ userId: 'u', deductions: [giftcards] }, rules).deductions).toHaveLength(1);
});

test('a channel that gives nothing back is refused beside any other', () => {
  const refusal = {
    code: 'HUB_CHANNEL_ALONE_ONLY',
    faults: [{ field: '/deductions/1/channel', code: 'HUB_CHANNEL_ALONE_ONLY' }],
  };
  const deductions = [airmiles, giftcards];
  expect(thrownBy(() => readOrderRequest({ orderId: 'o', userId: 'u', deductions }, rules))).toMatchObject(
    refusal,
  );
  expect(thrownBy(() => readQuoteRequest({ userId: 'u', deductions }, rules))).toMatchObject(refusal);
});

test('a refund id of the form of the hub’s own corrections is refused', () => {
  expect(thrownBy(() => readRefundRequest({ refundId: 'correction of case 17' }, rules))).toMatchObject({
    code: 'HUB_REFUND_ID_RESERVED',
    faults: [{ field: '/refundId', code: 'HUB_REFUND_ID_RESERVED' }],
  });
  for (const refundId of ['correction of case', 'correction of case 17b', 'a correction of case 17'])
    expect(readRefundRequest({ refundId }, rules)).toMatchObject({ refundId });
});

function thrownBy(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}
