/** The API's description, made from the very schemas that check requests and that tests hold answers against. */
import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import {
  deductionSchema as deductionRequestSchema,
  orderRequestSchema,
  quoteRequestSchema,
} from '../intake/order-request.ts';
import { refundRequestSchema } from '../intake/refund-request.ts';
import * as answers from './answer-schemas.ts';
import { faultSchema, problemSchema } from './problem.ts';
import { takeCallback, webhookSignature } from './openapi-callbacks.ts';
import { anywhere, problems } from './openapi-problems.ts';
import { waitMaxS } from './request-headers.ts';

/** Every schema that has a name of its own in the document. */
const named = {
  OrderRequest: orderRequestSchema,
  DeductionRequest: deductionRequestSchema,
  QuoteRequest: quoteRequestSchema,
  Accepted: answers.acceptedSchema,
  Cancellation: answers.cancellationSchema,
  RefundRequest: refundRequestSchema,
  RefundAccepted: answers.refundAcceptedSchema,
  Refund: answers.refundSchema,
  Order: answers.orderSchema,
  Deduction: answers.deductionSchema,
  Leg: answers.legSchema,
  LegName: answers.legNameSchema,
  Attempt: answers.attemptSchema,
  Callback: answers.callbackSchema,
  Quote: answers.quoteSchema,
  QuotedDeduction: answers.quotedDeductionSchema,
  Availability: answers.availabilitySchema,
  Suffices: answers.sufficesSchema,
  Alive: answers.aliveSchema,
  Readiness: answers.readinessSchema,
  Problem: problemSchema,
  Fault: faultSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

type Name = keyof typeof named;
type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document. `channels` are shown as the ones that this hub knows. */
export function openApiDocument(channels: readonly string[]): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Points hub: the mall API',
      version: '1',
      description: [
        'Pays an order with points of several channels: all or nothing, each deducted exactly once.',
        `Channels of this hub: ${channels.join(', ')}.`,
      ].join(' '),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }],
    paths: {
      '/v1/orders': { post: placeOrder },
      '/v1/orders/{orderId}': { get: showOrder },
      '/v1/orders/{orderId}/cancel': { post: cancelOrder },
      '/v1/orders/{orderId}/refunds': { post: refundOrder },
      '/v1/quotes': { post: quote },
      '/v1/callbacks/{channel}': { post: takeCallback },
      '/healthz': { get: health },
      '/readyz': { get: readiness },
      '/openapi.json': { get: document },
    },
    components: { securitySchemes: { apiKey, webhookSignature }, schemas: schemasOf(named) },
  };
}

const apiKey = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'ph_<12 characters>_<43 characters>',
  description: 'A key belongs to one mall. Another mall’s orders do not exist for it.',
};

const body: readonly ErrorCode[] = [
  'HUB_BODY_MALFORMED',
  'HUB_BODY_TOO_LARGE',
  'HUB_CONTENT_TYPE_UNSUPPORTED',
  'HUB_REQUEST_INVALID',
  'HUB_ID_INVALID',
  'HUB_DEDUCTIONS_MISSING',
  'HUB_DEDUCTIONS_TOO_MANY',
  'HUB_CHANNEL_UNKNOWN',
  'HUB_CHANNEL_TWICE',
  'HUB_CHANNEL_ALONE_ONLY',
  'HUB_POINTS_INVALID',
];
const keyed: readonly ErrorCode[] = [
  'HUB_API_KEY_MISSING',
  'HUB_API_KEY_WRONG',
  'HUB_RATE_LIMITED',
  'HUB_UNAVAILABLE',
];
const traceparent = {
  name: 'traceparent',
  in: 'header',
  description: 'W3C Trace Context. An invalid one is ignored.',
  schema: { type: 'string' },
};

const orderIdInPath = {
  name: 'orderId',
  in: 'path',
  required: true,
  description: 'Percent-encoded.',
  schema: { type: 'string', minLength: 1, maxLength: 64 },
};

const location = {
  Location: { description: 'Where to watch the order.', required: true, schema: { type: 'string' } },
};

const replayedHeader = {
  'Idempotency-Replayed': {
    description: 'true: the same had been asked for before.',
    schema: { const: 'true' },
  },
};

const placeOrder = {
  operationId: 'placeOrder',
  summary: 'Places an order',
  description:
    'Once answered, the order is stored and will end. The same order again is answered with the same octets and places nothing.',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description:
        'Optional: the order id is idempotent by itself. In quotes (RFC 9651) or bare; kept for ever.',
      schema: { type: 'string', minLength: 1, maxLength: 512 },
      example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    },
    traceparent,
  ],
  requestBody: request('OrderRequest', {
    orderId: 'order-1001',
    userId: 'user-7',
    deductions: [
      { channel: 'airmiles', points: '12.50' },
      { channel: 'telco', points: '300', memberRef: '4711' },
    ],
  }),
  responses: {
    202: answer('Accepted', 'The order is stored.', {
      ...location,
      ...replayedHeader,
    }),
    ...problems([
      ...body,
      ...keyed,
      ...anywhere,
      'HUB_ORDER_CONFLICT',
      'HUB_ORDER_CANCELLED',
      'HUB_IDEMPOTENCY_KEY_INVALID',
      'HUB_IDEMPOTENCY_KEY_REUSED',
    ]),
  },
};

