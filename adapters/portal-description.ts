import { z } from 'zod';

import { readDescription } from './description-text.ts';
import { authSchema, baseUrlSchema, limitsSchema, LIMITS_DEFAULT } from './remote-description.ts';
import { networkShape } from './reach.ts';

/** How to reach the portal. What it promises is fixed by `portal/openapi.yaml`. Unknown fields are errors. */
const portalDescriptionSchema = z.strictObject({
  baseUrl: baseUrlSchema,
  ...networkShape,
  auth: authSchema,
  limits: limitsSchema.default(LIMITS_DEFAULT),
});

export type PortalDescription = Readonly<z.infer<typeof portalDescriptionSchema>>;

/**
 * Reads the portal's YAML. `source` is its file name, for the messages.
 *
 * @throws DescriptionError with every problem at once.
 */
export function readPortalDescription(text: string, source: string): PortalDescription {
  return readDescription(portalDescriptionSchema, text, source);
}
