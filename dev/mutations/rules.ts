import { callRules } from './call-rules.ts';
import type { Mutation } from './mutation.ts';

const advance = 'hub/core/advance.ts';
const enter = 'hub/core/enter.ts';

/** The rules that the simulation must miss. */
export const mutations: readonly Mutation[] = [
  {
    rule: 'intent before effect',
    without: 'a request is written down together with its answer',
    patches: [
      {
        file: advance,
        text: `      const intended = intend(deduction, step.call, policies, now);
      return {
        deduction: { ...intended, wakeBy: intended.lease?.until },`,
        without: `      const intended = intend(deduction, step.call, policies, now);
      return {
        deduction: { ...intended, points: deduction.points, quota: deduction.quota, wakeBy: intended.lease?.until },`,
      },
      {
        file: enter,
        text: `import { withoutLease } from './intent.ts';`,
        without: `import { intend, withoutLease } from './intent.ts';`,
      },
      {
        file: enter,
        text: `    const told = applyOutcome(deduction, input.call, input.answer, outcomeFacts);`,
        without: `    if (deduction[input.call.leg].state === 'void') return turnAway({ type: 'stale' });
    const { attempts } = deduction;
    const asIfSent = { ...intend(deduction, input.call, policies, input.intendedAt), attempts };
    const told = applyOutcome(asIfSent, input.call, input.answer, outcomeFacts);`,
      },
    ],
  },
  {
    rule: 'the sendBy check',
    without: 'a request leaves however late its worker wakes up',
    patches: [
      {
        file: 'hub/settlement/settle.ts',
        text: `maySend: () => monotonicMs() - begunAtMs < sendWindowMs,`,
        without: `maySend: () => true,`,
      },
    ],
  },
  {
    rule: 'the tombstone',
    without: 'what was never sent is left as it is when its order turns back',
    patches: [
      {
        file: 'hub/core/leg.ts',
        text: `    case 'refused':
    case 'void':
    case 'undone':
      return true;
    case 'idle':
    case 'sent':`,
        without: `    case 'refused':
    case 'void':
    case 'undone':
    case 'idle':
      return true;
    case 'sent':`,
      },
      {
        file: 'hub/core/deduction.ts',
        text: `export function toUndo(deduction: Deduction): Deduction {
`,
        without: `export function toUndo(deduction: Deduction): Deduction {
  if (deduction.points.state === 'idle') return deduction;
`,
      },
    ],
  },
  {
    rule: 'the fencing token',
    without: 'whoever reports an outcome is believed while anybody holds the lease',
    patches: [
      {
        file: enter,
        text: `if (deduction.lease?.token !== input.token) {`,
        without: `if (deduction.lease === undefined) {`,
      },
    ],
  },
  {
    rule: 'the stable key',
    without: 'a resend goes out under a new key',
    patches: [
      {
        file: 'hub/core/attempt.ts',
        text: `    key: operationKey(before.keyBase, call.leg, direction),`,
        without: `    key:
      operationKey(before.keyBase, call.leg, direction) +
      (before[call.leg].state.endsWith('in_doubt') && !call.action.startsWith('find') ? \`\${intended.attempts}\` : ''),`,
      },
    ],
  },
  {
    rule: 'the echo check',
    without: 'an order settles with whatever amount was taken',
    patches: [
      {
        file: 'hub/core/order.ts',
        text: `  return leg.state === 'applied' && leg.points.equals(asked);`,
        without: `  return leg.state === 'applied';`,
      },
      {
        file: 'hub/core/order.ts',
        text: `  if (isTaken && !leg.points.equals(asked)) return 'another_amount';
`,
        without: ``,
      },
    ],
  },
  {
    rule: 'the order lock',
    without: 'two transactions read the same order before either has written',
    patches: [
      {
        file: 'hub/settlement/testing/memory-database.ts',
        text: `      for (const id of inLockOrder(orderRowIds)) await take(id);
`,
        without: ``,
      },
    ],
  },
  {
    rule: 'the sweeper',
    without: 'nobody wakes what no message wakes',
    patches: [
      {
        file: 'hub/settlement/sweeper.ts',
        text: `const batch = await store.wakeOverdue(batchMax);`,
        without: `const batch = 0;`,
      },
    ],
  },
  {
    rule: 'doubt survives a NotSent',
    without: 'a resend that did not leave speaks for the request before it',
    patches: [
      {
        file: 'hub/core/leg-after-act.ts',
        text: `      return unproven ? inDoubt(leg) : { state: 'idle' };`,
        without: `      return { state: 'idle' };`,
      },
    ],
  },
  {
    rule: '"not found" is proof only when it is final',
    without: 'the first look-up that finds nothing is believed',
    patches: [
      {
        file: 'hub/core/look-up.ts',
        text: `return askedAt >= final && stillShows(sending, policy, lookUp, askedAt);`,
        without: `return askedAt >= final || stillShows(sending, policy, lookUp, askedAt);`,
      },
    ],
  },
  {
    rule: 'a refusal speaks for every request sent',
    without: 'the refusal of a resend is believed although the remote remembers none',
    patches: [
      {
        file: 'hub/core/leg-after-act.ts',
        text: `      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'refused', reason: outcome.reason };`,
        without: `      return { state: 'refused', reason: outcome.reason };`,
      },
    ],
  },
  {
    rule: 'quota back before points',
    without: 'points are given back while their quota is still taken',
    patches: [
      {
        file: 'hub/core/next-step.ts',
        text: `  if (goal === 'undo') return isClear(quota) ? 'points' : 'quota';`,
        without: `  if (goal === 'undo') return isClear(quota) || points.state === 'applied' ? 'points' : 'quota';`,
      },
    ],
  },
  {
    rule: 'holds are confirmed only when all is there',
    without: 'a hold is confirmed as soon as its own quota is taken',
    patches: [
      {
        file: 'hub/core/next-step.ts',
        text: `state === 'held' && stage !== 'confirm'`,
        without: `false`,
      },
    ],
  },
  {
    rule: 'once something may be confirmed an order goes forward only',
    without: 'a mall may cancel it to the end',
    patches: [
      {
        file: 'hub/core/order.ts',
        text: `isConfirming(settlement.deductions)`,
        without: `false`,
      },
    ],
  },
  {
    rule: 'a dead letter is acknowledged after its case is committed',
    without: 'it is acknowledged while its case is on its way',
    patches: [
      {
        file: 'hub/settlement/dead-letters.ts',
        text: `    await openCase(deadMessage(messageId, body, 'unreadable_message', reason(reading.reason)));`,
        without: `    openCase(deadMessage(messageId, body, 'unreadable_message', reason(reading.reason))).catch(() => undefined);`,
      },
    ],
  },
  {
    rule: 'a case closes when its subject moves on',
    without: 'it stays on the list of those who wait',
    patches: [
      {
        file: 'hub/core/attend.ts',
        text: `  changes.push({ type: 'recovered', deductionId: deduction.id, leg });
`,
        without: ``,
      },
    ],
  },
  {
    rule: 'an operation under way keeps others out',
    without: 'a second operation begins beside the first',
    patches: [
      {
        file: 'hub/operations/wish.ts',
        text: `  if (locked.isBusy) throw busy('an operation on this case is under way; wait for its outcome');
`,
        without: ``,
      },
    ],
  },
  {
    rule: 'an operation is decided on the case as its operator saw it',
    without: 'whatever changed meanwhile is overrun',
    patches: [
      {
        file: 'hub/operations/wish.ts',
        text: `  if (locked.version !== version) {`,
        without: `  if (locked.version < version) {`,
      },
    ],
  },
  {
    rule: 'a refusal that is told speaks for every request only if it is remembered',
    without: 'whatever refusal a callback tells is believed',
    patches: [
      {
        file: 'hub/core/callback.ts',
        text: `  if (said.type === 'hint' || (said.type === 'rejected' && !policy.remembersRejections)) {`,
        without: `  if (said.type === 'hint') {`,
      },
    ],
  },
  {
    rule: 'the late look',
    without: 'what was not found when that was final is never looked up again',
    patches: [
      {
        file: 'hub/core/outcome.ts',
        text: `  if (name === 'points' && isDisproven && lateEffectCheckMs > 0) {`,
        without: `  if (name === 'points' && isDisproven && lateEffectCheckMs > 1e9) {`,
      },
    ],
  },
  {
    rule: 'without keys, giving back waits out the late look',
    without: 'it is tried again as soon as "not found" is final',
    patches: [
      {
        file: 'hub/core/look-up.ts',
        text: `direction === 'give_back' && idempotency === 'none';`,
        without: `direction === 'give_back' && lateEffectCheckMs < 0;`,
      },
    ],
  },
  {
    rule: 'a late effect is given back once',
    without: 'each word of it is another effect',
    patches: [
      {
        file: 'hub/operations/correction.ts',
        text: `  return idempotency === 'none' || !hasCorrection(settlement, deduction, leg);`,
        without: `  return idempotency === 'none' || hasCorrection.length > 0;`,
      },
      {
        file: 'hub/core/attend.ts',
        text: `  const looked = isFound ? { ...deduction, lateCheck: undefined } : deduction;`,
        without: `  const looked = isFound ? { ...deduction } : deduction;`,
      },
    ],
  },
  {
    rule: 'a success that names no points is looked up',
    without: 'it is taken for one that was not sent',
    patches: [
      {
        file: 'hub/core/leg-after-act.ts',
        text: `    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : { state: 'idle' };`,
        without: `    case 'unknown':
      return outcome.cause === 'missing_echo' ? { state: 'idle' } : inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : { state: 'idle' };`,
      },
    ],
  },
  {
    rule: 'an operation is audited as it takes effect',
    without: 'its row is left out',
    patches: [
      {
        file: 'hub/operations/operations.ts',
        text: `    await transaction.audit(caller, {
      action: \`case.\${kind}\`,`,
        without: `    if (kind !== 'ignore') await transaction.audit(caller, {
      action: \`case.\${kind}\`,`,
      },
    ],
  },
  ...callRules,
];
