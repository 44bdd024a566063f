/** Where a diagram's boxes stand and how its ways go between them, in px. */
import type { Diagram } from './diagrams.ts';

export const box = { width: 144, height: 34, across: 188, down: 58, edge: 4 };

interface Place {
  readonly column: number;
  readonly row: number;
}

/** The upper left corner of a box. */
export function cornerOf({ column, row }: Place): readonly [x: number, y: number] {
  return [box.edge + column * box.across, box.edge + row * box.down];
}

/** A straight line from the side of one box that faces the other one. */
export function wayOf(
  { nodes }: Diagram,
  from: string,
  to: string,
): readonly [x1: number, y1: number, x2: number, y2: number] {
  const [one, other] = [from, to].map((id) => nodes.find((node) => node.id === id));
  if (one === undefined || other === undefined) throw new Error(`no way from ${from} to ${to}`);
  const [[x1, y1], [x2, y2]] = [middleOf(one), middleOf(other)];
  if (Math.abs(one.row - other.row) < 1) {
    const side = (Math.sign(x2 - x1) * box.width) / 2;
    return [x1 + side, y1, x2 - side, y2];
  }
  const side = (Math.sign(y2 - y1) * box.height) / 2;
  // Beside the middle, so that ways there and back are two lines.
  if (one.column === other.column) {
    const aside = Math.sign(y2 - y1) * 8;
    return [x1 + aside, y1 + side, x2 + aside, y2 - side];
  }
  const aside = Math.sign(x2 - x1) * 24;
  return [x1 + aside, y1 + side, x2 - aside, y2 - side];
}

function middleOf(place: Place): readonly [x: number, y: number] {
  const [x, y] = cornerOf(place);
  return [x + box.width / 2, y + box.height / 2];
}
