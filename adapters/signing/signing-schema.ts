/** How a description says in which way requests prove who sends them. */
import { z } from 'zod';

import { secretReferenceSchema } from '../remote-description.ts';

const keysSchema = z.strictObject({
  /** What is signed with. */
  current: secretReferenceSchema,
  /** Accepted as well in answers, while the channel changes over. */
  previous: secretReferenceSchema.optional(),
});

/** Not a secret everywhere, but treated like one if it comes from the environment. */
const nameSchema = z.string().min(1).max(200);

const headerNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a header name in lower case');
const textTemplateSchema = z.string().max(500);

/** When the request was made, as `{timestamp}`. */
const timestampSchema = z
  .strictObject({
    format: z.enum(['iso', 'seconds', 'milliseconds', 'local']).default('seconds'),
    zone: z.string().max(64).default('UTC'),
  })
  .prefault({});

const hmacSchema = z.strictObject({
  method: z.literal('hmac-sha256'),
  keys: keysSchema,
  keyId: nameSchema.optional(),
  /** What is signed, of `{method} {path} {query} {timestamp} {nonce} {bodyHash} {body} {keyId}`. */
  canonical: textTemplateSchema,
  /** What is added, of the same and `{signature}`. */
  headers: z.record(headerNameSchema, textTemplateSchema),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  timestamp: timestampSchema,
  /** The header in which an answer carries the signature of its raw body; without it answers are not checked. */
  answerHeader: headerNameSchema.optional(),
});

/** How sorted parameters become the text that is signed. */
const joinSchema = z
  .strictObject({
    /** Between a name and its value. */
    keyValue: z.string().max(8).default('='),
    pairs: z.string().max(8).default('&'),
    /** Before and after all, of `{secret}`. */
    prefix: textTemplateSchema.default(''),
    suffix: textTemplateSchema.default(''),
    /** Names are left out. */
    valuesOnly: z.boolean().default(false),
    /** The secret takes part in the sorting under this name. */
    secretParameter: nameSchema.optional(),
  })
  .prefault({});

const parameterShape = {
  keyId: nameSchema.optional(),
  /** Where the parameters are. */
  include: z.enum(['query', 'form', 'json']).default('form'),
  /** Sent as well, of `{keyId} {timestamp} {nonce}`. */
  added: z.record(nameSchema, textTemplateSchema).default({}),
  /** Not signed, beside the signature itself. */
  exclude: z.array(nameSchema).max(20).default([]),
  dropEmpty: z.boolean().default(true),
  signatureField: nameSchema.default('sign'),
  join: joinSchema,
  timestamp: timestampSchema,
  /** Whether an answer is a JSON object signed in the same way. */
  answersSigned: z.boolean().default(false),
};

const md5SortedSchema = z.strictObject({
  method: z.literal('md5-sorted'),
  keys: keysSchema,
  encoding: z.enum(['hex', 'hex-upper']).default('hex'),
  ...parameterShape,
});

const rsa2Schema = z.strictObject({
  method: z.literal('rsa2'),
  /** Ours, PEM or the base64 of PKCS #8 or PKCS #1. */
  privateKey: secretReferenceSchema,
  /** The channel's, PEM or base64, to check answers with. */
  publicKeys: keysSchema.optional(),
  ...parameterShape,
});

const presetShape = { keyId: nameSchema, include: z.enum(['query', 'form']).optional() };

/** Every way; `docs/describe-a-channel.md` explains them. */
export const signingSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('none') }),
  z.strictObject({ method: z.literal('bearer'), token: secretReferenceSchema }),
  z.strictObject({ method: z.literal('basic'), user: nameSchema, password: secretReferenceSchema }),
  /** RFC 6749, section 4.4. */
  z.strictObject({
    method: z.literal('oauth2-client-credentials'),
    tokenUrl: z
      .string()
      .max(2_000)
      .regex(/^(?:env:[A-Z_][A-Z0-9_]*|(?:https?:\/\/|\$\{)\S+)$/, 'an http(s) URL or env:NAME'),
    clientId: nameSchema,
    clientSecret: secretReferenceSchema,
    scope: z.string().max(500).optional(),
    /** Where the client's id and secret are. */
    credentialsIn: z.enum(['header', 'body']).default('header'),
    /** How long before its end a token is renewed. */
    renewBeforeMs: z.int().min(0).max(3_600_000).default(60_000),
  }),
  hmacSchema,
  md5SortedSchema,
  rsa2Schema,
  z.strictObject({
    method: z.literal('hmac-json'),
    keys: keysSchema,
    keyId: nameSchema,
    answerHeader: headerNameSchema.optional(),
  }),
  z.strictObject({ method: z.literal('alibaba-top'), keys: keysSchema, ...presetShape }),
  z.strictObject({ method: z.literal('duiba-md5'), keys: keysSchema, ...presetShape }),
  z.strictObject({
    method: z.literal('alipay-rsa2'),
    privateKey: secretReferenceSchema,
    ...presetShape,
  }),
]);

export type SigningDescription = z.output<typeof signingSchema>;
export type HmacDescription = z.output<typeof hmacSchema>;
export type Md5SortedDescription = z.output<typeof md5SortedSchema>;
export type Rsa2Description = z.output<typeof rsa2Schema>;
export { hmacSchema, md5SortedSchema, rsa2Schema };
