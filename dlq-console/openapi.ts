/** The description of the operators' API, made from the routes and the very schemas that check requests. */
import { faultSchema, problems, problemSchema, schemasOf, type ErrorCode } from '@points-hub/hub/operations';
import { z } from 'zod';
import * as answers from './answers.ts';
import * as deskAnswers from './desk-answers.ts';
import * as notificationAnswers from './notification-answers.ts';
import * as orderAnswers from './order-answers.ts';
import { nothing, type Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** Any route may meet these. */
const anywhere: readonly ErrorCode[] = [
  'HUB_HTTP_MALFORMED',
  'HUB_REQUEST_TIMEOUT',
  'HUB_HEADERS_TOO_LARGE',
  'HUB_REQUEST_INVALID',
  'HUB_REFUSALS_TOO_MANY',
  'HUB_UNAVAILABLE',
  'HUB_INTERNAL',
];
const behindTheDoor: readonly ErrorCode[] = [
  'HUB_SIGN_IN_NEEDED',
  'HUB_SESSION_OVER',
  'HUB_ACCESS_TOKEN_WRONG',
  'HUB_FORBIDDEN',
  'HUB_SCOPE_TOO_SMALL',
];
const withBody: readonly ErrorCode[] = [
  'HUB_BODY_MALFORMED',
  'HUB_BODY_TOO_LARGE',
  'HUB_CONTENT_TYPE_UNSUPPORTED',
  'HUB_CROSS_SITE',
];

/** The OpenAPI 3.1 document. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = `/ops/v1${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: "Points hub: the operators' API",
      version: '1',
      description:
        'What people may do. `x-needs` of each operation names the permission; docs/operators.md has the table.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ session: [] }, { accessToken: [] }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-points-hub-session',
          description: 'Without __Host- where the console is served by plain HTTP, on the loopback.',
        },
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'pht_<12 characters>_<43 characters>' },
      },
      schemas: schemasOf({ ...named, Problem: problemSchema, Fault: faultSchema }),
    },
  };
}

const named: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  [
    ...Object.values(answers),
    ...Object.values(deskAnswers),
    ...Object.values(notificationAnswers),
    ...Object.values(orderAnswers),
  ].map((schema) => [schema.meta()?.id ?? '', schema]),
);

function operationOf(route: Route): Json {
  const { method, id, summary, needs, answer, codes = [] } = route;
  const isOpen = needs === 'anybody';
  const refusals = new Set([
    ...(isOpen ? [] : behindTheDoor),
    ...(method === 'POST' ? withBody : []),
    ...(method === 'POST' && !isOpen ? (['HUB_CSRF_TOKEN_WRONG'] as const) : []),
    ...codes,
    ...anywhere,
  ]);
  return {
    operationId: id,
    summary,
    ...(isOpen ? { security: [] } : { 'x-needs': needs }),
    parameters: parametersOf(route),
    ...(method === 'POST'
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: inputOf(route.body ?? nothing) } },
          },
        }
      : {}),
    responses: {
      ...(id.endsWith('Oidc')
        ? { 303: { description: 'Where the browser goes on.' } }
        : { 200: answerOf(answer) }),
      ...problems([...refusals]),
    },
  };
}

function answerOf(schema: z.ZodType | undefined): Json {
  const name = schema?.meta()?.id;
  if (name === undefined) return { description: 'See the summary.' };
  return {
    description: 'Done.',
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  };
}

function parametersOf({ path, query, isVersioned = false, method, needs }: Route): readonly Json[] {
  const text = { type: 'string' };
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
  }));
  const { properties = {} } = query === undefined ? {} : inputOf(query);
  const inQuery = Object.entries(properties as Json).map(([name, schema]) => ({ name, in: 'query', schema }));
  const ifMatch = {
    name: 'If-Match',
    in: 'header',
    required: true,
    schema: text,
    description: 'The ETag of the case.',
  };
  const csrf = {
    name: 'X-CSRF-Token',
    in: 'header',
    schema: text,
    description: 'With a session: the csrfToken of GET /ops/v1/me.',
  };
  return [
    ...inPath,
    ...inQuery,
    ...(isVersioned ? [ifMatch] : []),
    ...(method === 'POST' && needs !== 'anybody' ? [csrf] : []),
  ];
}

function inputOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return made;
}
