/** What a description says of the callbacks that a channel sends. */
import { z } from 'zod';

import { parsePath } from './value.ts';
import { callbackAnswersSchema } from './answer-schema.ts';
import { expressionSchema } from './request-schema.ts';

const headerNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a header name in lower case');
const pathSchema = expressionSchema(parsePath, 'Where it stands in the callback, e.g. "$.data.id".');

/** HMAC-SHA256 under the secret of `callback.secretEnv`, over the raw body and what else is signed with it. */
const signatureSchema = z.strictObject({
  header: headerNameSchema,
  encoding: z.enum(['hex', 'base64']),
  /** What is signed, of `{body} {timestamp} {values.NAME}`. */
  canonical: z
    .string()
    .max(500)
    .refine((text) => text.includes('{body}'), 'has no {body}: whoever alters it would not be found out')
    .refine(
      (text) => /^(?:[^{}]|\{(?:body|timestamp|values\.[A-Za-z]\w{0,31})\})*$/.test(text),
      'knows {body}, {timestamp} and {values.NAME}',
    )
    .default('{body}'),
  /** The header with the time of sending, in seconds since 1970. */
  timestampHeader: headerNameSchema.optional(),
});

export const callbackFormSchema = z
  .strictObject({
    /** Absent: as Standard Webhooks 1.0 has it. */
    signature: signatureSchema.optional(),
    /** The same when an event is sent again; absent: the header `webhook-id`, else the body itself. */
    eventId: pathSchema.optional(),
    /** Our key, and the channel's own id; one of them decides what the callback is about, the key first. */
    key: pathSchema.optional(),
    remoteId: pathSchema.optional(),
    /** What it says; what no rule matches is a reason to look the operation up. */
    answers: callbackAnswersSchema.optional(),
    /** How the channel wants to be told that it was taken; absent: 204 without a body. */
    acknowledge: z
      .strictObject({
        status: z.int().min(200).max(299).default(200),
        type: z.enum(['text/plain', 'application/json']).default('text/plain'),
        body: z.string().max(200),
      })
      .optional(),
  })
  .superRefine(({ key, remoteId, signature }, context) => {
    if (key === undefined && remoteId === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: 'is missing, and so is remoteId: it would be about nothing',
      });
    }
    const isTimed = signature?.canonical.includes('{timestamp}') ?? false;
    if (isTimed !== (signature?.timestampHeader !== undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['signature', 'timestampHeader'],
        message: 'goes with {timestamp} in canonical: a time that is not signed proves nothing',
      });
    }
  });

export type CallbackForm = z.output<typeof callbackFormSchema>;
export type CallbackSignature = NonNullable<CallbackForm['signature']>;
