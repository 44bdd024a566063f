import { expect, test } from '@jest/globals';
import type { ConsoleOptions } from '@points-hub/hub/operations';
import { describedRoutes } from '../api.ts';
import { cookieJar } from '../cookies.ts';
import { openEventStreams } from '../event-streams.ts';
import { openApiDocument } from '../openapi.ts';
import { en } from './src/words/en.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** Every refusal that the API's own document names, as status and code. */
function refusals(): readonly (readonly [status: string, code: string])[] {
  // Routes ask nothing of these before a request comes.
  const nothing = { people: {}, operations: {}, trail: {} } as unknown as ConsoleOptions;
  const { paths } = openApiDocument(
    describedRoutes(nothing, cookieJar(false), openEventStreams(nothing)),
  ) as unknown as Document;
  const answers = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ responses }) => Object.entries(responses)),
  );
  return answers.flatMap(([status, { description }]) =>
    [...description.matchAll(/HUB_[A-Z_]+/g)].map(([code]) => [status, code] as const),
  );
}

test('whatever the server refuses has words that say what to do, by its code or by its status', () => {
  const found = refusals();
  expect(found.length).toBeGreaterThan(100);
  const words: Readonly<Record<string, string>> = en.trouble;
  const wordless = found.filter(([status, code]) => !(code in words) && !(`status${status}` in words));
  expect(wordless).toEqual([]);
});

test('what a person can cause has words of its own', () => {
  const plain = /MALFORMED|TIMEOUT|HEADERS|TOO_LARGE|CONTENT_TYPE|UNAVAILABLE|ACCESS_TOKEN|IDEMPOTENCY|CROSS/;
  const coded = refusals().filter(([status, code]) => status.startsWith('4') && !plain.test(code));
  expect(coded.filter(([, code]) => !(code in en.trouble))).toEqual([]);
});
