/** Looking orders up, by whatever id a mall knows them. */
import type { OrderDesk } from '@points-hub/hub/operations';
import { z } from 'zod';
import { timelineSchema } from '../desk-answers.ts';
import { orderSchema, ordersSchema } from '../order-answers.ts';
import { readId } from '../request-heads.ts';
import { plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const findQuery = z.strictObject({
  orderId: plainSchema.min(1).max(64).describe("The mall's own id of the order."),
  mallId: plainSchema.min(1).max(32).optional().describe('Where several malls may have used that id.'),
});
const codes = ['HUB_ORDER_UNKNOWN'] as const;

export function orderRoutes(desk: OrderDesk): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/orders',
      id: 'findOrders',
      summary: 'The orders that malls know by an id; malls choose their ids, so several may have used one',
      action: 'order.find',
      needs: 'cases.read',
      query: findQuery,
      answer: ordersSchema,
      perform: async ({ query: { orderId, mallId } }, caller) =>
        json({ orders: await desk.find(caller, orderId, mallId) }),
    }),
    route({
      method: 'GET',
      path: '/orders/:orderRowId',
      id: 'showOrder',
      summary: 'One order with its deductions, refunds and cases, by the id that a search or a case gives',
      action: 'order.read',
      needs: 'cases.read',
      answer: orderSchema,
      codes,
      perform: async ({ params }, caller) =>
        json(await desk.read(caller, readId(params['orderRowId'], 'HUB_ORDER_UNKNOWN'))),
    }),
    route({
      method: 'GET',
      path: '/orders/:orderRowId/timeline',
      id: 'showOrderTimeline',
      summary: 'Everything that happened to an order, oldest first',
      action: 'order.read',
      needs: 'cases.read',
      answer: timelineSchema,
      codes,
      perform: async ({ params }, caller) => {
        const id = readId(params['orderRowId'], 'HUB_ORDER_UNKNOWN');
        return json({ timeline: await desk.timeline(caller, id) });
      },
    }),
  ];
}
