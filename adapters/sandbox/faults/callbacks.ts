import { createHmac, randomUUID } from 'node:crypto';
import { request as requestHttp, type ClientRequest } from 'node:http';
import { request as requestHttps } from 'node:https';

import type { OperationEntry } from '../entries.ts';
import type { Timers } from '../timers.ts';
import { formatUnits } from '../units.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { CallbackFault, FaultKind } from './fault-rules.ts';

const ANSWER_MS_MAX = 10_000;

/** How one event is told. */
export interface Announcement {
  readonly entry: OperationEntry;
  readonly fault: CallbackFault | undefined;
  readonly met: (kind: FaultKind) => void;
}

/** Callbacks of one channel. Each is sent once, and never again if it is not taken: a look-up tells the same. */
export class Callbacks {
  /** 2xx, and anything else or no answer at all. */
  readonly counts = { sent: 0, taken: 0 };
  readonly #timers: Timers;
  readonly #underway = new Set<ClientRequest>();
  /** Those that let a later one go first. */
  readonly #held = new Set<() => void>();
  #isClosed = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves when it was sent and answered, or will not be now. Never rejects. */
  async announce(target: FaultPlan['callback'], { entry, fault, met }: Announcement): Promise<void> {
    if (target === undefined) return;
    if (fault !== undefined) met(fault.kind);
    switch (fault?.kind) {
      case 'callback-lost':
        return;
      case 'callback-out-of-order':
        return this.#hold(fault.holdMs, () => void this.#send(target, entry));
      case 'callback-duplicated': {
        const id = newId();
        for (let copy = 0; copy < fault.copies; copy += 1)
          await this.#send(target, entry, fault.ids === 'same' ? id : newId());
        break;
      }
      case 'callback-early':
      case undefined:
        await this.#send(target, entry);
        break;
    }
    for (const release of this.#held) release();
  }

  /** Gives up what is under way; nothing is sent after it. */
  close(): void {
    this.#isClosed = true;
    for (const request of this.#underway) request.destroy();
  }

  #hold(ms: number, send: () => void): void {
    const release = (): void => {
      if (this.#held.delete(release)) send();
    };
    this.#held.add(release);
    this.#timers.after(ms, release);
  }

  #send(
    { url, secret }: NonNullable<FaultPlan['callback']>,
    entry: OperationEntry,
    id = newId(),
  ): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.counts.sent += 1;
    const body = JSON.stringify({
      key: entry.key,
      remoteId: entry.id,
      status: entry.code === undefined ? 'completed' : 'refused',
      points: formatUnits(entry.movedUnits),
      code: entry.code,
    });
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign(secret, id, timestamp, body),
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(url, { method: 'POST', headers, agent: false, timeout: ANSWER_MS_MAX }, (answer) => {
      const { statusCode = 0 } = answer.resume();
      if (statusCode >= 200 && statusCode < 300) this.counts.taken += 1;
    });
    this.#underway.add(request);
    request
      .on('timeout', () => request.destroy())
      .on('error', () => {})
      .on('close', () => {
        this.#underway.delete(request);
        resolve();
      })
      .end(body);
    return promise;
  }
}

/** Standard Webhooks 1.0: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. */
function sign(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function newId(): string {
  return `msg_${randomUUID()}`;
}
