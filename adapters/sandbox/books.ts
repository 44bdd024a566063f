import { ChannelBooks } from './channel-books.ts';
import type { Entry, OperationEntry, OperationRequest } from './entries.ts';
import type { Journal } from './journal.ts';
import type { Terms, Verdict } from './keyed-operations.ts';
import type { Nature } from './natures.ts';
import { PortalBooks } from './portal-books.ts';

const ORDINARY: Terms = {};

/** All books of one sandbox. Entries are the only way to change them, whether they are new or replayed. */
export class Books {
  readonly channels: ReadonlyMap<string, ChannelBooks>;
  readonly portal = new PortalBooks();
  /** Every operation that moved something, in the order of its effect. */
  readonly effects: OperationEntry[] = [];
  #lastAtMs = 0;

  constructor(
    channels: readonly string[],
    openingUnits: bigint,
    natures: ReadonlyMap<string, Nature> = new Map(),
  ) {
    this.channels = new Map(
      channels.map((id) => [id, new ChannelBooks(id, openingUnits, natures.get(id)?.keys !== 'ignored')]),
    );
  }

  /** Adds an entry up; for new ones call `record`. */
  apply(entry: Entry): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, entry.atMs);
    switch (entry.type) {
      case 'member':
        return this.#channel(entry.channel).applyMember(entry);
      case 'quota':
        return this.portal.applyQuota(entry);
      case 'operation': {
        if (entry.movedUnits !== 0n) this.effects.push(entry);
        return entry.member === undefined
          ? this.portal.apply(entry)
          : this.#channel(entry.channel).apply(entry);
      }
    }
  }

  /** Writes entries down, then adds them up: in this order, so that what was answered is always in the journal. */
  record(journal: Journal, entries: readonly Entry[]): void {
    journal.append(entries);
    for (const entry of entries) this.apply(entry);
  }

  /** The only way to an effect: decides, and records what is new. Synchronous, so no two requests interleave. */
  perform(journal: Journal, request: OperationRequest, terms: Terms = ORDINARY): Verdict {
    const verdict = this.judge(request, terms);
    if (verdict.type !== 'new') return verdict;
    const { entry } = verdict;
    const appearance =
      entry.member === undefined || entry.movedUnits === 0n
        ? undefined
        : this.#channel(entry.channel).appearance(entry.member, entry.atMs);
    this.record(journal, appearance === undefined ? [entry] : [appearance, entry]);
    return verdict;
  }

  /** Whether the request's key has been met. */
  knows({ channel, member, key }: OperationRequest): boolean {
    if (member === undefined) return this.portal.operations.get(key) !== undefined;
    const book = this.#channel(channel);
    return book.keepsKeys && book.operations.get(key) !== undefined;
  }

  /** What `perform` would answer now. */
  judge(request: OperationRequest, terms: Terms = ORDINARY): Verdict {
    const atMs = this.nowMs();
    return request.member === undefined
      ? this.portal.decide(request, atMs, terms)
      : this.#channel(request.channel).decide(request, request.member, atMs, terms);
  }

  /** The time, never before that of an earlier entry: statements are read by it. */
  nowMs(): number {
    return Math.max(this.#lastAtMs, Date.now());
  }

  #channel(id: string): ChannelBooks {
    const channel = this.channels.get(id);
    if (channel === undefined)
      throw new Error(`channel ${id} is in the journal but not among this sandbox's channels`);
    return channel;
  }
}
