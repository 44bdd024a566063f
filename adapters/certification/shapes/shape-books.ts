import { Decimal } from 'decimal.js';

/** Something that moved points, as a channel's own books have it. */
export interface Effect {
  readonly id: string;
  readonly key: string;
  readonly kind: 'deduction' | 'refund';
  readonly member: string;
  readonly points: Decimal;
  readonly at: Date;
  /** What the channel keeps beside it. */
  readonly extra: Readonly<Record<string, string>>;
}

/** What its books are opened with, where that matters. */
export interface BooksOptions {
  /** The default is above what a JavaScript number holds exactly. */
  readonly firstId?: bigint;
  readonly clock?: () => Date;
}

/** The books of one played channel; they count what happened, never what was answered. */
export class ShapeBooks {
  readonly effects: Effect[] = [];
  readonly scale: number;
  /** What every member has at first sight. */
  readonly opening: Decimal;
  readonly #firstId: bigint;
  readonly #clock: () => Date;
  #slip: Decimal | undefined;

  constructor(scale: number, opening: Decimal, options: BooksOptions = {}) {
    this.scale = scale;
    this.opening = opening;
    this.#firstId = options.firstId ?? 9_007_199_254_740_993n;
    this.#clock = options.clock ?? (() => new Date());
  }

  /** The next effect moves other points than it was asked to. */
  slipOnce(by: Decimal): void {
    this.#slip = by;
  }

  /** Deducted and not given back. */
  moved(member: string): Decimal {
    return this.effects
      .filter((effect) => effect.member === member)
      .reduce(
        (sum, { kind, points }) => (kind === 'deduction' ? sum.plus(points) : sum.minus(points)),
        new Decimal(0),
      );
  }

  balance(member: string): Decimal {
    return this.opening.minus(this.moved(member));
  }

  of(key: string): Effect | undefined {
    return this.effects.find((effect) => effect.key === key);
  }

  /** Undefined, and nothing moves, where the member has too few points. */
  move(effect: Omit<Effect, 'id' | 'at'>): Effect | undefined {
    const points = effect.points.plus(this.#slip ?? 0);
    if (effect.kind === 'deduction' && points.gt(this.balance(effect.member))) return undefined;
    this.#slip = undefined;
    const id = String(this.#firstId + BigInt(this.effects.length));
    const moved = { ...effect, points, id, at: this.#clock() };
    this.effects.push(moved);
    return moved;
  }
}
