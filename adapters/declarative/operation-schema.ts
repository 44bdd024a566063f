/** What a declarative description says beyond what every description says. */
import { z } from 'zod';

import type { Capabilities } from '../capabilities.ts';
import { isZone } from '../instants.ts';
import type { Callback } from '../remote-description.ts';
import { signingSchema } from '../signing/signing-schema.ts';
import {
  answerVariables,
  balanceAnswersSchema,
  deductAnswersSchema,
  listAnswersSchema,
  queryAnswersSchema,
  sharedAnswersSchema,
  type BalanceRule,
  type ListRule,
  type QueryRule,
} from './answer-schema.ts';
import { callbackFormSchema } from './callback-schema.ts';
import { expressionSchema, requestSchema, requestVariables, type RequestTemplate } from './request-schema.ts';
import { parsePath } from './value.ts';

/** What each operation is about. Predicates know those that are text. */
const operationVariables = {
  balance: ['memberRef'],
  deduct: ['key', 'orderId', 'memberRef', 'points'],
  refund: ['key', 'orderId', 'memberRef', 'points', 'originalKey', 'originalRemoteId'],
  hold: ['key', 'orderId', 'memberRef', 'points', 'expiresAfterMs', 'expiresAfterSeconds', 'expiresAt'],
  confirm: ['key', 'orderId', 'memberRef', 'points', 'originalKey', 'originalRemoteId'],
  release: ['key', 'orderId', 'memberRef', 'points', 'originalKey', 'originalRemoteId'],
  query: ['key', 'memberRef', 'cursor'],
  /** `about` is 'hold', 'confirmation' or 'release'. */
  queryHold: ['about', 'key', 'originalKey', 'originalRemoteId', 'orderId', 'memberRef', 'cursor'],
  scan: ['memberRef', 'from', 'to', 'pageSize', 'cursor', 'skip', 'page'],
  statement: ['from', 'to', 'pageSize', 'cursor', 'skip', 'page'],
} as const;
const alwaysThere: readonly string[] = ['now', 'traceparent'];
const notText: readonly string[] = ['points', 'now', 'from', 'to', 'expiresAt'];

type OperationName = keyof typeof operationVariables;

function operationSchema<Answers extends z.ZodType<unknown[]>>(name: OperationName, answers: Answers) {
  return z
    .strictObject({
      request: requestSchema.describe('What is sent.'),
      answers: answers.describe(
        'What it proves: rules in order, the first that matches decides; none: unknown.',
      ),
    })
    .superRefine((operation, context) => {
      const known: readonly string[] = operationVariables[name];
      const { request, answers: rules } = operation as {
        readonly request: RequestTemplate;
        readonly answers: readonly QueryRule[] | readonly BalanceRule[] | readonly ListRule[];
      };
      for (const variable of new Set(requestVariables(request))) {
        if (known.includes(variable) || alwaysThere.includes(variable) || variable.startsWith('values.'))
          continue;
        context.addIssue({
          code: 'custom',
          path: ['request'],
          message: `no variable {${variable}}; ${name} has ${[...known, ...alwaysThere].join(', ')} and values.NAME`,
        });
      }
      for (const variable of new Set(answerVariables(rules))) {
        if (known.includes(variable) && !notText.includes(variable)) continue;
        const texts = known.filter((one) => !notText.includes(one));
        context.addIssue({
          code: 'custom',
          path: ['answers'],
          message: `no variable ${variable}; predicates of ${name} know ${texts.join(', ')}; a text stands in '...'`,
        });
      }
    });
}

const operationsSchema = z.strictObject({
  balance: operationSchema('balance', balanceAnswersSchema).optional().describe('What the member has.'),
  deduct: operationSchema('deduct', deductAnswersSchema).describe('Takes points.'),
  refund: operationSchema('refund', deductAnswersSchema).optional().describe('Gives points back.'),
  hold: operationSchema('hold', deductAnswersSchema).optional().describe('Sets points aside.'),
  confirm: operationSchema('confirm', deductAnswersSchema)
    .optional()
    .describe('Takes what is held for good.'),
  release: operationSchema('release', deductAnswersSchema).optional().describe('Gives what is held back.'),
  queryHold: operationSchema('queryHold', queryAnswersSchema)
    .optional()
    .describe('What became of a hold, its confirmation or its release.'),
  query: operationSchema('query', queryAnswersSchema).optional().describe('What became of a key.'),
  scan: operationSchema('scan', listAnswersSchema)
    .optional()
    .describe("The member's transactions, the newest first."),
  statement: operationSchema('statement', listAnswersSchema)
    .optional()
    .describe("All members' transactions of a window."),
});

