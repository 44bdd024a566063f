/**
 * Channels that tell by themselves how an operation ended: at once or late, twice or not at all, by our key or by an id
 * of their own. Whoever got no answer sends the same once more, for as long as it takes.
 */
import { createHash } from 'node:crypto';
import type { CallbackReference } from '@points-hub/adapters';
import { Points } from '../core/points.ts';
import type { NewCallback } from '../settlement/store-port.ts';
import { isAway } from './database-link.ts';
import type { HubInstance } from './hub-instance.ts';
import type { ChannelKind } from './natures.ts';
import type { Told } from './book-requests.ts';
import type { RemoteWorld } from './remotes.ts';
import type { Rule } from './rules.ts';

export interface CallbackSendersOptions {
  readonly world: RemoteWorld;
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly instances: () => readonly HubInstance[];
  readonly report: (rule: Rule, detail: string) => void;
}

export interface CallbackSenders {
  /** Something was accepted or decided in a channel's books. */
  told(channel: string, told: Told): void;
}

type Event = Omit<NewCallback, 'receivedAt'>;

const againMs = 3_000;
const usualMaxMs = 400;
const lateMaxMs = 60_000;

export function callbackSenders(options: CallbackSendersOptions): CallbackSenders {
  const { world, kinds } = options;
  const { dice, time, faults } = world;
  let events = 0;

  function eventOf(channel: string, told: Told, isSigned: boolean): Event {
    events += 1;
    const said = isSigned ? saidBy(told) : ({ type: 'hint', evidence: {} } as const);
    const byKey = { kind: 'key', reference: told.key } as const;
    const byOwnId = { kind: 'remote_id', reference: told.remoteId } as const;
    return event(channel, events, dice.chance(0.6) ? byKey : byOwnId, said, isSigned);
  }

  function send(one: Event): void {
    if (faults.strikes('callback lost')) return;
    const delayMs = faults.strikes('callback late')
      ? dice.whole(usualMaxMs, lateMaxMs)
      : dice.chance(0.3)
        ? 0
        : dice.whole(1, usualMaxMs);
    time.after(delayMs, () => deliver(one, options));
    if (faults.strikes('callback doubled'))
      time.after(delayMs + dice.whole(0, lateMaxMs), () => deliver(one, options));
    if (faults.strikes('callback altered')) {
      const altered = { ...one, digest: digestOf(`${one.digest} altered`) };
      time.after(delayMs + dice.whole(0, lateMaxMs), () => deliver(altered, options));
    }
  }

  return {
    told: (channel, told) => {
      const tells = kinds.get(channel)?.tells ?? 'none';
      if (tells === 'none') return;
      const isSigned = tells === 'signed';
      // Not everybody tells that something was accepted.
      if (told.answer.type === 'pending' && dice.chance(0.5)) return;
      send(eventOf(channel, told, isSigned));
      if (faults.strikes('callback told anew')) send(eventOf(channel, told, isSigned));
      if (faults.strikes('callback about nothing known')) {
        events += 1;
        const about = { kind: 'key', reference: `nobody's ${events}` } as const;
        send(event(channel, events, about, eventOf(channel, told, isSigned).said, isSigned));
      }
    },
  };
}

function event(
  channel: string,
  number: number,
  about: CallbackReference,
  said: Event['said'],
  isSigned: boolean,
): Event {
  const eventId = `event ${number}`;
  return { channel, eventId, digest: digestOf(eventId), about, said, isSigned };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function saidBy({ answer, remoteId }: Told): Event['said'] {
  const evidence = {};
  switch (answer.type) {
    case 'done': {
      const points = new Points(answer.cents).dividedBy(100);
      return { type: 'done', points, remoteId, replayed: false, evidence };
    }
    case 'rejected':
      return { type: 'rejected', reason: answer.reason, evidence };
    case 'pending':
      return { type: 'pending', remoteId, pollAfterMs: 5_000, evidence };
  }
}

/** To some process, until one has answered. */
function deliver(one: Event, options: CallbackSendersOptions): void {
  const { world, instances, report } = options;
  const { dice, time, faults, trace } = world;
  const again = (): void => time.after(againMs, () => deliver(one, options));
  const running = instances().filter(({ process }) => process.isRunning);
  if (running.length === 0) return again();
  const { process, callbacks } = dice.pick(running);
  let isAnswered = false;
  const answered = (): void => {
    isAnswered = true;
  };
  callbacks.keepCallback({ ...one, receivedAt: time.now() }).then(
    (kept) => {
      answered();
      faults.met(`callback ${kept}`);
      const { kind, reference } = one.about;
      trace.note(
        time.elapsedMs,
        `${one.eventId} of ${one.channel}, ${one.said.type} ${kind} ${reference}: ${kept}`,
      );
    },
    (error: unknown) => {
      answered();
      if (isAway(error)) again();
      else report('nothing throws', `keeping a callback: ${String(error)}`);
    },
  );
  process.whenDead(() => {
    if (!isAnswered) again();
  });
}
