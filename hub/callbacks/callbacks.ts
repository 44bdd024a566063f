/**
 * What channels send by themselves. A callback is verified on its raw body and kept, with the message that wakes its
 * deduction, in one transaction; only then is the channel answered. What it proves is decided by a worker.
 */
import type {
  CallbackAcknowledgement,
  CallbackEvent,
  CallbackReader,
  CallbackRefusalCode,
  CallbackRequest,
} from '@points-hub/adapters';
import type { Logger } from 'pino';
import { HubError, type ErrorCode } from '../errors.ts';
import type { SettlementStore } from '../settlement/store-port.ts';

export interface CallbacksOptions {
  /** By channel; channels that send nothing have none. */
  readonly readers: ReadonlyMap<string, CallbackReader>;
  readonly store: Pick<SettlementStore, 'keepCallback'>;
  /** Told after each commit that kept one: wakes a relay in this process. */
  readonly onKept: () => void;
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface Callbacks {
  /**
   * Lets one callback in and keeps it. Resolves with how the channel is told so, when it may be; the same event again moves nothing.
   *
   * @throws HubError HUB_CALLBACK_..., HUB_BODY_MALFORMED; then nothing was kept
   */
  take(
    channel: string,
    request: Pick<CallbackRequest, 'headers' | 'octets'>,
  ): Promise<CallbackAcknowledgement | undefined>;
}

export function openCallbacks({
  readers,
  store,
  onKept,
  log,
  now = () => new Date(),
}: CallbacksOptions): Callbacks {
  return {
    take: async (channel, { headers, octets }) => {
      const reader = readers.get(channel);
      if (reader === undefined) {
        throw new HubError('HUB_CALLBACK_CHANNEL_UNKNOWN', 'no channel under this path sends callbacks');
      }
      const receivedAt = now();
      const reading = reader.read({ headers, octets, receivedAt });
      if (reading.type === 'refused') {
        log.warn({ channel, reason: reading.detail }, 'a callback was refused');
        throw new HubError(refusals[reading.code], reading.detail);
      }
      const { type: _type, ...event } = reading;
      const kept = await store.keepCallback({ ...event, channel, receivedAt });
      const facts = { channel, event: event.eventId, said: event.said.type, kept };
      switch (kept) {
        case 'kept':
          log.info(facts, 'a callback was kept');
          onKept();
          return reader.acknowledgement;
        case 'repeated':
        case 'dropped':
          log.info(facts, 'a callback told nothing new');
          return reader.acknowledgement;
        case 'conflicting':
          throw conflict(event);
      }
    },
  };
}

const refusals = {
  headers: 'HUB_CALLBACK_HEADERS_INVALID',
  stale: 'HUB_CALLBACK_STALE',
  signature: 'HUB_CALLBACK_SIGNATURE_WRONG',
  unreadable: 'HUB_BODY_MALFORMED',
  no_reference: 'HUB_CALLBACK_REFERENCE_MISSING',
} as const satisfies Readonly<Record<CallbackRefusalCode, ErrorCode>>;

function conflict({ eventId }: Pick<CallbackEvent, 'eventId'>): HubError {
  return new HubError(
    'HUB_CALLBACK_CONFLICT',
    `the event ${eventId} came before with another body; another event needs another webhook-id`,
  );
}
