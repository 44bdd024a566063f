import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { diagramOfLeg, holdDiagram, legDiagram, nextOf, orderDiagram, type Diagram } from './diagrams.ts';

const told = readFileSync(join(import.meta.dirname, '../../../docs/state-machine.md'), 'utf8');
const contract = readFileSync(join(import.meta.dirname, 'api-schema.ts'), 'utf8');

function statesIn(field: string): string[] {
  const order = /\n {4}Order: [\s\S]*?\n {4}\};/.exec(contract)?.[0] ?? '';
  const union = new RegExp(`\\b${field}:\\s*((?:\\|?\\s*'\\w+'\\s*)+)`);
  const legs = field === 'state' ? (/legs: [\s\S]*/.exec(order)?.[0] ?? '') : order;
  return [...(union.exec(legs)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
}

const idsOf = ({ nodes }: Diagram): string[] => nodes.map(({ id }) => id).toSorted();

test('the pictures have every state that the contract names, each in a place of its own', () => {
  expect(idsOf(orderDiagram)).toEqual(statesIn('status').toSorted());
  const legStates = new Set([...idsOf(legDiagram), ...idsOf(holdDiagram)]);
  expect([...legStates].toSorted()).toEqual(statesIn('state').toSorted());
  for (const state of legStates) expect(idsOf(diagramOfLeg(state))).toContain(state);
  for (const { nodes } of [orderDiagram, legDiagram, holdDiagram]) {
    expect(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size).toBe(nodes.length);
  }
});

test('every way of a leg is one that docs/state-machine.md tells', () => {
  for (const [from, to] of [...legDiagram.edges, ...holdDiagram.edges])
    expect(told).toContain(`${from} --> ${to}:`);
});

test('what has ended leads nowhere', () => {
  expect(nextOf(orderDiagram, 'settling')).toEqual(['settled', 'compensating']);
  expect(nextOf(orderDiagram, 'settled')).toEqual([]);
  expect(nextOf(legDiagram, 'undone')).toEqual([]);
});
