/** Looking any order up: what was asked for, where each leg stands, and everything that happened. */
import { MASK } from '@points-hub/adapters';
import type { CancelReason } from '../core/order.ts';
import { HubError } from '../errors.ts';
import { deductionState } from '../mall-api/order-answer.ts';
import { readOrderTimeline, type TimelineEntry } from '../store/case-timeline.ts';
import type { CaseSummary } from '../store/cases.ts';
import type { Database } from '../store/database.ts';
import { findOrders, listCasesOfOrder, readOrderSummary, type OrderSummary } from '../store/order-desk.ts';
import { readOrderView, type DeductionView, type LegView } from '../store/order-view.ts';
import { demand, type Caller } from './caller.ts';

export interface OrderPart extends Pick<DeductionView, 'channel' | 'goal' | 'attempts'> {
  /** Asked for. A canonical decimal text. */
  readonly points: string;
  /** Both legs and the goal in one word. */
  readonly state: ReturnType<typeof deductionState>;
  readonly legs: { readonly points: LegView; readonly quota: LegView };
}

export interface OrderOnDesk extends OrderSummary {
  /** Masked; null where nobody knows whose it would have been. */
  readonly user: string | null;
  readonly reason: CancelReason | null;
  readonly deadlineAt: Date;
  readonly deductions: readonly OrderPart[];
  readonly refunds: readonly {
    readonly refundId: string;
    readonly requestedAt: string;
    readonly lines: readonly OrderPart[];
  }[];
  /** The newest, at most `casesMax`. */
  readonly cases: readonly CaseSummary[];
}

/** Each is refused with HUB_FORBIDDEN or HUB_SCOPE_TOO_SMALL to whoever may not. */
export interface OrderDesk {
  /** The orders that malls know by this id; one at most where the mall is named. */
  find(caller: Caller, orderId: string, mallId: string | undefined): Promise<readonly OrderSummary[]>;
  /** @throws HubError HUB_ORDER_UNKNOWN */
  read(caller: Caller, id: string): Promise<OrderOnDesk>;
  /** What happened, oldest first. @throws HubError HUB_ORDER_UNKNOWN */
  timeline(caller: Caller, id: string): Promise<readonly TimelineEntry[]>;
}

const foundMax = 100;
const casesMax = 100;

export function openOrderDesk(database: Database): OrderDesk {
  return {
    find: async (caller, orderId, mallId) => {
      demand(caller, 'cases.read');
      return findOrders(database, orderId, mallId, foundMax);
    },
    read: async (caller, id) => {
      demand(caller, 'cases.read');
      const summary = await readOrderSummary(database, id);
      if (summary === undefined) throw unknown(id);
      const [view, cases] = await Promise.all([
        readOrderView(database, summary.mallId, summary.orderId),
        listCasesOfOrder(database, summary, casesMax),
      ]);
      if (view === undefined) throw unknown(id);
      return {
        ...summary,
        // The summary was read a moment before; what is shown together is of one moment.
        status: view.status,
        endedAt: view.endedAt ?? null,
        user: view.userId === undefined ? null : MASK,
        reason: view.reason ?? null,
        deadlineAt: view.deadlineAt,
        deductions: view.deductions.map(partOf),
        refunds: view.refunds.map(({ lines, ...refund }) => ({ ...refund, lines: lines.map(partOf) })),
        cases,
      };
    },
    timeline: async (caller, id) => {
      demand(caller, 'cases.read');
      const entries = await readOrderTimeline(database, id);
      if (entries.length === 0) throw unknown(id);
      return entries;
    },
  };
}

function partOf(view: DeductionView): OrderPart {
  const { channel, goal, attempts, asked, points, quota } = view;
  return { channel, goal, attempts, points: asked, state: deductionState(view), legs: { points, quota } };
}

function unknown(id: string): HubError {
  return new HubError('HUB_ORDER_UNKNOWN', `there is no order ${id}`);
}
