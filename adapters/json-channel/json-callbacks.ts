import { digestOf, type Sender } from '../callbacks/sender.ts';
import { readObject, readRemoteId } from '../classification.ts';
import type {
  CallbackEvent,
  CallbackReader,
  CallbackReference,
  CallbackRefusal,
  CallbackRequest,
  Evidence,
} from '../contract.ts';
import { createMasker, maskEvidence } from '../masking.ts';
import { readRecord } from '../outcome-reading.ts';
import { readPoints } from '../points-text.ts';
import { isKey } from '../remote-call.ts';
import { JSON_CHANNEL_CODES } from './json-codes.ts';

/** The callbacks of every channel that speaks the contract of `openapi.yaml` beside this file. */
export class JsonCallbacks implements CallbackReader {
  readonly acknowledgement = undefined;
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  read(request: CallbackRequest): CallbackEvent | CallbackRefusal {
    const sender = this.#sender(request);
    if (sender.type === 'refused') return sender;
    const text = textOf(request.octets);
    const body = text === undefined ? undefined : readObject(text);
    if (text === undefined || body === undefined) {
      return { type: 'refused', code: 'unreadable', detail: 'the body is no JSON object in UTF-8' };
    }
    const about = referenceIn(body);
    if (about === undefined) {
      return { type: 'refused', code: 'no_reference', detail: 'the body has neither a key nor a remoteId' };
    }
    const { eventId, isSigned } = sender;
    return {
      type: 'event',
      eventId,
      digest: digestOf(request.octets),
      about,
      said: isSigned ? saidBy(body, text) : { type: 'hint', evidence: evidenceOf(body, text) },
      isSigned,
    };
  }
}

/** Our key decides where there is one: a remote's id only says the same in other words. */
function referenceIn({ key, remoteId }: Readonly<Record<string, unknown>>): CallbackReference | undefined {
  if (typeof key === 'string') return isKey(key) ? { kind: 'key', reference: key } : undefined;
  const id = readRemoteId(remoteId);
  return id === undefined ? undefined : { kind: 'remote_id', reference: id };
}

/** What does not prove its amount, or says what the contract does not have, is a reason to look it up. */
function saidBy(body: Readonly<Record<string, unknown>>, text: string): CallbackEvent['said'] {
  const evidence = evidenceOf(body, text);
  const outcome = readRecord(body, evidence, { codes: JSON_CHANNEL_CODES, idField: 'remoteId' });
  if (outcome.type === 'unknown') return { type: 'hint', evidence: outcome.evidence };
  const isTwoThings = outcome.type === 'rejected' && readPoints(body['points'])?.isZero() === false;
  return isTwoThings ? { type: 'hint', evidence } : outcome;
}

function evidenceOf({ code, remoteId }: Readonly<Record<string, unknown>>, answer: string): Evidence {
  const id = readRemoteId(remoteId);
  return maskEvidence(
    {
      ...(typeof code === 'string' ? { remoteCode: code } : {}),
      ...(id === undefined ? {} : { remoteId: id }),
      answer,
    },
    createMasker([]),
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(octets: Uint8Array): string | undefined {
  try {
    return utf8.decode(octets);
  } catch {
    return undefined;
  }
}
