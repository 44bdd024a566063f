import { expect, test } from '@jest/globals';
import { box, cornerOf, wayOf } from './diagram-ways.ts';
import { holdDiagram, legDiagram, orderDiagram } from './diagrams.ts';

/** So many points of a way are looked at; two of them are less than 3 px apart. */
const looks = 200;

test('no way leads through a box', () => {
  const crossed = [orderDiagram, legDiagram, holdDiagram].flatMap((diagram) =>
    diagram.edges.flatMap(([from, to]) => {
      const [x1, y1, x2, y2] = wayOf(diagram, from, to);
      const points = Array.from({ length: looks - 1 }, (_, index) => {
        const part = (index + 1) / looks;
        return [x1 + part * (x2 - x1), y1 + part * (y2 - y1)] as const;
      });
      return diagram.nodes
        .filter((node) => {
          const [left, top] = cornerOf(node);
          return points.some(([x, y]) => x > left && x < left + box.width && y > top && y < top + box.height);
        })
        .map(({ id }) => `${from} to ${to}: ${id}`);
    }),
  );
  expect(crossed).toEqual([]);
});
