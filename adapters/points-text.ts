import { Decimal } from 'decimal.js';

/** Digits with at most 15 before the point, as `openapi.yaml` of both contracts says; trailing zeros are allowed. */
const POINTS_TEXT = /^\d{1,15}(?:\.\d{1,18})?$/;
/** More places than any channel's scale cannot be stored, so they are not read either. */
const SCALE_MAX = 4;

/** A JSON value as points, or undefined: a JSON number is no points, for who knows what it was before it was parsed. */
export function readPoints(value: unknown): Decimal | undefined {
  if (typeof value !== 'string' || !POINTS_TEXT.test(value)) return undefined;
  const points = new Decimal(value);
  return points.decimalPlaces() <= SCALE_MAX ? points : undefined;
}

/** Points as the wire has them: plain digits, never an exponent. */
export function writePoints(points: Decimal): string {
  return points.toFixed();
}
