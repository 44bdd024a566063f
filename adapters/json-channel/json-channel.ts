import type {
  BalanceOutcome,
  CallContext,
  ChannelAdapter,
  Operation,
  Outcome,
  QueryOutcome,
  ReverseOperation,
} from '../contract.ts';
import type { HttpTransport } from '../http/transport.ts';
import { classifyAvailable, classifyOperation, classifyQuery } from '../outcome-reading.ts';
import { writePoints } from '../points-text.ts';
import { assertKey, callRemote, type RemoteSettings } from '../remote-call.ts';
import { JSON_CHANNEL_CODES } from './json-codes.ts';

/** What one JSON channel needs; it takes the transport over and closes it. */
export interface JsonChannelOptions {
  readonly channel: string;
  readonly transport: HttpTransport;
  readonly bearerToken: string | undefined;
}

/**
 * The adapter for every channel that speaks the contract of `openapi.yaml` beside this file.
 *
 * @throws TypeError from a call whose key is not one; never for anything the remote or the network does.
 */
export class JsonChannel implements ChannelAdapter {
  readonly channel: string;
  readonly #remote: RemoteSettings;

  constructor(options: JsonChannelOptions) {
    this.channel = options.channel;
    this.#remote = {
      transport: options.transport,
      bearerToken: options.bearerToken,
      codes: JSON_CHANNEL_CODES,
      idField: 'transactionId',
    };
  }

  async balance(memberRef: string, context: CallContext): Promise<BalanceOutcome> {
    const { exchange, facts } = await callRemote(
      this.#remote,
      {
        method: 'GET',
        path: `/v1/members/${encodeURIComponent(memberRef.toWellFormed())}/balance`,
        shownPath: '/v1/members/{member}/balance',
        personal: [memberRef],
      },
      context,
    );
    return classifyAvailable(exchange, 'points', facts);
  }

  async deduct(operation: Operation, context: CallContext): Promise<Outcome> {
    const { key, orderId, memberRef: member } = operation;
    assertKey(key);
    const { exchange, facts } = await callRemote(
      this.#remote,
      {
        method: 'POST',
        path: '/v1/deductions',
        body: { key, orderId, member, points: writePoints(operation.points) },
        personal: [member],
      },
      context,
    );
    return classifyOperation(exchange, { key, kind: 'deduction' }, facts);
  }

  async refund(operation: ReverseOperation, context: CallContext): Promise<Outcome> {
    const { key, originalKey, orderId, memberRef: member } = operation;
    assertKey(key);
    assertKey(originalKey);
    const { exchange, facts } = await callRemote(
      this.#remote,
      {
        method: 'POST',
        path: '/v1/refunds',
        body: { key, originalKey, orderId, member, points: writePoints(operation.points) },
        personal: [member],
      },
      context,
    );
    return classifyOperation(exchange, { key, originalKey, kind: 'refund' }, facts);
  }

  async query(key: string, memberRef: string, context: CallContext): Promise<QueryOutcome> {
    assertKey(key);
    const { exchange, facts } = await callRemote(
      this.#remote,
      { method: 'GET', path: `/v1/transactions/${key}`, personal: [memberRef] },
      context,
    );
    return classifyQuery(exchange, { key }, facts);
  }

  close(): Promise<void> {
    return this.#remote.transport.close();
  }
}
