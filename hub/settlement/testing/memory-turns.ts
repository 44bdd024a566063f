import type { Remote } from '../../core/breaker.ts';
import type { CallLines, MemberLane, MemberLanes } from '../turns-port.ts';
import type { Passage } from './memory-rows.ts';
import type { MemoryTables } from './memory-tables.ts';
import { statement } from './memory-transaction.ts';

/** As `store/call-lines.ts` and `store/member-lanes.ts`. */
export class MemoryTurns {
  readonly #tables: MemoryTables;
  /** Where each line ends, in milliseconds. */
  readonly #lines = new Map<Remote, number>();
  readonly #lanes = new Map<string, MemberLane>();

  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  callLines(pass: Passage): CallLines {
    return {
      claim: (remote, turns, spacingMs) =>
        statement(pass, () => {
          const nowMs = this.#now().getTime();
          const firstAtMs = Math.max(this.#lines.get(remote) ?? nowMs, nowMs);
          this.#lines.set(remote, firstAtMs + turns * spacingMs);
          return firstAtMs - nowMs;
        }),
    };
  }

  memberLanes(pass: Passage): MemberLanes {
    return {
      take: (deductionId, holder, forMs) => statement(pass, () => this.#take(deductionId, holder, forMs)),
      leave: (lane) =>
        statement(pass, () => {
          const name = nameOf(lane);
          if (this.#lanes.get(name)?.holder === lane.holder) this.#lanes.delete(name);
        }),
    };
  }

  #take(deductionId: string, holder: string, forMs: number): MemberLane | undefined {
    const found = this.#tables.find(deductionId);
    if (found === undefined) return undefined;
    const { channel, memberRef } = found.deduction;
    const now = this.#now();
    const name = nameOf({ channel, memberRef });
    const taken = this.#lanes.get(name);
    if (taken !== undefined && taken.until > now && taken.holder !== holder) return undefined;
    const lane = { channel, memberRef, holder, until: new Date(now.getTime() + forMs) };
    this.#lanes.set(name, lane);
    return lane;
  }

  #now(): Date {
    return this.#tables.options.now();
  }
}

function nameOf({ channel, memberRef }: Pick<MemberLane, 'channel' | 'memberRef'>): string {
  return `${channel} ${memberRef}`;
}
