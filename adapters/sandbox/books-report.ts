import type { Books } from './books.ts';
import type { CallCounts } from './call-counts.ts';
import type { OperationEntry } from './entries.ts';
import { formatUnits } from './units.ts';

/** What `GET /books` prints. All points are decimal strings. */
export function reportBooks(books: Books, calls: CallCounts) {
  return {
    channels: Object.fromEntries(
      [...books.channels].map(([id, channel]) => [
        id,
        {
          deducted: formatUnits(channel.deductedUnits),
          refunded: formatUnits(channel.refundedUnits),
          net: formatUnits(channel.deductedUnits - channel.refundedUnits),
          calls: calls.of(id),
          members: Object.fromEntries(
            [...channel.members].map(([name, member]) => [
              name,
              {
                balance: formatUnits(member.balanceUnits),
                credited: formatUnits(member.creditedUnits),
                deducted: formatUnits(member.deductedUnits),
                refunded: formatUnits(member.refundedUnits),
                held: formatUnits(channel.holds.heldUnits(name, books.nowMs())),
                blocked: member.blocked,
              },
            ]),
          ),
        },
      ]),
    ),
    portal: {
      calls: calls.of('portal'),
      quotas: Object.fromEntries(
        [...books.portal.quotas].map(([id, quota]) => [
          id,
          {
            granted: formatUnits(quota.grantedUnits),
            used: formatUnits(quota.usedUnits),
            remaining: formatUnits(quota.grantedUnits - quota.usedUnits),
            deducted: formatUnits(quota.deductedUnits),
            returned: formatUnits(quota.returnedUnits),
          },
        ]),
      ),
    },
  };
}

/** The answer of `GET /books`. */
export type BooksReport = ReturnType<typeof reportBooks>;

/** One line of `GET /books/entries`: an operation that moved something. */
export interface BooksEntry {
  readonly channel: string;
  readonly kind: OperationEntry['kind'];
  readonly key: string;
  readonly originalKey: string | null;
  readonly orderId: string;
  /** Null for quota. */
  readonly member: string | null;
  /** What moved, above zero. */
  readonly points: string;
  readonly at: string;
}

/** Lines of `GET /books/entries`, some hundred at a time, as they are at the moment of each. */
export function* writeEffects(effects: readonly OperationEntry[]): Generator<string> {
  const linesMax = 500;
  // Only what there is at the start: the sandbox may be taking effects faster than this can be read.
  const end = effects.length;
  for (let start = 0; start < end; start += linesMax) {
    const lines = effects.slice(start, Math.min(end, start + linesMax)).map(writeEffect);
    yield lines.join('');
  }
}

function writeEffect(entry: OperationEntry): string {
  const line: BooksEntry = {
    channel: entry.channel,
    kind: entry.kind,
    key: entry.key,
    originalKey: entry.originalKey ?? null,
    orderId: entry.orderId,
    member: entry.member ?? null,
    points: formatUnits(entry.movedUnits),
    at: new Date(entry.atMs).toISOString(),
  };
  return `${JSON.stringify(line)}\n`;
}
