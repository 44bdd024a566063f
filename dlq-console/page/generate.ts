/** `npm run page:types`: writes the types of the page's client anew, after a route has changed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleOptions } from '@points-hub/hub/operations';
import { format } from 'prettier';
import { describedRoutes } from '../api.ts';
import { cookieJar } from '../cookies.ts';
import { openEventStreams } from '../event-streams.ts';
import { openApiDocument } from '../openapi.ts';
import { schemaTypes, type ApiDocument } from './schema-types.ts';

export const typesFile = join(import.meta.dirname, 'src', 'api-schema.ts');

/** What `api-schema.ts` has to say today. */
export async function currentTypes(): Promise<string> {
  // Routes ask nothing of these before a request comes.
  const nothing = { people: {}, operations: {}, trail: {} } as unknown as ConsoleOptions;
  const document = openApiDocument(describedRoutes(nothing, cookieJar(false), openEventStreams(nothing)));
  return format(schemaTypes(document as unknown as ApiDocument), {
    parser: 'typescript',
    singleQuote: true,
    printWidth: 110,
  });
}

if (import.meta.main) writeFileSync(typesFile, await currentTypes());
