import type { Decimal } from 'decimal.js';

import type { CallContext, Misconfigured } from './contract.ts';
import type { CallFacts, CodeTable } from './classification.ts';
import type { HttpExchange, HttpTransport } from './http/transport.ts';
import { createMasker } from './masking.ts';

/** What every call to one remote has in common. */
export interface RemoteSettings {
  readonly transport: HttpTransport;
  /** Undefined where the remote wants none, e.g. on a private network. */
  readonly bearerToken: string | undefined;
  readonly codes: CodeTable;
  readonly idField: string;
}

/** One call: what differs from the others. */
export interface RemoteCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The path as evidence shows it, where the real one names a member. */
  readonly shownPath?: string;
  /** Sent as JSON, with `key` also as the `Idempotency-Key` header. */
  readonly body?: Readonly<Record<string, string>> & { readonly key: string };
  /** Member references that this call uses; they are masked in the evidence. */
  readonly personal?: readonly string[];
}

/**
 * Sends one call and returns the exchange with what its classification must know.
 *
 * @throws TypeError only for what HTTP cannot express; keys are checked by `assertKey` before.
 */
export async function callRemote(
  settings: RemoteSettings,
  call: RemoteCall,
  context: CallContext,
): Promise<{ readonly exchange: HttpExchange; readonly facts: CallFacts }> {
  const { transport, bearerToken, codes, idField } = settings;
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (bearerToken !== undefined) headers['authorization'] = `Bearer ${bearerToken}`;
  if (context.traceparent !== undefined && TRACEPARENT.test(context.traceparent)) {
    headers['traceparent'] = context.traceparent;
  }
  if (call.body !== undefined) {
    headers['content-type'] = 'application/json';
    // A string of structured fields (RFC 9651), as draft-ietf-httpapi-idempotency-key-header asks for.
    headers['idempotency-key'] = `"${call.body.key}"`;
  }
  const exchange = await transport.exchange(
    {
      method: call.method,
      path: call.path,
      headers,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    },
    { deadlineMs: context.deadlineMs, maySend: context.maySend, signal: context.signal },
  );
  const facts: CallFacts = {
    request: { method: call.method, path: call.shownPath ?? call.path },
    masker: createMasker([...(bearerToken === undefined ? [] : [bearerToken]), ...(call.personal ?? [])]),
    codes,
    idField,
    now: new Date(),
  };
  return { exchange, facts };
}

/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** As both contracts have it: safe in a path, a header and a log without escaping. */
const KEY = /^[A-Za-z0-9._:-]{1,128}$/;

/** Whether `text` could be a key. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** @throws TypeError if `key` could not be sent: keys are made by the hub, so a bad one is its own mistake. */
export function assertKey(key: string): void {
  if (!isKey(key)) throw new TypeError('a key is 1 to 128 characters of A-Z a-z 0-9 . _ : -');
}

/** Why these points are not asked for; undefined if they may be. The hub refuses them at its door; this is the last one. */
export function refusalOf(points: Decimal): Misconfigured | undefined {
  if (points.isFinite() && points.gt(0)) return undefined;
  return {
    type: 'misconfigured',
    code: 'refused_request',
    evidence: { detail: 'points are above zero, so nothing was sent' },
  };
}
