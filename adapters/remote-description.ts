/** The parts that a channel's and the portal's description share. */
import { z } from 'zod';

/** `env:NAME`: a secret is named in a description, never written into it. */
export const secretReferenceSchema = z
  .string()
  .regex(/^env:[A-Z_][A-Z0-9_]*$/, 'a secret is given as env:NAME, the environment variable that holds it');

/** An http(s) URL, or one made from the environment: `env:NAME` whole, `${NAME}` within. Resolved when it is opened. */
export const baseUrlSchema = z
  .string()
  .max(2_000)
  .regex(
    /^(?:env:[A-Z_][A-Z0-9_]*|(?:https?:\/\/|\$\{[A-Z_][A-Z0-9_]*\})\S*)$/,
    'an http(s) URL, env:NAME or ${NAME}',
  );

/** `none` is for private networks and sandboxes. */
export const authSchema = z.union([
  z.literal('none'),
  z.strictObject({ bearer: secretReferenceSchema.describe('The token, as env:NAME.') }),
]);

const variableSchema = z.string().regex(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable');

/** Whether the channel tells by itself how an operation ended, and how far that is believed. */
export const callbackSchema = z.discriminatedUnion('trust', [
  /** It sends none, and none are let in. */
  z.strictObject({ trust: z.literal('none') }),
  /** Anybody may have sent it, so it is only a reason to look the operation up. */
  z.strictObject({ trust: z.literal('unsigned') }),
  /** Signed as Standard Webhooks 1.0 has it: proof. */
  z.strictObject({
    trust: z.literal('signed'),
    secretEnv: variableSchema.describe('The variable that holds the secret, `whsec_` and base64.'),
    previousSecretEnv: variableSchema
      .optional()
      .describe('The variable of the secret before it, believed as well while the channel changes over.'),
    toleranceSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(300)
      .describe('How far the time of sending may be from ours.'),
  }),
]);

/** When a remote counts as away, and for how long it is then left alone. */
const breakerSchema = z
  .strictObject({
    failuresMax: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe('Calls in a row that met nobody, after which no more are made.'),
    windowMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(10_000)
      .describe('Over how long calls are counted, of all processes together.'),
    callsMin: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20)
      .describe('Of fewer calls in a window no share is taken.'),
    failureShareMax: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.5)
      .describe(
        "A larger share of a window's calls that met nobody, and no more are made; 1: only those in a row count.",
      ),
    openMs: z
      .int()
      .min(10)
      .max(600_000)
      .default(5_000)
      .describe('The first pause at most; each further one in a row is twice as long.'),
    openMaxMs: z
      .int()
      .min(10)
      .max(3_600_000)
      .default(60_000)
      .describe('No pause is longer, whatever the remote asks for.'),
  })
  .superRefine(({ openMs, openMaxMs }, context) => {
    if (openMaxMs < openMs)
      context.addIssue({ code: 'custom', path: ['openMaxMs'], message: `is below openMs, ${openMs}` });
  });

/** Bounds of the calls to one remote. */
export const limitsSchema = z.strictObject({
  callTimeoutMs: z
    .int()
    .min(1)
    .max(300_000)
    .default(10_000)
    .describe("From a call's start to its answer's last byte."),
  connectTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(3_000)
    .describe("For TCP and TLS together; part of the call's time."),
  concurrencyMax: z
    .int()
    .min(1)
    .max(10_000)
    .default(32)
    .describe('Of a channel: calls in flight at most, of all processes together.'),
  connectionsMax: z.int().min(1).max(10_000).default(32).describe('Sockets at most, in one process.'),
  failuresMax: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Tries in a row for one deduction that may meet trouble before a person is asked.'),
  pendingMaxMs: z
    .int()
    .min(1_000)
    .max(2_592_000_000)
    .default(86_400_000)
    .describe('How long what was accepted may take to be finished before a person is asked.'),
  answerBytesMax: z
    .int()
    .min(1_024)
    .max(16_777_216)
    .default(262_144)
    .describe("Of one answer's body; a larger one is unreadable."),
  ratePerSecond: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Calls that may begin in one second, of all processes together; absent: as many as there are.'),
  breaker: breakerSchema
    .prefault({})
    .describe('When the remote counts as away, and for how long it is left alone.'),
});

export type Limits = Readonly<z.infer<typeof limitsSchema>>;
export type Callback = z.infer<typeof callbackSchema>;
export type Auth = z.infer<typeof authSchema>;

/** Defaults of every limit, for a description that gives none. */
export const LIMITS_DEFAULT = limitsSchema.parse({});
