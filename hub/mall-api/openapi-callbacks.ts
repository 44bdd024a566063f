/** What channels send, in the API's description. */
import { anywhere, problems } from './openapi-problems.ts';

export const webhookSignature = {
  type: 'apiKey',
  in: 'header',
  name: 'webhook-signature',
  description:
    'Standard Webhooks 1.0: `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; several separated by spaces. A channel whose file says `unsigned` needs none.',
};

const signedHeader = (name: string, description: string) => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});

export const takeCallback = {
  operationId: 'takeCallback',
  summary: 'A channel tells how an operation ended',
  description:
    'For channels, not for malls. Verified on the body octet by octet, and kept before it is answered; the same event again is answered alike and moves nothing. What the body has to hold is the contract of the channel’s adapter.',
  security: [{ webhookSignature: [] }],
  parameters: [
    {
      name: 'channel',
      in: 'path',
      required: true,
      description: 'The channel’s id.',
      schema: { type: 'string', minLength: 1, maxLength: 32 },
    },
    signedHeader('webhook-id', 'Of the event, 1 to 128 characters; the same when it is sent again.'),
    signedHeader('webhook-timestamp', 'When it was sent, in seconds since 1970.'),
  ],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { type: 'object' }, examples: {} } },
  },
  responses: {
    204: { description: 'Kept.' },
    ...problems([
      ...anywhere,
      'HUB_BODY_MALFORMED',
      'HUB_BODY_TOO_LARGE',
      'HUB_CONTENT_TYPE_UNSUPPORTED',
      'HUB_CALLBACK_CHANNEL_UNKNOWN',
      'HUB_CALLBACK_HEADERS_INVALID',
      'HUB_CALLBACK_STALE',
      'HUB_CALLBACK_SIGNATURE_WRONG',
      'HUB_CALLBACK_REFERENCE_MISSING',
      'HUB_CALLBACK_CONFLICT',
      'HUB_UNAVAILABLE',
    ]),
  },
};
