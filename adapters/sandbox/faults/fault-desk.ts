import type { Books } from '../books.ts';
import type { Journal } from '../journal.ts';
import { peekRequest } from '../requests.ts';
import { operationOf, type Route } from '../routes.ts';
import { Timers } from '../timers.ts';
import { Acceptances } from './acceptances.ts';
import { atItsStage, NO_FAULTS, type CallFaults } from './call-faults.ts';
import { Callbacks } from './callbacks.ts';
import type { FaultPlan, FaultPlans } from './fault-plan.ts';
import { MagicAmounts } from './magic-amounts.ts';
import { RemoteFaults } from './remote-faults.ts';

/** What can go wrong at one channel, and what it has promised to do or tell later. */
interface ChannelFaults {
  readonly faults: RemoteFaults;
  readonly acceptances: Acceptances;
  readonly callbacks: Callbacks;
}

/** What goes wrong in one sandbox. None of it is in the journal: a restart keeps the books, not the faults. */
export class FaultDesk {
  readonly timers = new Timers();
  readonly magic: MagicAmounts | undefined;
  readonly #books: Books;
  readonly #portal: RemoteFaults;
  readonly #channels: ReadonlyMap<string, ChannelFaults>;
  /** Neither a plan nor a magic amount: calls pass without a look at them. */
  #isQuiet = true;

  constructor(
    books: Books,
    journal: Journal,
    { seed, magicAmounts }: { seed: number; magicAmounts: boolean },
  ) {
    this.#books = books;
    this.magic = magicAmounts ? new MagicAmounts() : undefined;
    this.#portal = new RemoteFaults('portal', seed);
    this.#channels = new Map(
      [...books.channels.keys()].map((id) => {
        const callbacks = new Callbacks(this.timers);
        const acceptances = new Acceptances(books, journal, this.timers, callbacks);
        return [id, { faults: new RemoteFaults(`channel ${id}`, seed), acceptances, callbacks }];
      }),
    );
    this.#listen();
  }

  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** Of a channel, or with undefined of the portal. */
  planOf(channel: string | undefined): FaultPlan | undefined {
    return this.#faults(channel).plan;
  }

  /** Sets the faults of a channel, or with undefined those of the portal; an undefined plan ends them. */
  set(channel: string | undefined, plan: FaultPlan | undefined): void {
    this.#faults(channel).set(plan, Date.now());
    this.#listen();
  }

  setAll({ channels, portal }: FaultPlans): void {
    for (const [id, plan] of channels) this.set(id, plan);
    this.set(undefined, portal);
  }

  /** What `GET /admin/.../faults` answers. */
  report(channel: string | undefined) {
    const callbacks = channel === undefined ? undefined : this.#channel(channel).callbacks.counts;
    return { ...this.#faults(channel).report(), callbacks };
  }

  /** What one channel has accepted and not done yet. */
  acceptances(channel: string): Acceptances {
    return this.#channel(channel).acceptances;
  }

  /** What goes wrong with a call; to be asked once for each, in the order in which they arrive. */
  draw(route: Route, body: string): CallFaults {
    const { channel, kind } = route;
    const operation = operationOf(route);
    const faults = this.#faults(channel);
    const magic = this.magic?.ofRequest(operation, channel ?? 'portal', body);
    if (magic !== undefined) return { ...NO_FAULTS, met: faults.met, ...atItsStage(magic) };
    if (faults.plan === undefined) return NO_FAULTS;
    const key = operation === undefined ? undefined : peekRequest(body).key;
    const book = channel === undefined ? this.#books.portal : this.#books.channels.get(channel);
    const isRepeat = key !== undefined && book?.operations.get(key) !== undefined;
    return faults.draw({ kind, isRepeat, atMs: Date.now() });
  }

  /** Ends everything that is to happen later. */
  close(): void {
    this.timers.clear();
    this.stopCallbacks();
  }

  /** No callback goes out any more, and no answer waits for one. */
  stopCallbacks(): void {
    for (const { callbacks } of this.#channels.values()) callbacks.close();
  }

  #listen(): void {
    const all = [this.#portal, ...[...this.#channels.values()].map(({ faults }) => faults)];
    this.#isQuiet = this.magic === undefined && all.every(({ plan }) => plan === undefined);
  }

  #faults(channel: string | undefined): RemoteFaults {
    return channel === undefined ? this.#portal : this.#channel(channel).faults;
  }

  #channel(id: string): ChannelFaults {
    const channel = this.#channels.get(id);
    if (channel === undefined) throw new Error(`no channel ${id}`);
    return channel;
  }
}
