import type { CallShares, Share, ShareWish } from '../turns-port.ts';
import type { Passage } from './memory-rows.ts';
import { statement } from './memory-transaction.ts';

interface ShareRow {
  readonly holder: string;
  readonly granted: number;
  readonly until: number;
}

/** As `store/call-shares.ts`. Among equals those who came first have one more. */
export class MemoryShares {
  readonly #now: () => Date;
  /** By channel, in the order in which they came. */
  readonly #rows = new Map<string, readonly ShareRow[]>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  callShares(pass: Passage): CallShares {
    return {
      renew: (holder, wishes) => statement(pass, () => wishes.map((wish) => this.#renew(holder, wish))),
      leave: (holder) =>
        statement(pass, () => {
          for (const [channel, rows] of this.#rows)
            this.#rows.set(
              channel,
              rows.filter((row) => row.holder !== holder),
            );
        }),
    };
  }

  #renew(holder: string, { channel, limit, oneEach, using, holdMs }: ShareWish): Share {
    const nowMs = this.#now().getTime();
    const rows = (this.#rows.get(channel) ?? []).filter(({ until }) => until > nowMs);
    const place = rows.findIndex((row) => row.holder === holder);
    const rank = place === -1 ? rows.length : place;
    const others = rows.filter((row) => row.holder !== holder);
    const processes = others.length + 1;
    const places = oneEach ? Math.max(limit, processes) : limit;
    const target = Math.floor(places / processes) + (rank < places % processes ? 1 : 0);
    const free = places - others.reduce((sum, { granted }) => sum + granted, 0);
    const granted = Math.max(0, Math.min(free, Math.max(target, using)));
    this.#rows.set(channel, rows.toSpliced(rank, 1, { holder, granted, until: nowMs + holdMs }));
    return { channel, granted, target };
  }
}
