/** Made from the OpenAPI document by dlq-console/page/generate.ts; a test holds it against the server. */

export interface paths {
  '/ops/v1/sign-in-ways': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['SignInWays'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/session': {
    post: {
      parameters: {};
      requestBody: { content: { 'application/json': { name: string; password: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['SignedIn'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/one-time-links/redeem': {
    post: {
      parameters: {};
      requestBody: { content: { 'application/json': { token: string; password: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['SignedIn'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        410: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/oidc/begin': {
    get: {
      parameters: { query?: { renew?: 'true'; back?: string; port?: number; challenge?: string } };
      responses: {
        303: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/oidc/callback': {
    get: {
      parameters: {};
      responses: {
        303: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/session/of-command': {
    post: {
      parameters: {};
      requestBody: { content: { 'application/json': { code: string; verifier: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['SignedIn'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/me': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Me'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/session/proof': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { password: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/session/end': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/password': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { current: string; password: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/sessions': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Sessions'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/sessions/{sessionId}/end': {
    post: {
      parameters: { path: { sessionId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/sessions/end': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ended'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/tokens': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Tokens'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            name: string;
            scopes: (
              | 'cases.read'
              | 'cases.note'
              | 'cases.claim'
              | 'cases.query'
              | 'cases.retry'
              | 'cases.resolve'
              | 'cases.ignore'
              | 'replay.run'
              | 'compensation.request'
              | 'compensation.approve'
              | 'users.reveal'
              | 'channels.manage'
              | 'notifications.manage'
              | 'people.manage'
              | 'audit.read'
            )[];
            days: number;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['MadeToken'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/tokens/{tokenId}/revoke': {
    post: {
      parameters: { path: { tokenId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Operators'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': { name: string; roles: ('viewer' | 'operator' | 'approver' | 'admin')[] };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['OneTimeLink'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators/{operatorId}/roles': {
    post: {
      parameters: { path: { operatorId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: { 'application/json': { roles: ('viewer' | 'operator' | 'approver' | 'admin')[] } };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators/{operatorId}/disable': {
    post: {
      parameters: { path: { operatorId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators/{operatorId}/enable': {
    post: {
      parameters: { path: { operatorId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ok'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators/{operatorId}/reset': {
    post: {
      parameters: { path: { operatorId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['OneTimeLink'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/operators/{operatorId}/revoke': {
    post: {
      parameters: { path: { operatorId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Ended'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases': {
    get: {
      parameters: {
        query?: {
          state?: 'open' | 'ignored' | 'resolved' | 'recovered' | 'any';
          channel?: string;
          cause?: string;
          operation?: string;
          fingerprint?: string;
          claimedBy?: string;
          since?: string;
          until?: string;
          pointsMin?: string;
          pointsMax?: string;
          orderId?: string;
          cursor?: string;
          limit?: number;
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Cases'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/search': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            state?: 'open' | 'ignored' | 'resolved' | 'recovered' | 'any';
            channel?: string;
            cause?: string;
            operation?: string;
            fingerprint?: string;
            claimedBy?: string;
            since?: string;
            until?: string;
            pointsMin?: string;
            pointsMax?: string;
            orderId?: string;
            user?: string;
            cursor?: string;
            limit?: number;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Cases'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/case-groups': {
    get: {
      parameters: { query?: { state?: 'open' | 'ignored' | 'resolved' | 'recovered' } };
      responses: {
        200: { content: { 'application/json': components['schemas']['CaseGroups'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/timeline': {
    get: {
      parameters: { path: { caseId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Timeline'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/export': {
    get: {
      parameters: {
        query?: {
          state?: 'open' | 'ignored' | 'resolved' | 'recovered' | 'any';
          channel?: string;
          cause?: string;
          operation?: string;
          fingerprint?: string;
          claimedBy?: string;
          since?: string;
          until?: string;
          pointsMin?: string;
          pointsMax?: string;
          orderId?: string;
          format?: 'csv' | 'jsonl';
        };
      };
      responses: {
        200: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            state?: 'open' | 'ignored' | 'resolved' | 'recovered' | 'any';
            channel?: string;
            cause?: string;
            operation?: string;
            fingerprint?: string;
            claimedBy?: string;
            since?: string;
            until?: string;
            pointsMin?: string;
            pointsMax?: string;
            orderId?: string;
            user?: string;
            format: 'csv' | 'jsonl';
          };
        };
      };
      responses: {
        200: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}': {
    get: {
      parameters: { path: { caseId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Case'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/notes': {
    post: {
      parameters: { path: { caseId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { text: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/claim': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/query': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/retry': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/resolve': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            reason: string;
            evidence: string;
            truth?: { tookEffect: true; points: string; remoteId?: string } | { tookEffect: false };
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/ignore': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/restore': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Done'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/case-flow': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['CaseFlow'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/saved-views': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['SavedViews'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { name: string; query: string; columns: string[] } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['SavedViews'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/saved-views/remove': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { name: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['SavedViews'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/reveal': {
    post: {
      parameters: { path: { caseId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['RevealedUser'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/orders': {
    get: {
      parameters: { query?: { orderId?: string; mallId?: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Orders'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/orders/{orderRowId}': {
    get: {
      parameters: { path: { orderRowId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Order'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/orders/{orderRowId}/timeline': {
    get: {
      parameters: { path: { orderRowId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Timeline'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/channels': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Channels'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/channels/{channel}/pause': {
    post: {
      parameters: { path: { channel: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Channel'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/channels/{channel}/resume': {
    post: {
      parameters: { path: { channel: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Channel'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/channels/{channel}/limit': {
    post: {
      parameters: { path: { channel: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            ratePerSecond?: number | null;
            concurrencyMax?: number | null;
            reason: string;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Channel'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json':
            | {
                filter: {
                  state?: 'open' | 'ignored' | 'resolved' | 'recovered' | 'any';
                  channel?: string;
                  cause?: string;
                  operation?: string;
                  fingerprint?: string;
                  claimedBy?: string;
                  since?: string;
                  until?: string;
                  pointsMin?: string;
                  pointsMax?: string;
                  orderId?: string;
                  user?: string;
                };
                ratePerSecond?: number;
                canary?: number;
                failedPercentMax?: number;
              }
            | { caseIds: string[]; ratePerSecond?: number; canary?: number; failedPercentMax?: number };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    get: {
      parameters: {
        query?: {
          state?: 'previewed' | 'running' | 'paused' | 'cancelling' | 'cancelled' | 'done';
          cursor?: string;
          limit?: number;
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replays'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}': {
    get: {
      parameters: { path: { replayId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/items': {
    get: {
      parameters: {
        path: { replayId: string };
        query?: {
          state?: 'ineligible' | 'waiting' | 'under_way' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
          cursor?: number;
          limit?: number;
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['ReplayItems'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/start': {
    post: {
      parameters: { path: { replayId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            expectCount: number;
            reason: string;
            ratePerSecond?: number;
            canary?: number;
            failedPercentMax?: number;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/pause': {
    post: {
      parameters: { path: { replayId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/resume': {
    post: {
      parameters: { path: { replayId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/cancel': {
    post: {
      parameters: { path: { replayId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/replays/{replayId}/retry-failed': {
    post: {
      parameters: { path: { replayId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Replay'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/cases/{caseId}/compensations': {
    post: {
      parameters: { path: { caseId: string }; header: { 'If-Match': string; 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            kind: 'refund_points' | 'return_quota' | 'mark_done' | 'mark_undone';
            points?: string;
            reasonCode: string;
            reason: string;
            evidence: string;
            remoteId?: string;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        428: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensations': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            kind: 'refund_points' | 'return_quota';
            mallId: string;
            orderId: string;
            channel: string;
            points?: string;
            reasonCode: string;
            reason: string;
            evidence: string;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
    get: {
      parameters: {
        query?: {
          state?: 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'expired';
          cursor?: string;
          limit?: number;
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensations'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensations/{compensationId}': {
    get: {
      parameters: { path: { compensationId: string } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensations/{compensationId}/approve': {
    post: {
      parameters: { path: { compensationId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { digest: string; note?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensations/{compensationId}/reject': {
    post: {
      parameters: { path: { compensationId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensations/{compensationId}/withdraw': {
    post: {
      parameters: { path: { compensationId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Compensation'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        409: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/compensation-thresholds': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['CompensationThresholds'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/channels/{channel}/compensation-threshold': {
    post: {
      parameters: { path: { channel: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { pointsMax: string | null; reason?: string } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['CompensationThresholds'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/notifications': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['Notifications'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/notification-rules': {
    post: {
      parameters: { header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            target: string;
            language: 'en' | 'zh';
            causes?: string[];
            channels?: string[];
            casesMin?: number;
            pointsMin?: string | null;
            againMinutes?: number;
            isEnabled?: boolean;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Notifications'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/notification-rules/{ruleId}': {
    post: {
      parameters: { path: { ruleId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: {
        content: {
          'application/json': {
            target: string;
            language: 'en' | 'zh';
            causes?: string[];
            channels?: string[];
            casesMin?: number;
            pointsMin?: string | null;
            againMinutes?: number;
            isEnabled?: boolean;
          };
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Notifications'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/notification-rules/{ruleId}/remove': {
    post: {
      parameters: { path: { ruleId: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': Record<string, never> } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Notifications'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        404: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/notification-targets/{target}/test': {
    post: {
      parameters: { path: { target: string }; header?: { 'X-CSRF-Token'?: string } };
      requestBody: { content: { 'application/json': { language: 'en' | 'zh' } } };
      responses: {
        200: { content: { 'application/json': components['schemas']['Delivery'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        413: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        415: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/audit': {
    get: {
      parameters: {
        query?: {
          operator?: string;
          action?: string;
          subject?: string;
          outcome?: 'done' | 'begun' | 'refused';
          since?: string;
          until?: string;
          before?: string;
          limit?: number;
        };
      };
      responses: {
        200: { content: { 'application/json': components['schemas']['Audit'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/audit/export': {
    get: {
      parameters: {
        query?: {
          operator?: string;
          action?: string;
          subject?: string;
          outcome?: 'done' | 'begun' | 'refused';
          since?: string;
          until?: string;
          format?: 'csv' | 'jsonl';
        };
      };
      responses: {
        200: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/audit/verification': {
    get: {
      parameters: {};
      responses: {
        200: { content: { 'application/json': components['schemas']['AuditVerdict'] } };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
  '/ops/v1/events': {
    get: {
      parameters: {};
      responses: {
        200: { content: {} };
        400: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        401: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        403: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        408: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        422: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        429: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        431: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        500: { content: { 'application/problem+json': components['schemas']['Problem'] } };
        503: { content: { 'application/problem+json': components['schemas']['Problem'] } };
      };
    };
  };
}

export interface components {
  schemas: {
    Audit: {
      rows: {
        id: string;
        at: string;
        operatorId: string | null;
        actor: string | null;
        via: 'web' | 'cli';
        action: string;
        subject: string | null;
        outcome: 'done' | 'begun' | 'refused';
        code: string | null;
        reason: string | null;
        address: string | null;
        userAgent: string | null;
        requestId: string | null;
        details: Record<string, unknown>;
        hash: string;
      }[];
      next?: string;
    };
    CaseFlow: { hours: { at: string; opened: number; ended: number }[] };
    Case: {
      id: string;
      version: number;
      state: 'open' | 'ignored' | 'resolved' | 'recovered';
      cause: string;
      suggestion: string;
      channel: string | null;
      leg: ('points' | 'quota') | null;
      operation: string | null;
      error: string;
      fingerprint: string;
      points: string | null;
      count: number;
      orderId: string | null;
      mallId: string | null;
      claimedBy: string | null;
      isBusy: boolean;
      firstSeenAt: string;
      lastSeenAt: string;
      closedAt: string | null;
      user: '•••' | null;
      evidence: unknown;
      orderStatus: string | null;
      refundId: string | null;
      attempts: {
        number: number;
        leg: 'points' | 'quota';
        action: string;
        points: string;
        at: string;
        finishedAt: string | null;
        outcome: string | null;
        cause: string | null;
        evidence: unknown;
        isStale: boolean;
      }[];
      operations: {
        id: string;
        kind: string;
        operator: string;
        reason: string | null;
        startedAt: string;
        finishedAt: string | null;
        outcome: string | null;
        details: unknown;
      }[];
    };
    Cases: {
      cases: {
        id: string;
        version: number;
        state: 'open' | 'ignored' | 'resolved' | 'recovered';
        cause: string;
        suggestion: string;
        channel: string | null;
        leg: ('points' | 'quota') | null;
        operation: string | null;
        error: string;
        fingerprint: string;
        points: string | null;
        count: number;
        orderId: string | null;
        mallId: string | null;
        claimedBy: string | null;
        isBusy: boolean;
        firstSeenAt: string;
        lastSeenAt: string;
        closedAt: string | null;
      }[];
      next?: string;
    };
    Done: {
      operationId: string;
      state: 'open' | 'ignored' | 'resolved' | 'recovered';
      version: number;
      outcome: string;
    };
    Ended: { sessions: number; tokens?: number };
    CaseGroups: {
      groups: {
        fingerprint: string;
        cause: string;
        suggestion: string;
        error: string;
        operation: string | null;
        cases: number;
        users: number;
        channels: string[];
        claimedBy: string[];
        trend: number[];
        points: string;
        firstSeenAt: string;
        lastSeenAt: string;
      }[];
    };
    OneTimeLink: { operatorId: string; token: string; link?: string; expiresAt: string };
    MadeToken: { id: string; token: string; expiresAt: string };
    Me: {
      id: string;
      name: string;
      roles: ('viewer' | 'operator' | 'approver' | 'admin')[];
      permissions: (
        | 'cases.read'
        | 'cases.note'
        | 'cases.claim'
        | 'cases.query'
        | 'cases.retry'
        | 'cases.resolve'
        | 'cases.ignore'
        | 'replay.run'
        | 'compensation.request'
        | 'compensation.approve'
        | 'users.reveal'
        | 'channels.manage'
        | 'notifications.manage'
        | 'people.manage'
        | 'audit.read'
      )[];
      csrfToken?: string;
      provesBy: 'password' | 'identity_provider';
      proof:
        | {
            type: 'session';
            sessionId: string;
            begunAt: string;
            provenAt: string;
            freshUntil: string;
            idleEndsAt: string;
            expiresAt: string;
          }
        | { type: 'token'; tokenId: string; expiresAt: string };
    };
    Ok: { done: true };
    Operators: {
      operators: {
        id: string;
        name: string;
        origin: 'local' | 'oidc';
        roles: ('viewer' | 'operator' | 'approver' | 'admin')[];
        createdAt: string;
        disabledAt: string | null;
        hasPassword: boolean;
        lastSeenAt: string | null;
      }[];
    };
    Channel: {
      id: string;
      breaker: {
        state: 'closed' | 'open' | 'half_open';
        since: string | null;
        until: string | null;
        cause: string | null;
      };
      paused: { at: string; by: string; note: string | null } | null;
      limited: { at: string; by: string; note: string | null } | null;
      limits: { ratePerSecond: number | null; concurrencyMax: number | null };
      fileLimits: { ratePerSecond: number | null; concurrencyMax: number | null };
      waiting: number;
    };
    Channels: { channels: components['schemas']['Channel'][]; isWaitingPartial: boolean };
    SavedViews: { views: { name: string; query: string; columns: string[] }[] };
    Sessions: {
      sessions: {
        id: string;
        begunAt: string;
        lastSeenAt: string;
        expiresAt: string;
        address: string | null;
        userAgent: string | null;
      }[];
    };
    SignedIn: { csrfToken: string };
    Tokens: {
      tokens: {
        id: string;
        name: string;
        scopes: (
          | 'cases.read'
          | 'cases.note'
          | 'cases.claim'
          | 'cases.query'
          | 'cases.retry'
          | 'cases.resolve'
          | 'cases.ignore'
          | 'replay.run'
          | 'compensation.request'
          | 'compensation.approve'
          | 'users.reveal'
          | 'channels.manage'
          | 'notifications.manage'
          | 'people.manage'
          | 'audit.read'
        )[];
        createdAt: string;
        expiresAt: string;
        lastUsedAt: string | null;
      }[];
    };
    AuditVerdict:
      | { type: 'whole'; rows: number; end: { id: string; hash: string } }
      | { type: 'broken'; firstBadId: string; reason: string };
    SignInWays: { oidc: boolean };
    Compensation: {
      id: string;
      caseId: string | null;
      orderRowId: string;
      deductionId: string;
      lineId: string | null;
      mallId: string;
      orderId: string;
      channel: string;
      leg: 'points' | 'quota';
      kind: 'refund_points' | 'return_quota' | 'mark_done' | 'mark_undone';
      points: string | null;
      remoteId: string | null;
      reasonCode: string;
      reason: string;
      evidence: string;
      state: 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'expired';
      requestedBy: string;
      requestedAt: string;
      expiresAt: string;
      decidedBy: string | null;
      decidedAt: string | null;
      decision: string | null;
      verification: ('waiting' | 'confirmed' | 'contradicted' | 'unconfirmed') | null;
      verifyTries: number;
      verifiedAt: string | null;
      finding: unknown;
      effect?: { points?: string; orderStatus: string; legBefore: string; does: string };
      digest?: string;
    };
    Compensations: {
      compensations: {
        id: string;
        caseId: string | null;
        orderRowId: string;
        deductionId: string;
        lineId: string | null;
        mallId: string;
        orderId: string;
        channel: string;
        leg: 'points' | 'quota';
        kind: 'refund_points' | 'return_quota' | 'mark_done' | 'mark_undone';
        points: string | null;
        remoteId: string | null;
        reasonCode: string;
        reason: string;
        evidence: string;
        state: 'requested' | 'approved' | 'rejected' | 'withdrawn' | 'expired';
        requestedBy: string;
        requestedAt: string;
        expiresAt: string;
        decidedBy: string | null;
        decidedAt: string | null;
        decision: string | null;
        verification: ('waiting' | 'confirmed' | 'contradicted' | 'unconfirmed') | null;
        verifyTries: number;
        verifiedAt: string | null;
        finding: unknown;
      }[];
      next?: string;
    };
    ReplayItems: {
      items: {
        number: number;
        caseId: string;
        channel: string | null;
        orderId: string | null;
        points: string | null;
        state: 'ineligible' | 'waiting' | 'under_way' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
        outcome: string | null;
        beganAt: string | null;
        endedAt: string | null;
      }[];
      next?: number;
    };
    Replay: {
      id: string;
      state: 'previewed' | 'running' | 'paused' | 'cancelling' | 'cancelled' | 'done';
      items: number;
      eligible: number;
      users: number;
      points: string;
      channels: string[];
      ineligible: Record<string, number>;
      chosen: unknown;
      begun: number;
      succeeded: number;
      failed: number;
      skipped: number;
      cancelled: number;
      waiting: number;
      underWay: number;
      estimatedSeconds: number;
      canary: number;
      failedPercentMax: number;
      ratePerSecond: number;
      previewedBy: string;
      reason: string | null;
      pauseCause: string | null;
      previewedAt: string;
      expiresAt: string;
      startedAt: string | null;
      endedAt: string | null;
    };
    Replays: {
      replays: {
        id: string;
        state: 'previewed' | 'running' | 'paused' | 'cancelling' | 'cancelled' | 'done';
        items: number;
        eligible: number;
        users: number;
        points: string;
        channels: string[];
        ineligible: Record<string, number>;
        chosen: unknown;
        begun: number;
        succeeded: number;
        failed: number;
        skipped: number;
        cancelled: number;
        waiting: number;
        underWay: number;
        estimatedSeconds: number;
        canary: number;
        failedPercentMax: number;
        ratePerSecond: number;
        previewedBy: string;
        reason: string | null;
        pauseCause: string | null;
        previewedAt: string;
        expiresAt: string;
        startedAt: string | null;
        endedAt: string | null;
      }[];
      next?: string;
    };
    RevealedUser: { mallId: string; userId: string; memberRef: string | null; hideAfterSeconds: number };
    CompensationThresholds: {
      thresholds: { channel: string; pointsMax: string; setBy: string; setAt: string }[];
    };
    Timeline: {
      timeline: {
        at: string;
        type: string;
        event: string;
        by: string | null;
        details: Record<string, unknown>;
      }[];
    };
    Delivery: { type: 'sent' } | { type: 'failed'; trouble: string };
    Notifications: {
      targets: { name: string; kind: 'feishu' | 'dingtalk' | 'wecom' | 'slack' | 'email'; host: string }[];
      rules: {
        id: string;
        causes: string[];
        channels: string[];
        casesMin: number;
        pointsMin: string | null;
        againMinutes: number;
        target: string;
        language: 'en' | 'zh';
        isEnabled: boolean;
        changedBy: string;
        changedAt: string;
      }[];
      messages: {
        id: string;
        ruleId: string;
        target: string;
        createdAt: string;
        sentAt: string | null;
        dueAt: string | null;
        tries: number;
        trouble: string | null;
      }[];
    };
    Order: {
      id: string;
      mallId: string;
      orderId: string;
      status: 'settling' | 'compensating' | 'settled' | 'cancelled';
      placedAt: string;
      endedAt: string | null;
      user: string | null;
      reason: { code: string; channel?: string; leg?: 'points' | 'quota' } | null;
      deadlineAt: string;
      deductions: {
        channel: string;
        goal: 'settle' | 'undo';
        points: string;
        state: 'waiting' | 'settling' | 'in_doubt' | 'settled' | 'undoing' | 'undone' | 'stuck';
        attempts: number;
        legs: {
          points: {
            state:
              | 'idle'
              | 'sent'
              | 'pending'
              | 'in_doubt'
              | 'held'
              | 'confirm_sent'
              | 'confirm_pending'
              | 'confirm_in_doubt'
              | 'confirm_refused'
              | 'applied'
              | 'refused'
              | 'void'
              | 'undo_sent'
              | 'undo_pending'
              | 'undo_in_doubt'
              | 'undone'
              | 'undo_refused';
            moved: string | null;
            refusal: string | null;
          };
          quota: {
            state:
              | 'idle'
              | 'sent'
              | 'pending'
              | 'in_doubt'
              | 'held'
              | 'confirm_sent'
              | 'confirm_pending'
              | 'confirm_in_doubt'
              | 'confirm_refused'
              | 'applied'
              | 'refused'
              | 'void'
              | 'undo_sent'
              | 'undo_pending'
              | 'undo_in_doubt'
              | 'undone'
              | 'undo_refused';
            moved: string | null;
            refusal: string | null;
          };
        };
      }[];
      refunds: {
        refundId: string;
        requestedAt: string;
        lines: {
          channel: string;
          goal: 'settle' | 'undo';
          points: string;
          state: 'waiting' | 'settling' | 'in_doubt' | 'settled' | 'undoing' | 'undone' | 'stuck';
          attempts: number;
          legs: {
            points: {
              state:
                | 'idle'
                | 'sent'
                | 'pending'
                | 'in_doubt'
                | 'held'
                | 'confirm_sent'
                | 'confirm_pending'
                | 'confirm_in_doubt'
                | 'confirm_refused'
                | 'applied'
                | 'refused'
                | 'void'
                | 'undo_sent'
                | 'undo_pending'
                | 'undo_in_doubt'
                | 'undone'
                | 'undo_refused';
              moved: string | null;
              refusal: string | null;
            };
            quota: {
              state:
                | 'idle'
                | 'sent'
                | 'pending'
                | 'in_doubt'
                | 'held'
                | 'confirm_sent'
                | 'confirm_pending'
                | 'confirm_in_doubt'
                | 'confirm_refused'
                | 'applied'
                | 'refused'
                | 'void'
                | 'undo_sent'
                | 'undo_pending'
                | 'undo_in_doubt'
                | 'undone'
                | 'undo_refused';
              moved: string | null;
              refusal: string | null;
            };
          };
        }[];
      }[];
      cases: {
        id: string;
        version: number;
        state: 'open' | 'ignored' | 'resolved' | 'recovered';
        cause: string;
        suggestion: string;
        channel: string | null;
        leg: ('points' | 'quota') | null;
        operation: string | null;
        error: string;
        fingerprint: string;
        points: string | null;
        count: number;
        orderId: string | null;
        mallId: string | null;
        claimedBy: string | null;
        isBusy: boolean;
        firstSeenAt: string;
        lastSeenAt: string;
        closedAt: string | null;
      }[];
    };
    Orders: {
      orders: {
        id: string;
        mallId: string;
        orderId: string;
        status: 'settling' | 'compensating' | 'settled' | 'cancelled';
        placedAt: string;
        endedAt: string | null;
      }[];
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      code:
        | 'HUB_HTTP_MALFORMED'
        | 'HUB_HEADERS_TOO_LARGE'
        | 'HUB_REQUEST_TIMEOUT'
        | 'HUB_BODY_MALFORMED'
        | 'HUB_BODY_TOO_LARGE'
        | 'HUB_CONTENT_TYPE_UNSUPPORTED'
        | 'HUB_REQUEST_INVALID'
        | 'HUB_ID_INVALID'
        | 'HUB_DEDUCTIONS_MISSING'
        | 'HUB_DEDUCTIONS_TOO_MANY'
        | 'HUB_CHANNEL_UNKNOWN'
        | 'HUB_CHANNEL_TWICE'
        | 'HUB_POINTS_INVALID'
        | 'HUB_CHANNEL_ALONE_ONLY'
        | 'HUB_API_KEY_MISSING'
        | 'HUB_API_KEY_WRONG'
        | 'HUB_API_KEY_UNKNOWN'
        | 'HUB_MALL_UNKNOWN'
        | 'HUB_ORDER_UNKNOWN'
        | 'HUB_ROUTE_UNKNOWN'
        | 'HUB_METHOD_NOT_ALLOWED'
        | 'HUB_ORDER_CANCELLED'
        | 'HUB_ORDER_SETTLED'
        | 'HUB_ORDER_CONFIRMING'
        | 'HUB_ORDER_NOT_SETTLED'
        | 'HUB_REFUND_CONFLICT'
        | 'HUB_REFUND_ID_RESERVED'
        | 'HUB_REFUND_NOTHING_BACK'
        | 'HUB_REFUND_EXCEEDS'
        | 'HUB_REFUND_WHOLE_ONLY'
        | 'HUB_REFUND_UNKNOWN_DEDUCTION'
        | 'HUB_ORDER_CONFLICT'
        | 'HUB_IDEMPOTENCY_KEY_INVALID'
        | 'HUB_IDEMPOTENCY_KEY_REUSED'
        | 'HUB_CALLBACK_CHANNEL_UNKNOWN'
        | 'HUB_CALLBACK_HEADERS_INVALID'
        | 'HUB_CALLBACK_STALE'
        | 'HUB_CALLBACK_SIGNATURE_WRONG'
        | 'HUB_CALLBACK_REFERENCE_MISSING'
        | 'HUB_CALLBACK_CONFLICT'
        | 'HUB_RATE_LIMITED'
        | 'HUB_SIGN_IN_NEEDED'
        | 'HUB_SIGN_IN_FAILED'
        | 'HUB_SIGN_IN_THROTTLED'
        | 'HUB_SESSION_OVER'
        | 'HUB_SESSION_UNKNOWN'
        | 'HUB_ACCESS_TOKEN_WRONG'
        | 'HUB_ACCESS_TOKEN_UNKNOWN'
        | 'HUB_REFUSALS_TOO_MANY'
        | 'HUB_REVEALS_TOO_MANY'
        | 'HUB_CROSS_SITE'
        | 'HUB_CSRF_TOKEN_WRONG'
        | 'HUB_FORBIDDEN'
        | 'HUB_SCOPE_TOO_SMALL'
        | 'HUB_PROOF_STALE'
        | 'HUB_PASSWORD_WEAK'
        | 'HUB_LINK_WRONG'
        | 'HUB_OPERATOR_UNKNOWN'
        | 'HUB_OPERATOR_TAKEN'
        | 'HUB_OPERATOR_DISABLED'
        | 'HUB_ROLES_INVALID'
        | 'HUB_ROLES_ELSEWHERE'
        | 'HUB_LAST_ADMIN'
        | 'HUB_OIDC_FAILED'
        | 'HUB_VERSION_MISSING'
        | 'HUB_CASE_UNKNOWN'
        | 'HUB_CASE_BUSY'
        | 'HUB_CASE_CLOSED'
        | 'HUB_CASE_CHANGED'
        | 'HUB_OPERATION_REFUSED'
        | 'HUB_SECOND_PERSON_NEEDED'
        | 'HUB_REPLAY_UNKNOWN'
        | 'HUB_REPLAY_TOO_LARGE'
        | 'HUB_EXPORT_TOO_LARGE'
        | 'HUB_REPLAY_EMPTY'
        | 'HUB_REPLAY_NOT_YOURS'
        | 'HUB_REPLAY_EXPIRED'
        | 'HUB_REPLAY_COUNT_DIFFERS'
        | 'HUB_REPLAY_STATE'
        | 'HUB_COMPENSATION_UNKNOWN'
        | 'HUB_COMPENSATION_OPEN'
        | 'HUB_COMPENSATION_CONFLICT'
        | 'HUB_COMPENSATION_DECIDED'
        | 'HUB_COMPENSATION_EXPIRED'
        | 'HUB_COMPENSATION_CHANGED'
        | 'HUB_COMPENSATION_EXCEEDS'
        | 'HUB_COMPENSATION_OWN'
        | 'HUB_STREAMS_TOO_MANY'
        | 'HUB_RULE_UNKNOWN'
        | 'HUB_TARGET_UNKNOWN'
        | 'HUB_UNAVAILABLE'
        | 'HUB_INTERNAL'
        | 'HUB_CONFIG_INVALID'
        | 'HUB_DESCRIPTION_INVALID'
        | 'HUB_ENVIRONMENT_INVALID';
      errors?: components['schemas']['Fault'][];
    };
    Fault: {
      field: string;
      code:
        | 'HUB_HTTP_MALFORMED'
        | 'HUB_HEADERS_TOO_LARGE'
        | 'HUB_REQUEST_TIMEOUT'
        | 'HUB_BODY_MALFORMED'
        | 'HUB_BODY_TOO_LARGE'
        | 'HUB_CONTENT_TYPE_UNSUPPORTED'
        | 'HUB_REQUEST_INVALID'
        | 'HUB_ID_INVALID'
        | 'HUB_DEDUCTIONS_MISSING'
        | 'HUB_DEDUCTIONS_TOO_MANY'
        | 'HUB_CHANNEL_UNKNOWN'
        | 'HUB_CHANNEL_TWICE'
        | 'HUB_POINTS_INVALID'
        | 'HUB_CHANNEL_ALONE_ONLY'
        | 'HUB_API_KEY_MISSING'
        | 'HUB_API_KEY_WRONG'
        | 'HUB_API_KEY_UNKNOWN'
        | 'HUB_MALL_UNKNOWN'
        | 'HUB_ORDER_UNKNOWN'
        | 'HUB_ROUTE_UNKNOWN'
        | 'HUB_METHOD_NOT_ALLOWED'
        | 'HUB_ORDER_CANCELLED'
        | 'HUB_ORDER_SETTLED'
        | 'HUB_ORDER_CONFIRMING'
        | 'HUB_ORDER_NOT_SETTLED'
        | 'HUB_REFUND_CONFLICT'
        | 'HUB_REFUND_ID_RESERVED'
        | 'HUB_REFUND_NOTHING_BACK'
        | 'HUB_REFUND_EXCEEDS'
        | 'HUB_REFUND_WHOLE_ONLY'
        | 'HUB_REFUND_UNKNOWN_DEDUCTION'
        | 'HUB_ORDER_CONFLICT'
        | 'HUB_IDEMPOTENCY_KEY_INVALID'
        | 'HUB_IDEMPOTENCY_KEY_REUSED'
        | 'HUB_CALLBACK_CHANNEL_UNKNOWN'
        | 'HUB_CALLBACK_HEADERS_INVALID'
        | 'HUB_CALLBACK_STALE'
        | 'HUB_CALLBACK_SIGNATURE_WRONG'
        | 'HUB_CALLBACK_REFERENCE_MISSING'
        | 'HUB_CALLBACK_CONFLICT'
        | 'HUB_RATE_LIMITED'
        | 'HUB_SIGN_IN_NEEDED'
        | 'HUB_SIGN_IN_FAILED'
        | 'HUB_SIGN_IN_THROTTLED'
        | 'HUB_SESSION_OVER'
        | 'HUB_SESSION_UNKNOWN'
        | 'HUB_ACCESS_TOKEN_WRONG'
        | 'HUB_ACCESS_TOKEN_UNKNOWN'
        | 'HUB_REFUSALS_TOO_MANY'
        | 'HUB_REVEALS_TOO_MANY'
        | 'HUB_CROSS_SITE'
        | 'HUB_CSRF_TOKEN_WRONG'
        | 'HUB_FORBIDDEN'
        | 'HUB_SCOPE_TOO_SMALL'
        | 'HUB_PROOF_STALE'
        | 'HUB_PASSWORD_WEAK'
        | 'HUB_LINK_WRONG'
        | 'HUB_OPERATOR_UNKNOWN'
        | 'HUB_OPERATOR_TAKEN'
        | 'HUB_OPERATOR_DISABLED'
        | 'HUB_ROLES_INVALID'
        | 'HUB_ROLES_ELSEWHERE'
        | 'HUB_LAST_ADMIN'
        | 'HUB_OIDC_FAILED'
        | 'HUB_VERSION_MISSING'
        | 'HUB_CASE_UNKNOWN'
        | 'HUB_CASE_BUSY'
        | 'HUB_CASE_CLOSED'
        | 'HUB_CASE_CHANGED'
        | 'HUB_OPERATION_REFUSED'
        | 'HUB_SECOND_PERSON_NEEDED'
        | 'HUB_REPLAY_UNKNOWN'
        | 'HUB_REPLAY_TOO_LARGE'
        | 'HUB_EXPORT_TOO_LARGE'
        | 'HUB_REPLAY_EMPTY'
        | 'HUB_REPLAY_NOT_YOURS'
        | 'HUB_REPLAY_EXPIRED'
        | 'HUB_REPLAY_COUNT_DIFFERS'
        | 'HUB_REPLAY_STATE'
        | 'HUB_COMPENSATION_UNKNOWN'
        | 'HUB_COMPENSATION_OPEN'
        | 'HUB_COMPENSATION_CONFLICT'
        | 'HUB_COMPENSATION_DECIDED'
        | 'HUB_COMPENSATION_EXPIRED'
        | 'HUB_COMPENSATION_CHANGED'
        | 'HUB_COMPENSATION_EXCEEDS'
        | 'HUB_COMPENSATION_OWN'
        | 'HUB_STREAMS_TOO_MANY'
        | 'HUB_RULE_UNKNOWN'
        | 'HUB_TARGET_UNKNOWN'
        | 'HUB_UNAVAILABLE'
        | 'HUB_INTERNAL'
        | 'HUB_CONFIG_INVALID'
        | 'HUB_DESCRIPTION_INVALID'
        | 'HUB_ENVIRONMENT_INVALID';
      detail: string;
    };
  };
}
