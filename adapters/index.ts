/** One call to a points channel or to the portal, one honest outcome. */
export type * from './contract.ts';
export { capabilitiesSchema, type Capabilities } from './capabilities.ts';
export { readChannelDescription, type ChannelDescription } from './channel-description.ts';
export { readPortalDescription, type PortalDescription } from './portal-description.ts';
export type { Limits } from './remote-description.ts';
export { DescriptionError, type DescriptionProblem } from './description-text.ts';
export { EnvironmentError, type Environment } from './environment.ts';
export { openCallbackReader, openChannel, openPortal } from './open-remote.ts';
export type { OpenTransport } from './reach.ts';
export { openUndiciTransport } from './http/undici-transport.ts';
export { openAxiosTransport } from './http/axios-transport.ts';
export type {
  ExchangeLimits,
  HttpAnswer,
  HttpExchange,
  HttpLost,
  HttpNotSent,
  HttpRequest,
  HttpTransport,
  TransportOptions,
} from './http/transport.ts';
export { createMasker, maskEvidence, MASK, type Masker } from './masking.ts';
