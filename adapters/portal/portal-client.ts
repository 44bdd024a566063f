import type {
  BalanceOutcome,
  CallContext,
  Outcome,
  Portal,
  QueryOutcome,
  QuotaOperation,
  QuotaReturn,
} from '../contract.ts';
import type { HttpTransport } from '../http/transport.ts';
import { classifyAvailable, classifyOperation, classifyQuery } from '../outcome-reading.ts';
import { writePoints } from '../points-text.ts';
import { assertKey, callRemote, type RemoteSettings } from '../remote-call.ts';
import { PORTAL_CODES } from './portal-codes.ts';

/** What the portal's client needs; it takes the transport over and closes it. */
export interface PortalClientOptions {
  readonly transport: HttpTransport;
  readonly bearerToken: string | undefined;
}

/**
 * The client of the portal's HTTP contract, `openapi.yaml` beside this file.
 *
 * @throws TypeError from a call whose key is not one; never for anything the remote or the network does.
 */
export class PortalClient implements Portal {
  readonly #remote: RemoteSettings;

  constructor(options: PortalClientOptions) {
    this.#remote = { ...options, codes: PORTAL_CODES, idField: 'operationId' };
  }

  async deduct(operation: QuotaOperation, context: CallContext): Promise<Outcome> {
    const { key, channel, orderId } = operation;
    assertKey(key);
    const body = { key, channel, orderId, points: writePoints(operation.points) };
    const call = { method: 'POST', path: '/v1/quota-deductions', body } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return classifyOperation(exchange, { key, channel, kind: 'quota-deduction' }, facts);
  }

  async giveBack(operation: QuotaReturn, context: CallContext): Promise<Outcome> {
    const { key, originalKey, channel, orderId } = operation;
    assertKey(key);
    assertKey(originalKey);
    const body = { key, originalKey, channel, orderId, points: writePoints(operation.points) };
    const call = { method: 'POST', path: '/v1/quota-returns', body } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return classifyOperation(exchange, { key, originalKey, channel, kind: 'quota-return' }, facts);
  }

  async find(key: string, context: CallContext): Promise<QueryOutcome> {
    assertKey(key);
    const call = { method: 'GET', path: `/v1/operations/${key}` } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return classifyQuery(exchange, { key }, facts);
  }

  async remaining(channel: string, context: CallContext): Promise<BalanceOutcome> {
    const call = { method: 'GET', path: `/v1/channels/${encodeURIComponent(channel)}/quota` } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return classifyAvailable(exchange, 'remaining', facts);
  }

  close(): Promise<void> {
    return this.#remote.transport.close();
  }
}
