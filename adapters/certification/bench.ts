/** What one behaviour is tried on: a channel with its books, a proxy that lets things go wrong, the adapter in front. */
import { createHmac } from 'node:crypto';

import { Decimal } from 'decimal.js';

import type { ChannelDescription } from '../channel-description.ts';
import type {
  BalanceOutcome,
  CallbackReader,
  CallContext,
  ChannelAdapter,
  Evidence,
  LookUpOutcome,
  Outcome,
} from '../contract.ts';
import { readSecretText, type Environment } from '../environment.ts';
import { openCallbackReader, openChannel } from '../open-remote.ts';
import { FaultProxy, type Seal, type SeenExchange } from './fault-proxy.ts';
import { TOKEN_PATH, type PlayedChannel } from './shapes/shape.ts';

/** Opens the adapter to certify; by default the one that the description names. */
export interface Openers {
  readonly openChannel: (description: ChannelDescription, env: Environment) => ChannelAdapter;
  readonly openCallbackReader: (
    description: ChannelDescription,
    env: Environment,
  ) => CallbackReader | undefined;
}
export const OWN_OPENERS: Openers = { openChannel, openCallbackReader };

/** How long a call of the kit may take where nothing answers. */
export const IMPATIENT_MS = 250;
export const PATIENT_MS = 5_000;

export class Bench {
  readonly description: ChannelDescription;
  readonly played: PlayedChannel;
  readonly proxy: FaultProxy;
  readonly channel: ChannelAdapter;
  /** Everything that was shown as evidence. */
  readonly evidence: Evidence[] = [];
  readonly begun = new Date();
  readonly points: Decimal;
  readonly #openers: Openers;
  #keysCount = 0;
  readonly #run = Math.random().toString(36).slice(2, 10);

  private constructor(
    description: ChannelDescription,
    played: PlayedChannel,
    proxy: FaultProxy,
    channel: ChannelAdapter,
    openers: Openers,
  ) {
    this.#openers = openers;
    this.description = description;
    this.played = played;
    this.proxy = proxy;
    this.channel = channel;
    // As many places as the channel keeps, so that none may get lost.
    this.points = new Decimal(7).minus(new Decimal(10).pow(-description.points.scale));
  }

