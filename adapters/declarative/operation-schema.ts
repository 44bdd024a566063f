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
  return z.strictObject({ request: requestSchema, answers }).superRefine((operation, context) => {
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
  balance: operationSchema('balance', balanceAnswersSchema).optional(),
  deduct: operationSchema('deduct', deductAnswersSchema),
  refund: operationSchema('refund', deductAnswersSchema).optional(),
  hold: operationSchema('hold', deductAnswersSchema).optional(),
  confirm: operationSchema('confirm', deductAnswersSchema).optional(),
  release: operationSchema('release', deductAnswersSchema).optional(),
  query: operationSchema('query', queryAnswersSchema).optional(),
  queryHold: operationSchema('queryHold', queryAnswersSchema).optional(),
  scan: operationSchema('scan', listAnswersSchema).optional(),
  statement: operationSchema('statement', listAnswersSchema).optional(),
});

/** The fields of a description with `adapter: declarative`. */
export const declarativeShape = {
  sign: signingSchema,
  /** Whose local times the channel speaks, a name of the tz database. */
  zone: z
    .string()
    .max(64)
    .refine(isZone, 'no time zone of the tz database, e.g. Asia/Shanghai')
    .default('UTC'),
  /** Names for `{values.NAME}`: texts, or `env:NAME` for what is then treated like a secret. */
  values: z
    .record(z.string().regex(/^[A-Za-z]\w{0,31}$/, 'a name of letters, digits and _'), z.string().max(500))
    .default({}),
  /** Where the channel's own code stands in an answer; shown in evidence. */
  remoteCode: expressionSchema(parsePath, 'E.g. "$.error.code".').optional(),
  /** Lists of rules that operations refer to by `then: see`. */
  answers: z.record(z.string().min(1).max(64), sharedAnswersSchema).default({}),
  operations: operationsSchema,
  /** How its callbacks read; absent: as the contract of `json-channel/openapi.yaml` has them. */
  callbackForm: callbackFormSchema.optional(),
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
      if (rule.then === 'done' && rule.points === undefined && capabilities.echo === 'points') {
        problems.push({ path, message: 'needs points, since capabilities.echo promises them' });
      }
    });
  }
  return problems;
}
