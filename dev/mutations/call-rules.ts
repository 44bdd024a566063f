import type { Mutation } from './mutation.ts';

/** Who may call a remote when. */
export const callRules: readonly Mutation[] = [
  {
    rule: 'an open breaker',
    without: 'a remote that is away is called on',
    patches: [
      {
        file: 'hub/settlement/breakers.ts',
        text: `    if (state !== undefined && state.breaker.state !== 'closed') {
      return`,
        without: `    if (state !== undefined && state.breaker.state === 'half_open') {
      return`,
      },
    ],
  },
  {
    rule: 'every channel that is left alone is probed',
    without: 'only a deduction whose next call goes there is tried',
    patches: [
      {
        file: 'hub/settlement/testing/memory-channel-states.ts',
        text: `  return nextRemote(deduction) === remote || \`channel:\${deduction.channel}\` === remote;`,
        without: `  return nextRemote(deduction) === remote;`,
      },
    ],
  },
  {
    rule: 'one call per probe',
    without: 'each deduction that a probe may go by makes a call',
    patches: [
      {
        file: 'hub/settlement/prober.ts',
        text: `if (ends.length === 0) await driveOne(one, remote, taken.until, onSign);`,
        without: `await driveOne(one, remote, taken.until, onSign);`,
      },
    ],
  },
  {
    rule: 'what is told is taken in while nothing waits for the channel',
    without: 'only who has a call to make is tried',
    patches: [
      {
        file: 'hub/settlement/testing/memory-channel-states.ts',
        text: `const told = remote === 'portal' ? []`,
        without: `const told = remote !== '' ? []`,
      },
    ],
  },
  {
    rule: 'the lane of a member',
    without: 'nobody asks whether another call for the member is under way',
    patches: [
      {
        file: 'hub/settlement/admissions.ts',
        text: `    if (remote === own && needsLane(channel)) {`,
        without: `    if (remote === own && needsLane('')) {`,
      },
    ],
  },
  {
    rule: 'the share of a process',
    without: 'each process takes the whole of the limit',
    patches: [
      {
        file: 'hub/settlement/shares.ts',
        text: `      use(channel, Math.min(granted, target));`,
        without: `      use(channel, Math.max(granted, target, concurrencyMax.get(channel) ?? 0));`,
      },
      {
        file: 'hub/settlement/shares.ts',
        text: `      monotonicMs() < validUntilMs && (slots.get(channel)?.inHand ?? 0) <= (held.get(channel) ?? 0),`,
        without: `      monotonicMs() < validUntilMs && held.has(channel),`,
      },
    ],
  },
  {
    rule: 'the rate',
    without: 'a call waits for no turn',
    patches: [
      {
        file: 'hub/settlement/admissions.ts',
        text: `    if (lineOf(remote) !== undefined && !turns.has(remote)) return queue(now, random * turnAgainMs);
`,
        without: ``,
      },
      {
        file: 'hub/settlement/admissions.ts',
        text: `        const turn = await lineOf(remote)?.wait();`,
        without: `        const turn = lineOf(remote)?.takeReady();`,
      },
    ],
  },
];
