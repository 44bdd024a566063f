import { z } from 'zod';

import { channelDescriptionSchema } from '../channel-description.ts';

/** Where the schema is kept, for editors: `# yaml-language-server: $schema=...`. */
export const CHANNEL_SCHEMA_FILE = new URL('./channel.schema.json', import.meta.url);

/** The JSON Schema of a channel's description, as text. What only reading can tell, e.g. a path's grammar, is not in it. */
export function channelSchemaText(): string {
  const schema = z.toJSONSchema(channelDescriptionSchema, { io: 'input', reused: 'ref', target: 'draft-7' });
  return `${JSON.stringify({ title: 'Points channel', ...schema }, undefined, 2)}\n`;
}
