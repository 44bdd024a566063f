import type { Message } from '../core/advance.ts';
import {
  deductionDueType,
  needsAttentionType,
  orderEventTypes,
  type MessageNames,
} from '../settlement/topology.ts';

/** A message as the outbox takes it. */
export function columnsOfMessage(message: Message, names: MessageNames) {
  switch (message.type) {
    case 'deduction_due':
      return {
        exchange: names.deductions,
        routing_key: message.channel,
        type: deductionDueType,
        subject: message.deductionId,
        data: { deductionId: message.deductionId, orderRowId: message.orderRowId },
        available_at: message.availableAt,
        mandatory: true,
        traceparent: message.traceparent,
      };
    case 'needs_attention': {
      const { order, deduction, leg, cause } = message;
      const { mallId, orderId } = order;
      return {
        exchange: names.events,
        routing_key: needsAttentionType,
        type: needsAttentionType,
        subject: orderId,
        data: {
          mallId,
          orderId,
          channel: deduction.channel,
          refundId: deduction.refund?.refundId,
          leg,
          cause,
        },
        mandatory: false,
        traceparent: order.traceparent,
      };
    }
    case 'order_refunded': {
      const { order, refund } = message;
      const { mallId, orderId, userId } = order;
      const lines = refund.lines.map(({ channel, points }) => ({ channel, points: points.toFixed() }));
      return {
        exchange: names.events,
        routing_key: orderEventTypes.refunded,
        type: orderEventTypes.refunded,
        subject: orderId,
        data: { mallId, orderId, userId, refundId: refund.refundId, lines },
        mandatory: false,
        traceparent: order.traceparent,
      };
    }
    case 'order_ended': {
      const { order } = message;
      const type = order.status === 'settled' ? orderEventTypes.settled : orderEventTypes.cancelled;
      const { mallId, orderId, userId, status, reason } = order;
      return {
        exchange: names.events,
        routing_key: type,
        type,
        subject: orderId,
        data: { mallId, orderId, userId, status, reason },
        mandatory: false,
        traceparent: order.traceparent,
      };
    }
  }
}
