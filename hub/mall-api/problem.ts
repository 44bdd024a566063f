/** Errors as the mall sees them: problem details (RFC 9457) with a stable `code`. */
import { z } from 'zod';
import { errorTable, type ErrorCode, type HubError } from '../errors.ts';

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

export const faultSchema = z
  .strictObject({
    field: z
      .string()
      .describe('A JSON pointer into the body (empty: the whole of it), or the name of a header.'),
    code: z.enum(codes),
    detail: z.string(),
  })
  .meta({ id: 'Fault' });

export const problemSchema = z
  .strictObject({
    type: z.string().describe('A URI that names the kind of problem; constant for a `code`.'),
    title: z.string().describe('Constant for a `code`.'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('For people. Programs read `code` and `errors`.'),
    code: z.enum(codes).describe('Stable; docs/errors.md says what to do about each.'),
    errors: z.array(faultSchema).optional().describe('Every field at fault.'),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'urn:points-hub:problem:HUB_POINTS_INVALID',
        title: errorTable.HUB_POINTS_INVALID.title,
        status: errorTable.HUB_POINTS_INVALID.status,
        detail: '/deductions/0/points must be above zero',
        code: 'HUB_POINTS_INVALID',
        errors: [{ field: '/deductions/0/points', code: 'HUB_POINTS_INVALID', detail: 'must be above zero' }],
      },
    ],
  });

export type Problem = z.output<typeof problemSchema>;

export const problemMediaType = 'application/problem+json';

/** What is at fault where an error is about no field in the body. */
const wholes: Partial<Record<ErrorCode, string>> = {
  HUB_API_KEY_MISSING: 'Authorization',
  HUB_API_KEY_WRONG: 'Authorization',
  HUB_CONTENT_TYPE_UNSUPPORTED: 'Content-Type',
  HUB_BODY_MALFORMED: '',
  HUB_BODY_TOO_LARGE: '',
};

/** The problem document of an error. */
export function problemOf({ code, message, faults }: HubError): Problem {
  const { status, title } = errorTable[code];
  const whole = wholes[code];
  const errors =
    faults.length === 0 && whole !== undefined ? [{ field: whole, code, detail: message }] : [...faults];
  return {
    type: `urn:points-hub:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors.length === 0 ? {} : { errors }),
  };
}
