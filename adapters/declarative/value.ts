/** What is read from an answer: a path and what is done to what it leads to, `$.event.points|negated`. */
import { Decimal } from 'decimal.js';

import { readRemoteId } from '../classification.ts';
import { JsonNumber, scalarText, type JsonValue } from '../lossless-json.ts';
import { readPoints } from '../points-text.ts';
import { ExpressionError, TokenReader } from './expression-tokens.ts';
import { instantFormats, readInstant, type InstantFormat } from '../instants.ts';
import { readPath, valueAt, type AnswerView, type Path } from './path.ts';

const pointsFilters = ['negated', 'absolute', 'minor'] as const;
type PointsFilter = (typeof pointsFilters)[number];

export interface PointsValue {
  readonly path: Path;
  readonly filters: readonly PointsFilter[];
}
export interface InstantValue {
  readonly path: Path;
  readonly format: InstantFormat;
}

/** @throws ExpressionError */
export function parsePath(text: string): Path {
  const reader = new TokenReader(text);
  const path = readPath(reader);
  reader.end();
  return path;
}

/** @throws ExpressionError */
export function parsePointsValue(text: string): PointsValue {
  const reader = new TokenReader(text);
  const path = readPath(reader);
  return { path, filters: readFilters(reader, pointsFilters) };
}

/** @throws ExpressionError */
export function parseInstantValue(text: string): InstantValue {
  const reader = new TokenReader(text);
  const path = readPath(reader);
  const [format = 'iso', ...more] = readFilters(reader, instantFormats);
  if (more.length > 0) throw new ExpressionError('an instant has one format', 0);
  return { path, format };
}

function readFilters<Name extends string>(reader: TokenReader, names: readonly Name[]): Name[] {
  const read: Name[] = [];
  while (reader.takeIf('symbol', '|')) {
    const token = reader.take('a filter');
    const name = names.find((one) => one === token.text);
    if (name === undefined)
      throw new ExpressionError(`no filter ${token.text}; there are ${names.join(', ')}`, token.at);
    if (read.length >= names.length) throw new ExpressionError('too many filters', token.at);
    read.push(name);
  }
  reader.end();
  return read;
}

/** A JSON number counts by its digits, an exponent included: who wrote 1E+1 means 10. */
const NUMBER = /^-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/;

/** Points above or at zero of at most four places, exactly as they were written; undefined for anything else. */
export function pointsIn(
  { path, filters }: PointsValue,
  view: AnswerView,
  scale: number,
): Decimal | undefined {
  const text = scalarText(valueAt(path, view));
  if (text === undefined || !NUMBER.test(text)) return undefined;
  let points = new Decimal(text);
  for (const filter of filters) {
    switch (filter) {
      case 'negated':
        points = points.negated();
        break;
      case 'absolute':
        points = points.abs();
        break;
      case 'minor':
        points = shifted(points, scale);
        break;
    }
  }
  // Without a minus before zero, which negating leaves.
  return readPoints(points.isZero() ? '0' : points.toFixed());
}

/** From minor units, without the rounding that a division may do. */
function shifted(points: Decimal, scale: number): Decimal {
  return new Decimal(`${points.toFixed()}e-${scale}`);
}

export function instantIn({ path, format }: InstantValue, view: AnswerView, zone: string): Date | undefined {
  const text = scalarText(valueAt(path, view));
  return text === undefined ? undefined : readInstant(text, format, zone);
}

/** The remote's id as it can be stored; a number is its digits. */
export function remoteIdIn(path: Path | undefined, view: AnswerView): string | undefined {
  return path === undefined ? undefined : readRemoteId(scalarText(valueAt(path, view)));
}

/** A list; undefined for anything else. */
export function listIn(path: Path, view: AnswerView): readonly JsonValue[] | undefined {
  const value = valueAt(path, view);
  return Array.isArray(value) && !(value instanceof JsonNumber) ? (value as readonly JsonValue[]) : undefined;
}
