/** How a description says in which way requests prove who sends them. */
import { z } from 'zod';

import { secretReferenceSchema } from '../remote-description.ts';

const keysSchema = z.strictObject({
  current: secretReferenceSchema.describe('What is signed with.'),
  previous: secretReferenceSchema
    .optional()
    .describe('Accepted as well in answers, while the channel changes over.'),
});

/** Not a secret everywhere, but treated like one if it comes from the environment. */
const nameSchema = z.string().min(1).max(200);

const headerNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a header name in lower case');
const textTemplateSchema = z.string().max(500);

/** When the request was made, as `{timestamp}`. */
const timestampSchema = z
  .strictObject({
    format: z
      .enum(['iso', 'seconds', 'milliseconds', 'local'])
      .default('seconds')
      .describe('ISO 8601, seconds or milliseconds since 1970, or `yyyy-MM-dd HH:mm:ss` in the zone.'),
    zone: z.string().max(64).default('UTC').describe('Of `local`, by its IANA name.'),
  })
  .prefault({});

const hmacSchema = z.strictObject({
  method: z.literal('hmac-sha256'),
  keys: keysSchema.describe('What is signed with, and what is still accepted beside it.'),
  keyId: nameSchema.optional().describe('Who signs, as `{keyId}`: text or env:NAME.'),
  canonical: textTemplateSchema.describe(
    'What is signed, of `{method} {path} {query} {timestamp} {nonce} {bodyHash} {body} {keyId}`.',
  ),
  headers: z
    .record(headerNameSchema, textTemplateSchema)
    .describe('What is added, of the same and `{signature}`.'),
  encoding: z.enum(['hex', 'base64']).default('hex').describe('How the signature is written.'),
  timestamp: timestampSchema.describe('How `{timestamp}` is written.'),
  answerHeader: headerNameSchema
    .optional()
    .describe(
      'The header in which an answer carries the signature of its raw body; without it answers are not checked.',
    )
    .describe('The header in which an answer carries the signature of its raw body.'),
});

/** How sorted parameters become the text that is signed. */
const joinSchema = z
  .strictObject({
    keyValue: z.string().max(8).default('=').describe('Between a name and its value.'),
    pairs: z.string().max(8).default('&').describe('Between two parameters.'),
    prefix: textTemplateSchema.default('').describe('Before and after all, of `{secret}`.'),
    suffix: textTemplateSchema.default('').describe('After all, of `{secret}`.'),
    valuesOnly: z.boolean().default(false).describe('Names are left out.'),
    secretParameter: nameSchema.optional().describe('The secret takes part in the sorting under this name.'),
  })
  .prefault({});

const parameterShape = {
  keyId: nameSchema.optional().describe('Who signs, as `{keyId}`: text or env:NAME.'),
  include: z.enum(['query', 'form', 'json']).default('form').describe('Where the parameters are.'),
  added: z
    .record(nameSchema, textTemplateSchema)
    .default({})
    .describe('Sent as well, of `{keyId} {timestamp} {nonce}`.'),
  exclude: z.array(nameSchema).max(20).default([]).describe('Not signed, beside the signature itself.'),
  dropEmpty: z
    .boolean()
    .default(true)
    .describe('Whether parameters without a value are left out of what is signed.'),
  signatureField: nameSchema.default('sign').describe('The parameter that holds the signature.'),
  join: joinSchema.describe('How sorted parameters become one text.'),
  timestamp: timestampSchema.describe('How `{timestamp}` is written.'),
  answersSigned: z
    .boolean()
    .default(false)
    .describe('Whether an answer is a JSON object signed in the same way.'),
};

const md5SortedSchema = z.strictObject({
  method: z.literal('md5-sorted'),
  keys: keysSchema.describe('What is signed with, and what is still accepted beside it.'),
  encoding: z.enum(['hex', 'hex-upper']).default('hex').describe('How the signature is written.'),
  ...parameterShape,
});

