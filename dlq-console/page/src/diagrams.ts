/** What an order and a leg can be, and what follows what by itself. docs/state-machine.md has the whole of it. */

export interface Diagram {
  readonly nodes: readonly { readonly id: string; readonly column: number; readonly row: number }[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

export const orderDiagram: Diagram = {
  nodes: [
    { id: 'settling', column: 0, row: 0 },
    { id: 'settled', column: 1, row: 0 },
    { id: 'compensating', column: 0, row: 1 },
    { id: 'cancelled', column: 1, row: 1 },
  ],
  edges: [
    ['settling', 'settled'],
    ['settling', 'compensating'],
    ['compensating', 'cancelled'],
  ],
};

export const legDiagram: Diagram = {
  nodes: [
    { id: 'void', column: 0, row: 0 },
    { id: 'idle', column: 0, row: 1 },
    { id: 'pending', column: 1, row: 0 },
    { id: 'sent', column: 1, row: 1 },
    { id: 'in_doubt', column: 1, row: 2 },
    { id: 'refused', column: 2, row: 0 },
    { id: 'applied', column: 2, row: 1 },
    { id: 'undo_pending', column: 3, row: 0 },
    { id: 'undo_sent', column: 3, row: 1 },
    { id: 'undo_in_doubt', column: 3, row: 2 },
    { id: 'undone', column: 4, row: 1 },
    { id: 'undo_refused', column: 4, row: 0 },
  ],
  edges: [
    ['idle', 'sent'],
    ['idle', 'void'],
    ['sent', 'applied'],
    ['sent', 'refused'],
    ['sent', 'pending'],
    ['sent', 'in_doubt'],
    ['pending', 'applied'],
    ['pending', 'refused'],
    ['in_doubt', 'applied'],
    ['in_doubt', 'sent'],
    ['applied', 'undo_sent'],
    ['undo_sent', 'undone'],
    ['undo_sent', 'undo_refused'],
    ['undo_sent', 'undo_pending'],
    ['undo_sent', 'undo_in_doubt'],
    ['undo_pending', 'undone'],
    ['undo_pending', 'undo_refused'],
    ['undo_in_doubt', 'undone'],
    ['undo_in_doubt', 'undo_sent'],
  ],
};

export function nextOf({ edges }: Diagram, at: string): readonly string[] {
  return edges.filter(([from]) => from === at).map(([, to]) => to);
}
