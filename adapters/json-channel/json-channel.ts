import type { Capabilities } from '../capabilities.ts';
import type {
  BalanceOutcome,
  CallContext,
  ChannelAdapter,
  Misconfigured,
  Operation,
  Outcome,
  QueryOutcome,
  ReverseOperation,
  ScanOutcome,
  Sought,
  StatementOutcome,
} from '../contract.ts';
import type { HttpTransport } from '../http/transport.ts';
import { CLOCK_SKEW_DEFAULT_MS, readStatement, scanForOperation } from '../look-ups/search.ts';
import { classifyAvailable, classifyOperation, classifyQuery } from '../outcome-reading.ts';
import { writePoints } from '../points-text.ts';
import { assertKey, callRemote, refusalOf, type RemoteSettings } from '../remote-call.ts';
import { JSON_CHANNEL_CODES } from './json-codes.ts';
import { memberPages, statementPages } from './json-lists.ts';

/** What one JSON channel needs; it takes the transport over and closes it. */
export interface JsonChannelOptions {
  readonly channel: string;
  readonly transport: HttpTransport;
  readonly bearerToken: string | undefined;
  /** Default: a success names its points, and there is neither scan nor statement. */
  readonly terms?: JsonChannelTerms;
}

/** What of the channel's promises changes how it is spoken to. */
export type JsonChannelTerms = Pick<Capabilities, 'echo' | 'marker' | 'scan' | 'statement' | 'clockSkewMs'>;

/**
 * The adapter for every channel that speaks the contract of `openapi.yaml` beside this file.
 *
 * @throws TypeError from a call whose key is not one; never for anything the remote or the network does.
 */
export class JsonChannel implements ChannelAdapter {
  readonly channel: string;
  readonly #remote: RemoteSettings;
  readonly #terms: JsonChannelTerms;

  constructor(options: JsonChannelOptions) {
    this.channel = options.channel;
    this.#terms = options.terms ?? { echo: 'points' };
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
    const refusal = refusalOf(operation.points);
    if (refusal !== undefined) return refusal;
    const { exchange, facts } = await callRemote(
      this.#remote,
      {
        method: 'POST',
        path: '/v1/deductions',
        body: { key, orderId, member, points: writePoints(operation.points), ...this.#note(key) },
        personal: [member],
      },
      context,
    );
    return this.#asEchoed(classifyOperation(exchange, { key, kind: 'deduction' }, facts));
  }

  async refund(operation: ReverseOperation, context: CallContext): Promise<Outcome> {
    const { key, originalKey, orderId, memberRef: member } = operation;
    assertKey(key);
    assertKey(originalKey);
    const refusal = refusalOf(operation.points);
    if (refusal !== undefined) return refusal;
    const { exchange, facts } = await callRemote(
      this.#remote,
      {
        method: 'POST',
        path: '/v1/refunds',
        body: {
          key,
          originalKey,
          orderId,
          member,
          points: writePoints(operation.points),
          ...this.#note(key),
        },
        personal: [member],
      },
      context,
    );
    return this.#asEchoed(classifyOperation(exchange, { key, originalKey, kind: 'refund' }, facts));
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

  async scan(sought: Sought, context: CallContext): Promise<ScanOutcome> {
    assertKey(sought.key);
    const { scan, marker = 'key', clockSkewMs = CLOCK_SKEW_DEFAULT_MS } = this.#terms;
    if (scan === undefined) return notSupported('scan');
    const pages = memberPages(this.#remote, sought.memberRef, { pageSize: scan.pageSize, marker });
    return scanForOperation(pages, sought, { scan, clockSkewMs }, context);
  }

  async statement(sought: Sought, context: CallContext): Promise<StatementOutcome> {
    assertKey(sought.key);
    const { statement, marker = 'key', clockSkewMs = CLOCK_SKEW_DEFAULT_MS } = this.#terms;
    if (statement === undefined) return notSupported('statement');
    const pages = statementPages(this.#remote, sought.memberRef, { pageSize: statement.pageSize, marker });
    return readStatement(pages, sought, { statement, clockSkewMs }, context);
  }

  close(): Promise<void> {
    return this.#remote.transport.close();
  }

  /** The marker of an operation whose key the channel does not keep. */
  #note(key: string): { readonly note?: string } {
    return this.#terms.marker === 'note' ? { note: key } : {};
  }

  /** Where no success proves an amount, points that stand in one all the same may be those that were asked for. */
  #asEchoed(outcome: Outcome): Outcome {
    if (this.#terms.echo === 'points' || outcome.type !== 'done') return outcome;
    return { type: 'unknown', cause: 'missing_echo', evidence: outcome.evidence };
  }
}

function notSupported(lookUp: string): Misconfigured {
  const evidence = { detail: `the description of this channel has no ${lookUp}` };
  return { type: 'misconfigured', code: 'not_supported', evidence };
}
