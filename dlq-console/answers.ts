/** What the operators' API answers with. Tests hold its answers against these. */
import { auditOutcomes, caseStates, permissions, roles } from '@points-hub/hub/operations';
import { z } from 'zod';

const timeSchema = z.iso.datetime({ offset: true });
const pointsSchema = z.string().regex(/^\d+(\.\d+)?$/);
const anything = z.unknown();
const text = z.string();
const permissionSchema = z.enum(permissions);
const rolesSchema = z.array(z.enum(roles));

export const waysSchema = z
  .strictObject({
    oidc: z.boolean().describe('Whether GET /ops/v1/oidc/begin leads to an identity provider.'),
  })
  .meta({ id: 'SignInWays' });

export const signedInSchema = z
  .strictObject({
    csrfToken: text.describe('To be sent as X-CSRF-Token with every request that changes something.'),
  })
  .meta({ id: 'SignedIn' });

export const okSchema = z.strictObject({ done: z.literal(true) }).meta({ id: 'Ok' });

export const meSchema = z
  .strictObject({
    id: text,
    name: text,
    roles: rolesSchema,
    permissions: z.array(permissionSchema).describe('What the caller may do, by this session or token.'),
    csrfToken: text.optional().describe('Of a session.'),
    provesBy: z
      .enum(['password', 'identity_provider'])
      .describe('What proves anew who he is: POST /session/proof, or GET /oidc/begin?renew=true.'),
    proof: z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('session'),
        sessionId: text,
        begunAt: timeSchema,
        provenAt: timeSchema.describe('When the person last proved who he is.'),
        freshUntil: timeSchema.describe('Until then what matters most needs no new proof.'),
        idleEndsAt: timeSchema.describe('The session ends then if nothing is asked before.'),
        expiresAt: timeSchema,
      }),
      z.strictObject({ type: z.literal('token'), tokenId: text, expiresAt: timeSchema }),
    ]),
  })
  .meta({ id: 'Me' });

export const sessionsSchema = z
  .strictObject({
    sessions: z.array(
      z.strictObject({
        id: text,
        begunAt: timeSchema,
        lastSeenAt: timeSchema,
        expiresAt: timeSchema,
        address: text.nullable(),
        userAgent: text.nullable(),
      }),
    ),
  })
  .meta({ id: 'Sessions' });

export const endedSchema = z
  .strictObject({ sessions: z.int(), tokens: z.int().optional() })
  .meta({ id: 'Ended' });

