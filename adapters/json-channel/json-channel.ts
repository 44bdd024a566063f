import type { Capabilities } from '../capabilities.ts';
import type {
  BalanceOutcome,
  CallContext,
  ChannelAdapter,
  HoldInquiry,
  HoldOperation,
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
  /** Default: a success names its points, and there is neither scan nor statement nor hold. */
  readonly terms?: JsonChannelTerms;
}

/** What of the channel's promises changes how it is spoken to. */
export type JsonChannelTerms = Pick<
  Capabilities,
  'echo' | 'marker' | 'scan' | 'statement' | 'hold' | 'clockSkewMs'
>;

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
    return this.#begin('/v1/deductions', 'deduction', operation, {}, context);
  }

  async refund(operation: ReverseOperation, context: CallContext): Promise<Outcome> {
    return refusalOf(operation.points) ?? this.#follow('/v1/refunds', 'refund', operation, context);
  }

  async hold(operation: Operation, context: CallContext): Promise<Outcome> {
    const { hold } = this.#terms;
    if (hold === undefined) return notSupported('hold');
    const { expiresAfterMs } = hold;
    return this.#begin('/v1/holds', 'hold', operation, { expiresAfterMs }, context);
  }

  async confirm(operation: HoldOperation, context: CallContext): Promise<Outcome> {
    if (this.#terms.hold === undefined) return notSupported('hold');
    return this.#follow('/v1/confirmations', 'confirmation', operation, context);
  }

  async release(operation: HoldOperation, context: CallContext): Promise<Outcome> {
    if (this.#terms.hold === undefined) return notSupported('hold');
    return this.#follow('/v1/releases', 'release', operation, context);
  }

  async findHold({ key, memberRef }: HoldInquiry, context: CallContext): Promise<QueryOutcome> {
    return this.#terms.hold === undefined ? notSupported('hold') : this.query(key, memberRef, context);
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

  async #begin(
    path: string,
    kind: string,
    { key, orderId, memberRef: member, points }: Operation,
    more: Readonly<Record<string, number>>,
    context: CallContext,
  ): Promise<Outcome> {
    assertKey(key);
    const refusal = refusalOf(points);
    if (refusal !== undefined) return refusal;
    const body = { key, orderId, member, points: writePoints(points), ...more, ...this.#note(key) };
    const call = { method: 'POST', path, body, personal: [member] } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return this.#asEchoed(classifyOperation(exchange, { key, kind }, facts));
  }

  /** What refers to an earlier operation. */
  async #follow(
    path: string,
    kind: string,
    { key, originalKey, orderId, memberRef: member, points }: ReverseOperation,
    context: CallContext,
  ): Promise<Outcome> {
    assertKey(key);
    assertKey(originalKey);
    const body = { key, originalKey, orderId, member, points: writePoints(points), ...this.#note(key) };
    const call = { method: 'POST', path, body, personal: [member] } as const;
    const { exchange, facts } = await callRemote(this.#remote, call, context);
    return this.#asEchoed(classifyOperation(exchange, { key, originalKey, kind }, facts));
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

function notSupported(ability: string): Misconfigured {
  const evidence = { detail: `the description of this channel has no ${ability}` };
  return { type: 'misconfigured', code: 'not_supported', evidence };
}
