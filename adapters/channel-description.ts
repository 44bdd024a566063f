import { z } from 'zod';

import { capabilitiesSchema, type Capabilities } from './capabilities.ts';
import { contradictionsIn, declarativeShape } from './declarative/operation-schema.ts';
import { readDescription } from './description-text.ts';
import { networkShape } from './reach.ts';
import {
  authSchema,
  baseUrlSchema,
  callbackSchema,
  limitsSchema,
  LIMITS_DEFAULT,
  type Callback,
} from './remote-description.ts';

/** As in routing keys, paths and metrics: nothing that any of them would have to escape. */
const channelIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a to z, 0 to 9 and -, at most 32, a letter first')
  .refine((id) => id !== 'portal', 'the portal is called so');

const pointsSchema = z.strictObject({
  scale: z.int().min(0).max(4).describe('Decimal places that the channel keeps.'),
  max: z
    .string()
    .regex(/^(?!0+(?:\.0+)?$)\d{1,15}(?:\.\d{1,4})?$/, 'a decimal above 0 as a string, e.g. "50000"')
    .describe('The most that one deduction may ask for, as a decimal string.'),
});

const channelShape = {
  id: channelIdSchema.describe(
    'The name of the channel: in addresses, metrics and cases; the same as that of the file.',
  ),
  baseUrl: baseUrlSchema.describe(
    'What every path is appended to: an http(s) URL, or env:NAME, or with ${NAME} in it.',
  ),
  ...networkShape,
  points: pointsSchema.describe('How many places points have, and how many may be asked for.'),
  limits: limitsSchema.default(LIMITS_DEFAULT).describe('Bounds of the calls; each has a default.'),
  capabilities: capabilitiesSchema.describe(
    'Promises of the channel; what its documents do not promise is the cautious value.',
  ),
  callback: callbackSchema
    .default({ trust: 'none' })
    .describe('Whether it tells by itself how an operation ended.'),
};

/** One channel: how to reach it, what it promises, how far it may be used. Unknown fields are errors. */
export const channelDescriptionSchema = z
  .discriminatedUnion('adapter', [
    /** Speaks the contract of `json-channel/openapi.yaml`. */
    z.strictObject({
      ...channelShape,
      adapter: z.literal('json'),
      auth: authSchema.describe('`none`, or the bearer token.'),
    }),
    /** Speaks whatever its description says; `docs/describe-a-channel.md`. */
    z
      .strictObject({ ...channelShape, adapter: z.literal('declarative'), ...declarativeShape })
      .superRefine((description, context) => {
        for (const problem of contradictionsIn(description)) context.addIssue({ code: 'custom', ...problem });
      }),
  ])
  .superRefine(({ points, callback, capabilities }, context) => {
    const misused = misuseOf(callback, capabilities);
    if (misused !== undefined) context.addIssue({ code: 'custom', ...misused });
    if (capabilities.hold !== undefined && capabilities.query === 'none') {
      context.addIssue({
        code: 'custom',
        path: ['capabilities', 'hold'],
        message: 'what became of a hold is asked by its key, and capabilities.query is "none"',
      });
    }
    const places = points.max.split('.')[1]?.length ?? 0;
    if (places > points.scale) {
      context.addIssue({
        code: 'custom',
        path: ['points', 'max'],
        message: `has ${places} places, the scale is ${points.scale}`,
      });
    }
  });

/** Callbacks that could prove nothing, or whose secrets cannot change over. */
function misuseOf(
  callback: Callback,
  { query }: Capabilities,
): { readonly path: string[]; readonly message: string } | undefined {
  switch (callback.trust) {
    case 'none':
      return undefined;
    case 'unsigned':
      return query === 'by-key'
        ? undefined
        : {
            path: ['callback', 'trust'],
            message: 'unsigned callbacks are hints to look a key up, and capabilities.query is "none"',
          };
    case 'signed':
      return callback.previousSecretEnv === callback.secretEnv
        ? { path: ['callback', 'previousSecretEnv'], message: 'is the same variable as secretEnv' }
        : undefined;
  }
}

export type ChannelDescription = Readonly<z.infer<typeof channelDescriptionSchema>>;

/**
 * Reads a channel's YAML. `source` is its file name, for the messages.
 *
 * @throws DescriptionError with every problem at once.
 */
export function readChannelDescription(text: string, source: string): ChannelDescription {
  return readDescription(channelDescriptionSchema, text, source);
}
