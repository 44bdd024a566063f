/** Writes `channel.schema.json` from the zod schemas: `npm run schema`. */
import { writeFileSync } from 'node:fs';

import { CHANNEL_SCHEMA_FILE, channelSchemaText } from './channel-schema.ts';

writeFileSync(CHANNEL_SCHEMA_FILE, channelSchemaText());
