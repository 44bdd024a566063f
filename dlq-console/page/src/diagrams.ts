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

/** Where the channel holds points first; what comes of what was confirmed is as above. */
export const holdDiagram: Diagram = {
  nodes: [
    { id: 'void', column: 0, row: 0 },
    { id: 'idle', column: 0, row: 1 },
    { id: 'pending', column: 1, row: 0 },
    { id: 'sent', column: 1, row: 1 },
    { id: 'in_doubt', column: 1, row: 2 },
    { id: 'refused', column: 2, row: 0 },
    { id: 'held', column: 2, row: 1 },
    { id: 'confirm_pending', column: 3, row: 0 },
    { id: 'confirm_sent', column: 3, row: 1 },
    { id: 'confirm_in_doubt', column: 3, row: 2 },
    { id: 'applied', column: 4, row: 0.5 },
    { id: 'confirm_refused', column: 4, row: 1.5 },
    { id: 'undo_sent', column: 2.5, row: 3.5 },
    { id: 'undone', column: 3.5, row: 3.5 },
  ],
  edges: [
    ['idle', 'sent'],
    ['idle', 'void'],
    ['sent', 'held'],
    ['sent', 'refused'],
    ['sent', 'pending'],
    ['sent', 'in_doubt'],
    ['pending', 'held'],
    ['pending', 'refused'],
    ['in_doubt', 'held'],
    ['in_doubt', 'sent'],
    ['held', 'confirm_sent'],
    ['held', 'undo_sent'],
    ['confirm_sent', 'applied'],
    ['confirm_sent', 'confirm_refused'],
    ['confirm_sent', 'confirm_pending'],
    ['confirm_sent', 'confirm_in_doubt'],
    ['confirm_pending', 'applied'],
    ['confirm_pending', 'confirm_refused'],
    ['confirm_in_doubt', 'applied'],
    ['confirm_in_doubt', 'confirm_refused'],
    ['confirm_in_doubt', 'confirm_sent'],
    ['confirm_refused', 'undo_sent'],
    ['undo_sent', 'undone'],
  ],
};

/** The picture that has this state in it. */
export function diagramOfLeg(state: string): Diagram {
  return legDiagram.nodes.some(({ id }) => id === state) ? legDiagram : holdDiagram;
}

export function nextOf({ edges }: Diagram, at: string): readonly string[] {
  return edges.filter(([from]) => from === at).map(([, to]) => to);
}
