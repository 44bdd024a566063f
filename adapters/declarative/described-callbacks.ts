/** Callbacks as a description has them: who sent one, what it is about, what it says. */
import { createHmac, timingSafeEqual } from 'node:crypto';

import { digestOf, type Identified, type Sender } from '../callbacks/sender.ts';
import type {
  CallbackAcknowledgement,
  CallbackEvent,
  CallbackReader,
  CallbackReference,
  CallbackRefusal,
  CallbackRefusalCode,
  CallbackRequest,
} from '../contract.ts';
import { isJsonObject, parseJson, scalarText } from '../lossless-json.ts';
import { createMasker, maskEvidence } from '../masking.ts';
import { isKey } from '../remote-call.ts';
import { placeRules, readOperationAnswer, type AnswerFacts } from './answer-reading.ts';
import type { CallbackForm, CallbackSignature } from './callback-schema.ts';
import { valueAt, type AnswerView } from './path.ts';
import { remoteIdIn } from './value.ts';

/** What reading callbacks needs of a description. */
export interface DescribedCallbacksOptions {
  readonly form: CallbackForm;
  readonly sender: Sender;
  readonly scale: number;
  readonly zone: string;
  /** Configured values that came from the environment. */
  readonly secrets: readonly string[];
}

export class DescribedCallbacks implements CallbackReader {
  readonly #options: DescribedCallbacksOptions;
  readonly acknowledgement: CallbackAcknowledgement | undefined;

  constructor(options: DescribedCallbacksOptions) {
    this.#options = options;
    this.acknowledgement = options.form.acknowledge;
  }

  read(request: CallbackRequest): CallbackEvent | CallbackRefusal {
    const sender = this.#options.sender(request);
    if (sender.type === 'refused') return sender;
    const text = textOf(request.octets);
    const body = text === undefined ? undefined : parseJson(text);
    if (text === undefined || !isJsonObject(body)) {
      return refused('unreadable', 'the body is no JSON object in UTF-8');
    }
    const { form } = this.#options;
    const view: AnswerView = { body, headers: {}, isEmpty: false };
    const about = referenceIn(form, view);
    if (about === undefined) return refused('no_reference', 'the body names no operation');
    const eventId = this.#eventId(sender, view);
    if (eventId === undefined) return refused('headers', 'the body has no id of the event');
    return {
      type: 'event',
      eventId,
      digest: digestOf(request.octets),
      about,
      said: this.#said(view, text, request.receivedAt, sender.isSigned),
      isSigned: sender.isSigned,
    };
  }

  #eventId({ eventId }: Identified, view: AnswerView): string | undefined {
    const path = this.#options.form.eventId;
    return path === undefined ? eventId : remoteIdIn(path, view);
  }

  /** What does not prove its amount, or what no rule knows, is a reason to look it up. */
  #said(view: AnswerView, text: string, now: Date, isSigned: boolean): CallbackEvent['said'] {
    const { form, scale, zone, secrets } = this.#options;
    const masker = createMasker(secrets);
    const evidence = maskEvidence({ answer: text }, masker);
    if (!isSigned || form.answers === undefined) return { type: 'hint', evidence };
    const facts: AnswerFacts = { status: 200, view, variables: {}, evidence, masker, scale, zone, now };
    const outcome = readOperationAnswer(placeRules(form.answers, {}), facts);
    switch (outcome.type) {
      case 'done':
      case 'rejected':
      case 'pending':
        return outcome;
      case 'unknown':
      case 'not_sent':
      case 'misconfigured':
        return { type: 'hint', evidence: outcome.evidence };
    }
  }
}

/** Whoever holds one of `keys`, by the description's own way of signing. Never throws. */
export function signedAs(
  signature: CallbackSignature,
  keys: readonly string[],
  values: Readonly<Record<string, string>>,
  toleranceSeconds: number,
): Sender {
  const { header, encoding, canonical, timestampHeader } = signature;
  return ({ headers, octets, receivedAt }) => {
    const offered = headers[header];
    if (typeof offered !== 'string') return refused('headers', `${header} is missing`);
    const timestamp = timestampHeader === undefined ? '' : headers[timestampHeader];
    if (timestampHeader !== undefined) {
      if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) {
        return refused('headers', `${timestampHeader} is missing or not whole seconds since 1970`);
      }
      const awaySeconds = Math.abs(receivedAt.getTime() / 1_000 - Number(timestamp));
      if (awaySeconds > toleranceSeconds) {
        return refused('stale', `${timestampHeader} is more than ${toleranceSeconds} s from now`);
      }
    }
    const given = Buffer.from(offered, encoding);
    const isSigned = keys.some((key) => {
      const hmac = createHmac('sha256', key);
      for (const part of canonical.split(/(\{[^}]+\})/)) {
        if (part === '{body}') hmac.update(octets);
        else if (part === '{timestamp}') hmac.update(String(timestamp));
        else hmac.update(part.startsWith('{values.') ? (values[part.slice(8, -1)] ?? '') : part);
      }
      const digest = hmac.digest();
      return given.length === digest.length && timingSafeEqual(given, digest);
    });
    return isSigned
      ? { type: 'identified', eventId: digestOf(octets), isSigned }
      : refused('signature', `the signature in ${header} is not ours`);
  };
}

/** Our key decides where there is one: a remote's id only says the same in other words. */
function referenceIn({ key, remoteId }: CallbackForm, view: AnswerView): CallbackReference | undefined {
  const ours = key === undefined ? undefined : scalarText(valueAt(key, view));
  if (ours !== undefined) return isKey(ours) ? { kind: 'key', reference: ours } : undefined;
  const id = remoteIdIn(remoteId, view);
  return id === undefined ? undefined : { kind: 'remote_id', reference: id };
}

function refused(code: CallbackRefusalCode, detail: string): CallbackRefusal {
  return { type: 'refused', code, detail };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(octets: Uint8Array): string | undefined {
  try {
    return utf8.decode(octets);
  } catch {
    return undefined;
  }
}