  static async open(
    description: ChannelDescription,
    played: PlayedChannel,
    env: Environment,
    openers: Openers,
  ): Promise<Bench> {
    const proxy = await FaultProxy.open(played.origin, sealOf(description, played, env));
    const tokenUrl = played.tokensFrom === 'sandbox' ? `${played.origin}${TOKEN_PATH}` : undefined;
    const behindProxy = redirected(description, `${proxy.url}${played.path}`, tokenUrl);
    const moved = withValues(withSmallPages(behindProxy), played);
    try {
      return new Bench(moved, played, proxy, openers.openChannel(moved, env), openers);
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.channel.close();
    await this.proxy.close();
    await this.played.close();
  }

  /** What really went to and fro, with paths as the API's document has them. */
  seenExchanges(): SeenExchange[] {
    const { path: prefix } = this.played;
    return this.proxy.seen.map((one) => ({ ...one, path: one.path.slice(prefix.length) }));
  }

  openCallbackReader(env: Environment): CallbackReader | undefined {
    return this.#openers.openCallbackReader(this.description, env);
  }

  newKey(): string {
    this.#keysCount += 1;
    return `C${this.#run}${this.#keysCount}`;
  }

  async deduct(key: string, points = this.points, deadlineMs = PATIENT_MS): Promise<Outcome> {
    const operation = { key, orderId: 'order-1', memberRef: this.played.shape.member, points };
    return this.seen(await this.channel.deduct(operation, context(deadlineMs)));
  }

  async refund(key: string, originalKey: string, original: Outcome, points = this.points): Promise<Outcome> {
    const operation = {
      key,
      originalKey,
      originalRemoteId: original.type === 'done' ? original.remoteId : undefined,
      orderId: 'order-1',
      memberRef: this.played.shape.member,
      points,
    };
    return this.seen(await this.channel.refund(operation, context(PATIENT_MS)));
  }

  /** Undefined where the description does not say how it is asked for. */
  async balance(): Promise<BalanceOutcome | undefined> {
    const { description } = this;
    if (description.adapter === 'declarative' && description.operations.balance === undefined)
      return undefined;
    const told = await this.channel.balance(this.played.shape.member, context(PATIENT_MS));
    if (told.type !== 'balance') this.evidence.push(told.evidence);
    return told;
  }

  /** By the first way out of doubt that the channel has, as the hub takes them. */
  async lookUp(key: string, kind: 'deduction' | 'refund' = 'deduction'): Promise<LookUpOutcome> {
    const { query, scan } = this.description.capabilities;
    const memberRef = this.played.shape.member;
    if (query === 'by-key') return this.seen(await this.channel.query(key, memberRef, context(PATIENT_MS)));
    const sought = {
      key,
      kind,
      orderId: 'order-1',
      memberRef,
      remoteId: undefined,
      besides: undefined,
      from: this.begun,
      until: new Date(),
    };
    return this.seen(
      await this.channel[scan === undefined ? 'statement' : 'scan'](sought, context(PATIENT_MS)),
    );
  }

  seen<Any extends Outcome | LookUpOutcome>(outcome: Any): Any {
    this.evidence.push(outcome.type === 'found' ? outcome.outcome.evidence : outcome.evidence);
    return outcome;
  }
}

export function context(deadlineMs: number, signal?: AbortSignal): CallContext {
  return { deadlineMs, maySend: () => true, ...(signal === undefined ? {} : { signal }) };
}

/** The same channel behind the proxy. Tokens are asked for directly: a fault is meant for the call itself. */
function redirected(
  description: ChannelDescription,
  baseUrl: string,
  tokenUrl: string | undefined,
): ChannelDescription {
  const reached = { ...description, baseUrl, proxy: 'none' };
  return reached.adapter === 'declarative' &&
    reached.sign.method === 'oauth2-client-credentials' &&
    tokenUrl !== undefined
    ? { ...reached, sign: { ...reached.sign, tokenUrl } }
    : reached;
}

/** What a played channel demands of values that the environment would hold. */
function withValues(description: ChannelDescription, { shape }: PlayedChannel): ChannelDescription {
  if (description.adapter !== 'declarative' || shape.values === undefined) return description;
  const demanded = Object.entries(shape.values).filter(([name]) =>
    description.values[name]?.startsWith('env:'),
  );
  return { ...description, values: { ...description.values, ...Object.fromEntries(demanded) } };
}

/** Small enough that a second page costs few deductions. */
const PAGE_SIZE_MAX = 10;

function withSmallPages(description: ChannelDescription): ChannelDescription {
  const { capabilities } = description;
  if (capabilities.scan === undefined) return description;
  const scan = { ...capabilities.scan, pageSize: Math.min(PAGE_SIZE_MAX, capabilities.scan.pageSize) };
  return { ...description, capabilities: { ...capabilities, scan } };
}

/** A played channel speaks an API without its signatures: they are added on the way. */
function sealOf(description: ChannelDescription, played: PlayedChannel, env: Environment): Seal | undefined {
  const sign = description.adapter === 'declarative' ? description.sign : undefined;
  if (played.shape.isOwn || sign === undefined || !('answerHeader' in sign)) return undefined;
  const { answerHeader, keys } = sign;
  if (answerHeader === undefined) return undefined;
  const encoding = sign.method === 'hmac-sha256' ? sign.encoding : 'hex';
  const key = readSecretText(keys.current, env);
  return (answer) => {
    const signature = createHmac('sha256', key).update(answer.body).digest(encoding);
    return { ...answer, headers: { ...answer.headers, [answerHeader]: signature } };
  };
}
