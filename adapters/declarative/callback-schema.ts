/** What a description says of the callbacks that a channel sends. */
import { z } from 'zod';

import { parsePath } from './value.ts';
import { callbackAnswersSchema } from './answer-schema.ts';
import { expressionSchema } from './request-schema.ts';

const headerNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a header name in lower case');
const pathSchema = expressionSchema(parsePath, 'Where it stands in the callback, e.g. "$.data.id".');

/** HMAC-SHA256 under the secret of `callback.secretEnv`, over the raw body and what else is signed with it. */
const signatureSchema = z.strictObject({
  header: headerNameSchema.describe('The header that holds the signature.'),
  encoding: z.enum(['hex', 'base64']).describe('How it is written.'),
  canonical: z
    .string()
    .max(500)
    .refine((text) => text.includes('{body}'), 'has no {body}: whoever alters it would not be found out')
    .refine(
      (text) => /^(?:[^{}]|\{(?:body|timestamp|values\.[A-Za-z]\w{0,31})\})*$/.test(text),
      'knows {body}, {timestamp} and {values.NAME}',
    )
    .default('{body}')
    .describe('What is signed, of `{body} {timestamp} {values.NAME}`.'),
  timestampHeader: headerNameSchema
    .optional()
    .describe('The header with the time of sending, in seconds since 1970.'),
});

export const callbackFormSchema = z
  .strictObject({
    signature: signatureSchema.optional().describe('Absent: as Standard Webhooks 1.0 has it.'),
    eventId: pathSchema
      .optional()
      .describe(
        'The same when an event is sent again; absent: the header `webhook-id`, else the body itself.',
      ),
    key: pathSchema
      .optional()
      .describe(
        "Our key, and the channel's own id; one of them decides what the callback is about, the key first.",
      ),
    remoteId: pathSchema.optional(),
    answers: callbackAnswersSchema
      .optional()
      .describe('What it says; what no rule matches is a reason to look the operation up.'),
    acknowledge: z
      .strictObject({
        status: z.int().min(200).max(299).default(200).describe('200 to 299.'),
        type: z.enum(['text/plain', 'application/json']).default('text/plain').describe('The content type.'),
        body: z.string().max(200).describe('To the byte.'),
      })
      .optional()
      .describe('How the channel wants to be told that it was taken; absent: 204 without a body.'),
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