const showOrder = {
  operationId: 'showOrder',
  summary: 'Shows an order as it stands',
  parameters: [
    orderIdInPath,
    {
      name: 'Prefer',
      in: 'header',
      description: `\`wait=N\` holds the answer until the order ends or N seconds pass (RFC 7240), ${waitMaxS} at most.`,
      schema: { type: 'string' },
      example: 'wait=10',
    },
    traceparent,
  ],
  responses: {
    200: answer('Order', 'The order.', {
      Vary: { schema: { const: 'Prefer' } },
      'Preference-Applied': { description: 'The wait that was applied.', schema: { type: 'string' } },
    }),
    ...problems([...keyed, ...anywhere, 'HUB_ORDER_UNKNOWN', 'HUB_ROUTE_UNKNOWN']),
  },
};

const cancelOrder = {
  operationId: 'cancelOrder',
  summary: 'Cancels an order that has not settled',
  description:
    'Idempotent. What had taken effect is given back. An id that was never seen is remembered, and an order that comes later with it is refused.',
  parameters: [orderIdInPath, traceparent],
  responses: {
    200: answer('Cancellation', 'Nothing of the order is in effect.', location),
    202: answer('Cancellation', 'The order is being undone.', location),
    ...problems([
      ...keyed,
      ...anywhere,
      'HUB_ID_INVALID',
      'HUB_ORDER_SETTLED',
      'HUB_ORDER_CONFIRMING',
      'HUB_ROUTE_UNKNOWN',
    ]),
  },
};

const refundOrder = {
  operationId: 'refundOrder',
  summary: 'Gives back what a settled order took, whole or in part',
  description:
    'The refund id is idempotent. All refunds of an order together never come to more than it took. The order stays settled and shows each refund.',
  parameters: [orderIdInPath, traceparent],
  requestBody: request('RefundRequest', {
    refundId: 'return-1',
    deductions: [{ channel: 'airmiles', points: '2.50' }],
  }),
  responses: {
    202: answer('RefundAccepted', 'The refund is stored.', { ...location, ...replayedHeader }),
    ...problems([
      ...body,
      ...keyed,
      ...anywhere,
      'HUB_ORDER_UNKNOWN',
      'HUB_ORDER_NOT_SETTLED',
      'HUB_REFUND_CONFLICT',
      'HUB_REFUND_EXCEEDS',
      'HUB_REFUND_WHOLE_ONLY',
      'HUB_REFUND_NOTHING_BACK',
      'HUB_REFUND_ID_RESERVED',
      'HUB_REFUND_UNKNOWN_DEDUCTION',
      'HUB_ROUTE_UNKNOWN',
    ]),
  },
};

const quote = {
  operationId: 'quote',
  summary: 'Asks what a user could pay',
  description:
    'Asks every channel and the portal at once. Who does not answer in time is `unknown`; the quote itself does not fail.',
  parameters: [traceparent],
  requestBody: request('QuoteRequest', {
    userId: 'user-7',
    deductions: [{ channel: 'airmiles', points: '12.50' }],
  }),
  responses: { 200: answer('Quote', 'What is known.'), ...problems([...body, ...keyed, ...anywhere]) },
};

const health = {
  operationId: 'health',
  summary: 'Whether this process is alive',
  security: [],
  responses: { 200: answer('Alive', 'It is.'), ...problems(anywhere) },
};

const readiness = {
  operationId: 'readiness',
  summary: 'Whether this process should be sent requests',
  security: [],
  responses: {
    200: answer('Readiness', 'It should.'),
    503: answer('Readiness', 'It should not; `checks` names what is missing.'),
    ...problems(anywhere),
  },
};

const document = {
  operationId: 'describe',
  summary: 'This document',
  security: [],
  responses: {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
    ...problems(anywhere),
  },
};

function request(name: Name, example: Json): Json {
  return {
    required: true,
    content: { 'application/json': { schema: reference(name), examples: { typical: { value: example } } } },
  };
}

function answer(name: Name, description: string, headers: Json = {}): Json {
  return { description, headers, content: { 'application/json': { schema: reference(name) } } };
}

function reference(name: Name): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** Schemas by their names, referring to each other by these. */
export function schemasOf(schemas: Readonly<Record<string, z.ZodType>>): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    // zod spells a time out as a page of pattern; the format says the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]),
  );
}