const rsa2Schema = z.strictObject({
  method: z.literal('rsa2'),
  privateKey: secretReferenceSchema.describe('Ours, PEM or the base64 of PKCS #8 or PKCS #1.'),
  publicKeys: keysSchema.optional().describe("The channel's, PEM or base64, to check answers with."),
  ...parameterShape,
});

const presetShape = {
  keyId: nameSchema.describe('Who signs, as text or env:NAME.'),
  include: z.enum(['query', 'form']).optional().describe('Where the parameters are.'),
};
const tokenSchema = secretReferenceSchema.describe('The token, as env:NAME.');
const userSchema = nameSchema.describe('The user, as text or env:NAME.');
const passwordSchema = secretReferenceSchema.describe('The password, as env:NAME.');
const signingKeysSchema = keysSchema.describe('What is signed with, and what is still accepted beside it.');

/** Every way; `docs/describe-a-channel.md` explains them. */
export const signingSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('none') }),
  z.strictObject({ method: z.literal('bearer'), token: tokenSchema }),
  z.strictObject({ method: z.literal('basic'), user: userSchema, password: passwordSchema }),
  /** Keys in headers of their own, or in a scheme of their own: texts with `${NAME}` from the environment. */
  z.strictObject({
    method: z.literal('headers'),
    headers: z
      .record(
        headerNameSchema,
        z
          .string()
          .max(500)
          .regex(
            /\$\{[A-Z_][A-Z0-9_]*\}/,
            'a secret is given as ${NAME}, the environment variable that holds it',
          ),
      )
      .refine((headers) => Object.keys(headers).length > 0, 'needs a header at least')
      .describe('Headers that are added, of the same names.'),
  }),
  /** RFC 6749, section 4.4. */
  z.strictObject({
    method: z.literal('oauth2-client-credentials'),
    tokenUrl: z
      .string()
      .max(2_000)
      .regex(/^(?:env:[A-Z_][A-Z0-9_]*|(?:https?:\/\/|\$\{)\S+)$/, 'an http(s) URL or env:NAME')
      .describe('Where tokens are asked for: an http(s) URL, or env:NAME.'),
    clientId: nameSchema.describe('Who asks, as text or env:NAME.'),
    clientSecret: secretReferenceSchema.describe('As env:NAME.'),
    scope: z.string().max(500).optional().describe('What is asked for, where the server wants to know.'),
    credentialsIn: z
      .enum(['header', 'body'])
      .default('header')
      .describe("Where the client's id and secret are."),
    renewBeforeMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(60_000)
      .describe('How long before its end a token is renewed.'),
  }),
  hmacSchema,
  md5SortedSchema,
  rsa2Schema,
  z.strictObject({
    method: z.literal('hmac-json'),
    keys: keysSchema.describe('What is signed with, and what is still accepted beside it.'),
    keyId: nameSchema.describe('Who signs, as `{keyId}`: text or env:NAME.'),
    answerHeader: headerNameSchema
      .optional()
      .describe('The header in which an answer carries the signature of its raw body.'),
  }),
  z.strictObject({ method: z.literal('alibaba-top'), keys: signingKeysSchema, ...presetShape }),
  z.strictObject({ method: z.literal('duiba-md5'), keys: signingKeysSchema, ...presetShape }),
  z.strictObject({
    method: z.literal('alipay-rsa2'),
    privateKey: secretReferenceSchema.describe(
      'Ours, as env:NAME: PEM, or the base64 of PKCS #8 or PKCS #1.',
    ),
    ...presetShape,
  }),
]);

export type SigningDescription = z.output<typeof signingSchema>;
export type HmacDescription = z.output<typeof hmacSchema>;
export type Md5SortedDescription = z.output<typeof md5SortedSchema>;
export type Rsa2Description = z.output<typeof rsa2Schema>;
export { hmacSchema, md5SortedSchema, rsa2Schema };
