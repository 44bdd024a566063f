import { z } from 'zod';

import { callKindsOf, type RemoteKind } from '../call-counts.ts';
import { InvalidRequest } from '../requests.ts';
import { callsOf, faultRuleSchema, stageOf, type FaultRule } from './fault-rules.ts';

/** Before each call, and before its effect. */
const latencySchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('constant'), ms: z.number().min(0).max(600_000) }),
    z.strictObject({
      kind: z.literal('uniform'),
      fromMs: z.number().min(0).max(600_000),
      toMs: z.number().min(0).max(600_000),
    }),
    /** Cut off at `maxMs`. */
    z.strictObject({
      kind: z.literal('exponential'),
      meanMs: z.number().gt(0).max(600_000),
      maxMs: z.number().gt(0).max(600_000),
    }),
  ],
  { error: 'kind must be one of constant, uniform, exponential' },
);

/** Counted from the moment at which the plan was set; `untilMs` is past it. */
const outageSchema = z.strictObject({
  fromMs: z.int().min(0).max(604_800_000),
  untilMs: z.int().min(1).max(604_800_000),
});

/** Where callbacks go, and what they are signed with (Standard Webhooks 1.0: `whsec_` and 24 to 64 bytes in base64). */
const callbackSchema = z.strictObject({
  url: z
    .string()
    .max(2_000)
    .regex(/^https?:\/\/\S+$/, 'an http(s) URL'),
  secret: z.string().refine(isWebhookSecret, 'whsec_ and the base64 of 24 to 64 bytes'),
});

const planSchema = z
  .strictObject({
    /** Below 2^32. Without it, the sandbox's own. */
    seed: z.int().min(0).max(0xffff_ffff).optional(),
    latency: latencySchema.optional(),
    outages: z.array(outageSchema).max(50).default([]),
    callback: callbackSchema.optional(),
    faults: z.array(faultRuleSchema).max(100).default([]),
  })
  .superRefine(({ latency, outages, faults }, context) => {
    const wrong = (path: PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (latency?.kind === 'uniform' && latency.toMs < latency.fromMs)
      wrong(['latency', 'toMs'], 'is below fromMs');
    for (const [index, { fromMs, untilMs }] of outages.entries())
      if (untilMs <= fromMs) wrong(['outages', index, 'untilMs'], 'must be above fromMs');
    for (const [index, rule] of faults.entries()) {
      if ((rule.probability === undefined) === (rule.next === undefined))
        wrong(['faults', index], 'needs either probability or next');
      for (const [place, call] of rule.on.entries()) {
        const possible = callsOf(rule.kind);
        if (!possible.includes(call))
          wrong(['faults', index, 'on', place], `${rule.kind} can befall ${possible.join(', ')} only`);
      }
    }
  });

/** What goes wrong at one channel, or at the portal. */
export type FaultPlan = Readonly<z.infer<typeof planSchema>>;

/**
 * Checks a plan for a channel or for the portal; unknown fields are errors.
 *
 * @throws InvalidRequest naming every field at fault, e.g. `faults[0].probability: ...`.
 */
export function readFaultPlan(value: unknown, remote: RemoteKind): FaultPlan {
  const plan = checked(planSchema, value);
  const possible = callKindsOf(remote);
  for (const [index, rule] of plan.faults.entries()) {
    const stage = stageOf(rule.kind);
    if (remote === 'portal' && (stage === 'async' || stage === 'callback'))
      throw new InvalidRequest(
        `faults[${index}].kind: the portal answers at once, so it has no ${rule.kind}`,
      );
    const place = rule.on.findIndex((call) => !possible.includes(call));
    if (place >= 0)
      throw new InvalidRequest(
        `faults[${index}].on[${place}]: the ${remote} has ${possible.join(', ')} only`,
      );
  }
  if (remote === 'portal' && plan.callback !== undefined)
    throw new InvalidRequest('callback: the portal answers at once, so it has no callbacks');
  return plan;
}

/** Plans of a whole sandbox, as the file for `--faults` holds them. */
export interface FaultPlans {
  /** By channel; `*` is for those that are not named. */
  readonly channels: ReadonlyMap<string, FaultPlan>;
  readonly portal: FaultPlan | undefined;
}

const planFileSchema = z.strictObject({
  channels: z.record(z.string(), z.unknown()).default({}),
  portal: z.unknown().optional(),
});

/**
 * Reads `{"channels": {"airmiles": PLAN, "*": PLAN}, "portal": PLAN}`.
 *
 * @throws InvalidRequest naming the field at fault.
 */
export function readFaultPlans(value: unknown, channels: readonly string[]): FaultPlans {
  const file = checked(planFileSchema, value);
  const stranger = Object.keys(file.channels).find((id) => id !== '*' && !channels.includes(id));
  if (stranger !== undefined) throw new InvalidRequest(`channels.${stranger}: no channel of this sandbox`);
  const read = (plan: unknown, remote: RemoteKind, field: string): FaultPlan => {
    try {
      return readFaultPlan(plan, remote);
    } catch (error) {
      throw error instanceof InvalidRequest ? new InvalidRequest(`${field}: ${error.message}`) : error;
    }
  };
  const plans = Object.entries(file.channels).map(
    ([id, plan]) => [id, read(plan, 'channel', `channels.${id}`)] as const,
  );
  const named = new Map(plans);
  const everyOther = named.get('*');
  return {
    channels: new Map(
      channels.flatMap((id) => {
        const plan = named.get(id) ?? everyOther;
        return plan === undefined ? [] : [[id, plan] as const];
      }),
    ),
    portal: file.portal === undefined ? undefined : read(file.portal, 'portal', 'portal'),
  };
}

/** One line for people. */
export function describePlan(plan: FaultPlan): string {
  const { latency } = plan;
  const parts = [
    ...(latency === undefined ? [] : [`latency ${describeLatency(latency)}`]),
    ...plan.outages.map(({ fromMs, untilMs }) => `outage from ${fromMs} to ${untilMs} ms`),
    ...plan.faults.map(describeRule),
    ...(plan.callback === undefined ? [] : [`callbacks to ${plan.callback.url}`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join('; ');
}

function describeLatency(latency: z.infer<typeof latencySchema>): string {
  switch (latency.kind) {
    case 'constant':
      return `${latency.ms} ms`;
    case 'uniform':
      return `${latency.fromMs} to ${latency.toMs} ms`;
    case 'exponential':
      return `exponential, mean ${latency.meanMs} ms, at most ${latency.maxMs} ms`;
  }
}

function describeRule({ kind, on, probability, next }: FaultRule): string {
  const share =
    probability === undefined ? `the next ${next}` : `${Number((probability * 100).toFixed(4))} %`;
  return `${kind} for ${share} of ${on.join(', ')}`;
}

function isWebhookSecret(text: string): boolean {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const bytes = Buffer.from(match?.[1] ?? '', 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.map(describeIssue).join('; '));
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : `${text}${text === '' ? '' : '.'}${String(step)}`,
    '',
  );
  const reason =
    issue.code === 'unrecognized_keys'
      ? `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
      : issue.message;
  return path === '' ? reason : `${path}: ${reason}`;
}
