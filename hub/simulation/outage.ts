/**
 * One channel that answers nobody for an hour while thousands of orders wait for it, beside one that is well: two
 * processes of the hub in virtual time, where nothing else goes wrong.
 */
import { Points } from '../core/points.ts';
import { keyBaseOf } from '../intake/key-base.ts';
import { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { Audit, type Finding } from './audit.ts';
import { CallAudit } from './call-audit.ts';
import { Dice } from './dice.ts';
import { Faults } from './faults.ts';
import { names, startHubInstance } from './hub-instance.ts';
import { HubProcess, type World } from './hub-process.ts';
import { Messaging } from './messaging.ts';
import { channelKinds, type ChannelKind } from './natures.ts';
import { relay } from './relay.ts';
import { openRemotes } from './simulation.ts';
import { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

export interface OutageOptions {
  /** Orders at the channel that is away, which come in the first sixth of the hour. */
  readonly waiting: number;
  /** Orders at the channel that is well, spread over the hour. */
  readonly others: number;
}

export interface Outage {
  readonly finding: Finding | undefined;
  /** Orders that have not ended, or ended otherwise than settled. */
  readonly notSettled: number;
  readonly cases: number;
  /** Calls that were meant for the channel while it was away, and those of them that were probes. */
  readonly callsWhileAway: number;
  readonly probes: number;
  /** Tries of one deduction that met trouble, at most. */
  readonly failuresMost: number;
  /** Messages about the deductions that waited. */
  readonly messages: number;
  /** From the channel's return until the last of those who waited had settled. */
  readonly drainedAfterMs: number;
  /** From placing to the end of the orders at the other channel, while the first one is away, and on the average. */
  readonly othersMeanMs: number;
  readonly othersMostMs: number;
}

const hourMs = 3_600_000;
/** Everybody is at work before the first order comes. */
const settledInMs = 30_000;
const deadlineMs = 3 * hourMs;
const drainMaxMs = hourMs;
const options = { wakeAfterMs: 60_000, sweepIntervalMs: 30_000, awayMaxMs: 86_400_000 };

const [kind] = channelKinds as readonly [ChannelKind, ...ChannelKind[]];
const kinds = new Map([
  ['away', kind],
  ['well', kind],
]);

export async function outage(seed: number, { waiting, others }: OutageOptions): Promise<Outage> {
  const dice = new Dice(seed);
  const time = new VirtualTime();
  const world: World = { dice, time, faults: new Faults(dice, time, 0), trace: new Trace() };
  const remotes = openRemotes(world, kinds, () => Infinity);
  const audit = new Audit(remotes.world, 'all');
  remotes.auditBy(audit);
  const tally = tallyOf(time);

  const processes = ['hub 1', 'hub 2'].map((name) => new HubProcess(name, world));
  const messaging = new Messaging({
    world,
    deadLetters: names.deadLetters,
    report: (rule, detail) => audit.report(rule, detail),
    onDeadLetterDone: () => undefined,
  });
  const publish = relay(world, messaging, () => processes);
  const database: MemoryDatabase = new MemoryDatabase({
    now: () => time.now(),
    random: () => dice.roll(),
    wakeAfterMs: options.wakeAfterMs,
    onCommit: (commit) => {
      audit.committed(commit);
      for (const { channel } of commit.writes.attempts) tally.called(channel);
      for (const { failures } of commit.writes.deductions) tally.failed(failures);
      for (const message of commit.writes.messages)
        if (message.type === 'order_ended') tally.ended(message.order.orderId);
    },
    onAppended: (row) => {
      if (row.message.type === 'deduction_due' && row.message.channel === 'away') tally.messages += 1;
      publish(row);
    },
  });
  const calls = new CallAudit({
    kinds,
    processes: processes.length,
    isProbed: (remote) => database.tables.remotes.get(remote)?.breaker.state === 'half_open',
    time,
    met: () => undefined,
    report: (rule, detail) => audit.report(rule, detail),
  });
  for (const process of processes) {
    startHubInstance(process, {
      ...options,
      world: remotes.world,
      kinds,
      database,
      link: { isAway: () => false },
      messaging,
      calls,
      policiesOf: () => kind.policies,
      report: (rule, detail) => audit.report(rule, detail),
    });
  }

  function place(channel: string, number: number): void {
    const [mallId, userId, orderId] = ['shop', `user-${number % 997}`, `${channel}-${number}`];
    const settlement = database.insert({
      order: {
        mallId,
        orderId,
        userId,
        traceparent: undefined,
        deadlineAt: new Date(time.nowMs + deadlineMs),
      },
      deductions: [
        {
          channel,
          memberRef: userId,
          asked: new Points('2.50'),
          holds: false,
          keyBase: keyBaseOf(mallId, orderId, channel, userId),
        },
      ],
    });
    if (settlement === undefined) throw new Error(`${orderId} is there already`);
    audit.placed(settlement);
    tally.placed(orderId);
  }

  const hasFinding = (): boolean => audit.finding !== undefined;
  await time.run(settledInMs, hasFinding);
  const channel = remotes.world.channels.get('away');
  if (channel === undefined) throw new Error('there is no channel to be away');
  channel.awayUntilMs = time.nowMs + hourMs;
  channel.awayAs = 'mute';
  const spread = (name: string, count: number, overMs: number): void => {
    for (let number = 0; number < count; number += 1)
      time.after((number * overMs) / count, () => place(name, number));
  };
  spread('away', waiting, hourMs / 6);
  spread('well', others, hourMs);
  await time.run(settledInMs + hourMs, hasFinding);
  const callsWhileAway = tally.calls.get('away') ?? 0;
  const probes = world.faults.counts.get('probed by a deduction') ?? 0;
  await time.run(settledInMs + hourMs + drainMaxMs, () => hasFinding() || audit.allHasEnded);
  const settlements = [...database.settlements()];
  if (audit.allHasEnded) for (const settlement of settlements) audit.compareBooks(settlement);
  const tookMs = tally.tookMs('well-');
  return {
    finding: audit.finding,
    notSettled: settlements.filter(({ order }) => order.status !== 'settled').length,
    cases: [...database.tables.cases.cases()].length,
    callsWhileAway,
    probes,
    failuresMost: tally.failuresMost,
    messages: tally.messages,
    drainedAfterMs: time.elapsedMs - settledInMs - hourMs,
    othersMeanMs: tookMs.reduce((sum, one) => sum + one, 0) / tookMs.length,
    othersMostMs: Math.max(...tookMs),
  };
}

/** What a run counts as it goes. */
function tallyOf(time: VirtualTime) {
  const placedAtMs = new Map<string, number>();
  const endedAfterMs = new Map<string, number>();
  const calls = new Map<string, number>();
  return {
    calls,
    messages: 0,
    failuresMost: 0,
    called: (channel: string) => calls.set(channel, (calls.get(channel) ?? 0) + 1),
    placed: (orderId: string) => placedAtMs.set(orderId, time.nowMs),
    ended: (orderId: string) => endedAfterMs.set(orderId, time.nowMs - (placedAtMs.get(orderId) ?? 0)),
    failed(failures: number): void {
      this.failuresMost = Math.max(this.failuresMost, failures);
    },
    tookMs: (prefix: string): number[] =>
      [...endedAfterMs].flatMap(([orderId, tookMs]) => (orderId.startsWith(prefix) ? tookMs : [])),
  };
}