/** The fields of a description with `adapter: declarative`. */
export const declarativeShape = {
  sign: signingSchema.describe('How requests prove who sends them.'),
  zone: z
    .string()
    .max(64)
    .refine(isZone, 'no time zone of the tz database, e.g. Asia/Shanghai')
    .default('UTC')
    .describe('Whose local times the channel speaks, a name of the tz database.'),
  values: z
    .record(z.string().regex(/^[A-Za-z]\w{0,31}$/, 'a name of letters, digits and _'), z.string().max(500))
    .default({})
    .describe('Names for `{values.NAME}`: texts, or `env:NAME` for what is then treated like a secret.'),
  remoteCode: expressionSchema(parsePath, 'E.g. "$.error.code".')
    .optional()
    .describe("Where the channel's own code stands in an answer; shown in evidence."),
  answers: z
    .record(z.string().min(1).max(64), sharedAnswersSchema)
    .default({})
    .describe('Lists of rules that operations refer to by `then: see`.'),
  operations: operationsSchema.describe('What is sent for each operation, and what the answers prove.'),
  callbackForm: callbackFormSchema
    .optional()
    .describe('How its callbacks read; absent: as the contract of `json-channel/openapi.yaml` has them.'),
};

export type DeclarativeFields = Readonly<z.output<z.ZodObject<typeof declarativeShape>>>;

/** Faults between one part of the description and another. */
export function contradictionsIn(
  description: DeclarativeFields & {
    readonly capabilities: Capabilities;
    readonly callback: Callback;
  },
): { readonly path: (string | number)[]; readonly message: string }[] {
  const { operations, capabilities, answers, values } = description;
  const problems: { path: (string | number)[]; message: string }[] = [];
  const promised = (path: string[], given: boolean, isPromised: boolean, what: string): void => {
    if (given === isPromised) return;
    problems.push({
      path,
      message: given ? `is there, but ${what} says otherwise` : `is missing, but ${what} promises it`,
    });
  };
  promised(
    ['operations', 'query'],
    operations.query !== undefined,
    capabilities.query === 'by-key',
    'capabilities.query',
  );
  promised(
    ['operations', 'refund'],
    operations.refund !== undefined,
    capabilities.reversal !== 'none',
    'capabilities.reversal',
  );
  for (const operation of ['hold', 'confirm', 'release', 'queryHold'] as const) {
    promised(
      ['operations', operation],
      operations[operation] !== undefined,
      capabilities.hold !== undefined,
      'capabilities.hold',
    );
  }
  for (const lookUp of ['scan', 'statement'] as const) {
    promised(
      ['operations', lookUp],
      operations[lookUp] !== undefined,
      capabilities[lookUp] !== undefined,
      `capabilities.${lookUp}`,
    );
  }
  const { callback, callbackForm } = description;
  if (callbackForm !== undefined && callback.trust === 'none') {
    problems.push({ path: ['callbackForm'], message: 'is there, but callback.trust is "none"' });
  }
  if (callbackForm?.signature !== undefined && callback.trust === 'unsigned') {
    problems.push({
      path: ['callbackForm', 'signature'],
      message: 'is there, but callback.trust is "unsigned"',
    });
  }
  for (const [, name] of callbackForm?.signature?.canonical.matchAll(/\{values\.(\w+)\}/g) ?? []) {
    if (name === undefined || Object.hasOwn(values, name)) continue;
    problems.push({
      path: ['callbackForm', 'signature', 'canonical'],
      message: `{values.${name}} is not in values`,
    });
  }
  for (const [name, operation] of Object.entries(operations)) {
    if (operation === undefined) continue;
    for (const variable of requestVariables(operation.request)) {
      if (variable.startsWith('values.') && !Object.hasOwn(values, variable.slice('values.'.length))) {
        problems.push({ path: ['operations', name, 'request'], message: `{${variable}} is not in values` });
      }
    }
    operation.answers.forEach((rule, index) => {
      const path = ['operations', name, 'answers', index];
      if (rule.then === 'see' && !Object.hasOwn(answers, rule.answers)) {
        problems.push({ path: [...path, 'answers'], message: `there is no list ${rule.answers} in answers` });
      }
      if (rule.then === 'pending' && capabilities.completion === 'at-once') {
        problems.push({ path, message: 'ends later, but capabilities.completion says at-once' });
      }
      if (rule.then === 'done' && rule.points === undefined && capabilities.echo === 'points') {
        problems.push({ path, message: 'needs points, since capabilities.echo promises them' });
      }
    });
  }
  return problems;
}
