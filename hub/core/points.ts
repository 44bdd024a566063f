import { Decimal } from 'decimal.js';

/**
 * Points are decimals. They are strings in JSON, `numeric` in Postgres and `Decimal` in between; a JavaScript
 * number never holds them. The precision covers every intermediate sum: 15 digits before the point, 4 after it,
 * and room for 10^10 summands.
 */
export const Points = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN });

/** The most places after the decimal point that any channel may have. */
export const scaleMax = 4;

/** What a channel accepts as points. `max` is inclusive. */
export interface PointsRule {
  readonly scale: number;
  readonly max: Decimal;
}

/** What orders may ask of a channel. */
export interface ChannelRule extends PointsRule {
  /** Whether it gives points back; one that neither does nor holds them may only be an order's one channel. */
  readonly givesBack: boolean;
  /** For how long it can hold points; 0: not at all. */
  readonly holdsForMs: number;
}

export type PointsReading =
  | { readonly type: 'points'; readonly points: Decimal }
  | { readonly type: 'refused'; readonly reason: string };

const shape = /^(\d{1,15})(?:\.(\d+))?$/;

/**
 * Reads points as a mall writes them: plain decimal notation, above zero, at most `rule.scale` places, at most
 * `rule.max`. Trailing zeros beyond the scale count as places: what a mall writes is what it means.
 *
 * @returns the points, or the reason in words fit for the mall's developer.
 */
export function readPoints(text: unknown, rule: PointsRule): PointsReading {
  if (typeof text !== 'string') {
    return refused('must be a string such as "12.50"; a JSON number can lose digits');
  }
  const match = shape.exec(text);
  if (match === null) {
    return refused(
      'must be a plain decimal above zero, such as "12.50", with at most 15 digits before the point',
    );
  }
  const places = match[2]?.length ?? 0;
  if (places > rule.scale) {
    return refused(`has ${places} decimal places; this channel takes at most ${rule.scale}`);
  }
  const points = new Points(text);
  if (points.isZero()) return refused('must be above zero');
  if (points.greaterThan(rule.max))
    return refused(`is above this channel's maximum of ${writePoints(rule.max)}`);
  return { type: 'points', points };
}

/** Canonical text: no exponent, no trailing zeros; equal points have equal texts. */
export function writePoints(points: Decimal): string {
  return points.toFixed();
}

function refused(reason: string): PointsReading {
  return { type: 'refused', reason };
}
