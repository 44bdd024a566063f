/**
 * What a mall may ask for, and the one reading of it that everything behind the door relies on.
 */
import { hash } from 'node:crypto';
import type { Decimal } from 'decimal.js';
import { z } from 'zod';
import { readPoints, writePoints, type ChannelRule } from '../core/points.ts';
import { outlives } from '../core/stage.ts';
import { HubError, type ErrorCode, type FieldFault } from '../errors.ts';

/** The rules of every channel that orders may use, by channel id. */
export type ChannelRules = ReadonlyMap<string, ChannelRule>;

export const idLengthMax = { orderId: 64, userId: 128, memberRef: 128, refundId: 64 } as const;
export const deductionsMax = 16;

/** How long an order may take to settle before it is undone: 15 minutes unless the mall says otherwise. */
export const deadlineSeconds = { default: 900, max: 2_592_000 } as const;

/**
 * Ids are opaque to the hub, but they travel in URLs, logs and messages: no control characters, no characters that
 * turn text around, no space at either end, and well-formed Unicode.
 */
export function id(name: keyof typeof idLengthMax) {
  const lengthMax = idLengthMax[name];
  return z
    .string('must be a string')
    .min(1, 'must not be empty')
    .max(lengthMax, `must have at most ${lengthMax} characters`)
    .refine(isPathSegment, 'must not be "." or "..", which no URL can name')
    .refine(isPlainText, 'must not contain control or invisible characters, nor begin or end with a space');
}

/** `.` and `..` in a path are resolved away by clients before they are sent (RFC 3986, 5.2.4). */
function isPathSegment(text: string): boolean {
  return text !== '.' && text !== '..';
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && text === text.trim() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}

export const deductionSchema = z
  .strictObject({
    channel: z.string().min(1).max(32).describe('The channel at which the user holds the points.'),
    points: z
      .string('must be a string such as "12.50"')
      .describe('Points to deduct: a plain decimal above zero, as a string, e.g. "12.50".'),
    memberRef: id('memberRef')
      .optional()
      .describe('How the channel knows the user, where it differs from `userId`.'),
  })
  .meta({ id: 'DeductionRequest' });

export const orderRequestSchema = z
  .strictObject({
    orderId: id('orderId').describe("The mall's own id of the order; unique per mall for ever."),
    userId: id('userId').describe('The shopper.'),
    deductions: z
      .array(deductionSchema, 'must be a list of deductions')
      .min(1, 'must have at least one deduction')
      .max(deductionsMax, `must have at most ${deductionsMax} deductions`),
    deadlineSeconds: z
      .int('must be a whole number of seconds')
      .min(1, 'must be 1 or more')
      .max(deadlineSeconds.max, `must be at most ${deadlineSeconds.max}, which is 30 days`)
      .optional()
      .describe(`An order that has not settled by then is undone; default ${deadlineSeconds.default}.`),
  })
  .meta({ id: 'OrderRequest' });

export type OrderRequest = z.output<typeof orderRequestSchema>;

export const quoteRequestSchema = orderRequestSchema
  .omit({ orderId: true, deadlineSeconds: true })
  .meta({ id: 'QuoteRequest' });

export interface DeductionReading {
  readonly channel: string;
  readonly points: Decimal;
  readonly memberRef: string;
  /** The channel can hold the points for as long as the order may take. */
  readonly holds: boolean;
}

export interface OrderReading {
  readonly orderId: string;
  readonly userId: string;
  readonly deadlineSeconds: number;
  readonly deductions: readonly DeductionReading[];
  /** Equal exactly for requests with equal content, whatever their order of fields and trailing zeros. */
  readonly fingerprint: string;
}

/**
 * Reads an order request.
 *
 * @throws HubError with every fault at once; its code is that of the first fault.
 */
export function readOrderRequest(body: unknown, channels: ChannelRules): OrderReading {
  const request = readShape(orderRequestSchema, body);
  const { orderId, userId, deadlineSeconds: seconds = deadlineSeconds.default } = request;
  const deductions = readDeductions(request.deductions, userId, seconds, channels);
  const content = [orderId, userId, seconds, deductions] as const;
  return { orderId, userId, deadlineSeconds: seconds, deductions, fingerprint: fingerprintOf(...content) };
}

/** Reads a quote request. @throws HubError as `readOrderRequest`. */
export function readQuoteRequest(
  body: unknown,
  channels: ChannelRules,
): { userId: string; deductions: DeductionReading[] } {
  const { userId, deductions } = readShape(quoteRequestSchema, body);
  return { userId, deductions: readDeductions(deductions, userId, deadlineSeconds.default, channels) };
}

/** Checks `value` against `schema`; @throws HubError with a fault per issue, as JSON pointers. */
export function readShape<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(faultOf));
}

function faultOf(issue: z.core.$ZodIssue): FieldFault {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return { field: pointer(path), code: faultCode(issue), detail: issue.message };
}

function faultCode({ code, path }: z.core.$ZodIssue): ErrorCode {
  const field = path.at(-1);
  if (field === 'points') return 'HUB_POINTS_INVALID';
  if (field === 'deductions' && code === 'too_small') return 'HUB_DEDUCTIONS_MISSING';
  if (field === 'deductions' && code === 'too_big') return 'HUB_DEDUCTIONS_TOO_MANY';
  const isId = typeof field === 'string' && field in idLengthMax;
  return isId && code !== 'invalid_type' ? 'HUB_ID_INVALID' : 'HUB_REQUEST_INVALID';
}

/** RFC 6901. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function readDeductions(
  requests: OrderRequest['deductions'],
  userId: string,
  seconds: number,
  channels: ChannelRules,
): DeductionReading[] {
  const faults: FieldFault[] = [];
  const seen = new Set<string>();
  const readings = requests.flatMap(({ channel, points, memberRef }, index) => {
    const fault = (field: string, code: ErrorCode, detail: string): [] => {
      faults.push({ field: `/deductions/${index}/${field}`, code, detail });
      return [];
    };
    const rule = channels.get(channel);
    if (rule === undefined) {
      return fault(
        'channel',
        'HUB_CHANNEL_UNKNOWN',
        `is not a channel of this hub; known: ${[...channels.keys()].join(', ')}`,
      );
    }
    if (seen.has(channel)) {
      return fault('channel', 'HUB_CHANNEL_TWICE', `appears twice; add the points up into one deduction`);
    }
    seen.add(channel);
    const holds = outlives(rule.holdsForMs, seconds * 1_000);
    if (!rule.givesBack && !holds && requests.length > 1) {
      return fault(
        'channel',
        'HUB_CHANNEL_ALONE_ONLY',
        "gives no points back, so the order could not be undone: it may only be an order's one channel",
      );
    }
    const reading = readPoints(points, rule);
    if (reading.type === 'refused') return fault('points', 'HUB_POINTS_INVALID', reading.reason);
    return [{ channel, points: reading.points, memberRef: memberRef ?? userId, holds }];
  });
  if (faults.length > 0) throw invalid(faults);
  return readings;
}

/** One error for all faults; its code is that of the first. */
export function invalid(faults: readonly FieldFault[]): HubError {
  const [first] = faults;
  if (first === undefined) throw new Error('an invalid request has a fault');
  return new HubError(first.code, `${first.field || 'the body'} ${first.detail}`, { faults });
}

function fingerprintOf(
  orderId: string,
  userId: string,
  seconds: number,
  deductions: readonly DeductionReading[],
): string {
  const parts = deductions.map(({ channel, points, memberRef }) => [channel, writePoints(points), memberRef]);
  parts.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([orderId, userId, seconds, parts]), 'hex');
}