export const tokensSchema = z
  .strictObject({
    tokens: z.array(
      z.strictObject({
        id: text,
        name: text,
        scopes: z.array(permissionSchema),
        createdAt: timeSchema,
        expiresAt: timeSchema,
        lastUsedAt: timeSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'Tokens' });

export const madeTokenSchema = z
  .strictObject({ id: text, token: text.describe('Shown this once.'), expiresAt: timeSchema })
  .meta({ id: 'MadeToken' });

export const operatorsSchema = z
  .strictObject({
    operators: z.array(
      z.strictObject({
        id: text,
        name: text,
        origin: z.enum(['local', 'oidc']),
        roles: rolesSchema,
        createdAt: timeSchema,
        disabledAt: timeSchema.nullable(),
        hasPassword: z.boolean(),
        lastSeenAt: timeSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'Operators' });

export const linkSchema = z
  .strictObject({
    operatorId: text,
    token: text.describe('Shown this once; POST /ops/v1/one-time-links/redeem takes it.'),
    link: text.optional().describe('Where the person sets his password, if HUB_CONSOLE_URL is set.'),
    expiresAt: timeSchema,
  })
  .meta({ id: 'OneTimeLink' });

const summaryFields = {
  id: text,
  version: z.int(),
  state: z.enum(caseStates),
  cause: text,
  suggestion: text,
  channel: text.nullable(),
  leg: z.enum(['points', 'quota']).nullable(),
  operation: text.nullable(),
  error: text,
  fingerprint: text,
  points: pointsSchema.nullable(),
  count: z.int(),
  orderId: text.nullable(),
  mallId: text.nullable(),
  claimedBy: text.nullable(),
  isBusy: z.boolean(),
  firstSeenAt: timeSchema,
  lastSeenAt: timeSchema,
  closedAt: timeSchema.nullable(),
};

export const casesSchema = z
  .strictObject({
    cases: z.array(z.strictObject(summaryFields)),
    next: text.optional().describe('Names the next page, which may be empty.'),
  })
  .meta({ id: 'Cases' });

export const groupsSchema = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        fingerprint: text,
        cause: text,
        suggestion: text,
        error: text,
        operation: text.nullable(),
        cases: z.int(),
        users: z.int(),
        channels: z.array(text),
        claimedBy: z.array(text),
        trend: z.array(z.int()).describe('Cases opened in each of the last 24 hours; this hour comes last.'),
        points: pointsSchema,
        firstSeenAt: timeSchema,
        lastSeenAt: timeSchema,
      }),
    ),
  })
  .meta({ id: 'CaseGroups' });

export const caseFlowSchema = z
  .strictObject({
    hours: z
      .array(
        z.strictObject({
          at: timeSchema.describe('The hour begins.'),
          opened: z.int(),
          ended: z.int().describe('Resolved by a person, or recovered.'),
        }),
      )
      .describe('Of the last seven days; this hour comes last.'),
  })
  .meta({ id: 'CaseFlow' });

export const savedViewsSchema = z
  .strictObject({
    views: z.array(z.strictObject({ name: text, query: text, columns: z.array(text) })),
  })
  .meta({ id: 'SavedViews' });

export const caseSchema = z
  .strictObject({
    ...summaryFields,
    user: z
      .literal('•••')
      .nullable()
      .describe('Whom it is about, masked; null: nobody who could be revealed.'),
    evidence: anything,
    orderStatus: text.nullable(),
    refundId: text.nullable(),
    attempts: z.array(
      z.strictObject({
        number: z.int(),
        leg: z.enum(['points', 'quota']),
        action: text,
        points: pointsSchema,
        at: timeSchema,
        finishedAt: timeSchema.nullable(),
        outcome: text.nullable(),
        cause: text.nullable(),
        evidence: anything,
        isStale: z.boolean(),
      }),
    ),
    operations: z.array(
      z.strictObject({
        id: text,
        kind: text,
        operator: text,
        reason: text.nullable(),
        startedAt: timeSchema,
        finishedAt: timeSchema.nullable(),
        outcome: text.nullable(),
        details: anything,
      }),
    ),
  })
  .meta({ id: 'Case' });

export const doneSchema = z
  .strictObject({ operationId: text, state: z.enum(caseStates), version: z.int(), outcome: text })
  .meta({ id: 'Done' });

const deedSchema = z
  .strictObject({ at: timeSchema, by: text, note: text.nullable() })
  .nullable()
  .describe('Who did it, and why; null: nobody.');
const limitsSchema = z.strictObject({
  ratePerSecond: z.int().nullable(),
  concurrencyMax: z.int().nullable(),
});

export const remoteSchema = z
  .strictObject({
    id: text.describe("A channel's id, or `portal`."),
    breaker: z.strictObject({
      state: z.enum(['closed', 'open', 'half_open']),
      since: timeSchema.nullable().describe('Null: it never had trouble.'),
      until: timeSchema.nullable(),
      cause: text.nullable(),
    }),
    paused: deedSchema,
    limited: deedSchema,
    limits: limitsSchema.describe('What holds now, of all processes together; null: no bound.'),
    fileLimits: limitsSchema.describe('What its file allows.'),
    waiting: z.int().describe('Unfinished deductions whose next call goes there.'),
  })
  .meta({ id: 'Channel' });

export const remotesSchema = z
  .strictObject({
    channels: z.array(remoteSchema),
    isWaitingPartial: z.boolean().describe('So many wait that only those due first were counted.'),
  })
  .meta({ id: 'Channels' });

export const auditSchema = z
  .strictObject({
    rows: z.array(
      z.strictObject({
        id: text,
        at: timeSchema,
        operatorId: text.nullable(),
        actor: text.nullable().describe('Null where nobody had proven who he is.'),
        via: z.enum(['web', 'cli']),
        action: text,
        subject: text.nullable(),
        outcome: z.enum(auditOutcomes),
        code: text.nullable().describe('Of a refusal.'),
        reason: text.nullable(),
        address: text.nullable(),
        userAgent: text.nullable(),
        requestId: text.nullable(),
        details: z.record(text, anything),
        hash: text,
      }),
    ),
    next: text.optional().describe('Names the next page, which may be empty.'),
  })
  .meta({ id: 'Audit' });

export const verdictSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('whole'),
      rows: z.int(),
      end: z
        .strictObject({ id: text, hash: text })
        .describe('Keep it elsewhere: a chain written anew ends otherwise.'),
    }),
    z.strictObject({ type: z.literal('broken'), firstBadId: text, reason: text }),
  ])
  .meta({ id: 'AuditVerdict' });
