/** What a mall's backend and the tools around the hub may use of it. */
export { placeOrder, type MallOrder, type Placed, type PlaceOrderOptions } from './intake/place-order.ts';
export {
  readOrderRequest,
  type ChannelRules,
  type DeductionReading,
  type OrderReading,
  type OrderRequest,
} from './intake/order-request.ts';
export { Points, type PointsRule } from './core/points.ts';
export { HubError, errorTable, type ErrorCode, type FieldFault } from './errors.ts';
export { channelRulesOf, readRemoteConfig, type RemoteConfig } from './config.ts';
