/**
 * The CloudEvents 1.0 envelope in structured JSON mode, which is what travels in a message's body.
 *
 * Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md,
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md and, for `traceparent`,
 * https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md
 */
export interface Envelope {
  /** The outbox id; together with `source` it names the message for ever. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | undefined;
  /** RFC 3339. */
  readonly time: string | undefined;
  readonly traceparent: string | undefined;
  readonly data: unknown;
}

export type EnvelopeReading =
  | { readonly type: 'readable'; readonly envelope: Envelope }
  | { readonly type: 'unreadable'; readonly reason: string };

/** A longer body is not even parsed. Ours stay far below: 65,536 octets of data and at most 2 kB around them. */
export const envelopeOctetsMax = 131_072;

/** The media type of the body. */
export const envelopeMediaType = 'application/cloudevents+json; charset=utf-8';

export interface EnvelopeFields {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339. */
  readonly time: string;
  readonly traceparent: string | null;
  /** Valid JSON; it is put in as it stands, so its numbers keep their digits. */
  readonly dataJson: string;
}

/**
 * Writes the envelope. The caller vouches for `dataJson`, which Postgres has checked. Written piece by piece, because
 * the relay does this for every message and it costs half of what `JSON.stringify` of the whole would.
 */
export function writeEnvelope(fields: EnvelopeFields): string {
  const { id, source, type, subject, time, traceparent, dataJson } = fields;
  return (
    `{"specversion":"1.0","id":${JSON.stringify(id)},"source":${JSON.stringify(source)},` +
    `"type":${JSON.stringify(type)},` +
    (subject === null ? '' : `"subject":${JSON.stringify(subject)},`) +
    `"time":${JSON.stringify(time)},` +
    (traceparent === null ? '' : `"traceparent":${JSON.stringify(traceparent)},`) +
    `"datacontenttype":"application/json","data":${dataJson}}`
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads what arrived, from us or from a stranger. Never throws: what cannot be read says why. */
export function readEnvelope(body: Buffer): EnvelopeReading {
  if (body.length > envelopeOctetsMax) {
    return unreadable(`${body.length} octets are more than ${envelopeOctetsMax}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(body));
  } catch {
    // The parser's own message would quote the body, which may hold personal data.
    return unreadable('not JSON in UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return unreadable('not a JSON object');
  }
  return fromAttributes(parsed as Readonly<Record<string, unknown>>);
}

function fromAttributes(attributes: Readonly<Record<string, unknown>>): EnvelopeReading {
  const { specversion, id, source, type, subject, time, traceparent, data } = attributes;
  if (specversion !== '1.0') return unreadable('specversion is not "1.0"');
  if (!isName(id)) return unreadable('id is missing or too long');
  if (!isName(source)) return unreadable('source is missing or too long');
  if (!isName(type)) return unreadable('type is missing or too long');
  if (!isOptionalName(subject)) return unreadable('subject is no name');
  if (!isOptionalName(time) || (time !== undefined && Number.isNaN(Date.parse(time)))) {
    return unreadable('time is not a timestamp');
  }
  // A tracing header of a stranger must not cost the message: it is dropped unless it is at least a short string.
  const trace = isOptionalName(traceparent) ? traceparent : undefined;
  return { type: 'readable', envelope: { id, source, type, subject, time, traceparent: trace, data } };
}

const nameLengthMax = 1024;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= nameLengthMax;
}

function isOptionalName(value: unknown): value is string | undefined {
  return value === undefined || isName(value);
}

function unreadable(reason: string): EnvelopeReading {
  return { type: 'unreadable', reason };
}
