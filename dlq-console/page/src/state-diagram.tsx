/** Where something stands among all that it can be: a picture, and the same in words. */
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { box, cornerOf, wayOf } from './diagram-ways.ts';
import { diagramOfLeg, nextOf, orderDiagram, type Diagram } from './diagrams.ts';

export function OrderDiagram({ status }: { readonly status: string }) {
  const { t } = useTranslation();
  return (
    <Drawn of={orderDiagram} at={status} title={t('diagram.order')} nameOf={(id) => t(`orderStatus.${id}`)} />
  );
}

/** @param leg what the leg is called */
export function LegDiagram({ state, leg }: { readonly state: string; readonly leg: string }) {
  const { t } = useTranslation();
  return (
    <Drawn
      of={diagramOfLeg(state)}
      at={state}
      title={t('diagram.leg', { leg })}
      nameOf={(id) => t(`legState.${id}`)}
    />
  );
}

interface Properties {
  readonly of: Diagram;
  readonly at: string;
  readonly title: string;
  readonly nameOf: (id: string) => string;
}

function Drawn({ of: diagram, at, title, nameOf }: Properties) {
  const { t } = useTranslation();
  const id = useId();
  const next = nextOf(diagram, at).map(nameOf);
  const words = [
    t('diagram.here', { state: nameOf(at) }),
    next.length === 0 ? t('diagram.end') : t('diagram.next', { states: next.join(t('diagram.or')) }),
  ].join(' ');
  const columns = Math.max(...diagram.nodes.map(({ column }) => column)) + 1;
  const rows = Math.max(...diagram.nodes.map(({ row }) => row)) + 1;
  const width = (columns - 1) * box.across + box.width + 2 * box.edge;
  const height = (rows - 1) * box.down + box.height + 2 * box.edge;
  return (
    <figure className="diagram">
      <strong id={`${id}-title`}>{title}</strong>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-words`}
      >
        <defs>
          <marker
            id={`${id}-arrow`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0 L8 4 L0 8 z" />
          </marker>
        </defs>
        {diagram.edges.map(([from, to]) => {
          const [x1, y1, x2, y2] = wayOf(diagram, from, to);
          return (
            <path
              key={`${from} ${to}`}
              className="edge"
              d={`M${x1} ${y1} L${x2} ${y2}`}
              markerEnd={`url(#${id}-arrow)`}
            />
          );
        })}
        {diagram.nodes.map((node) => {
          const { id: state } = node;
          const [x, y] = cornerOf(node);
          return (
            <g key={state} className={state === at ? 'node here' : 'node'}>
              <rect x={x} y={y} width={box.width} height={box.height} rx="6" />
              <text
                x={x + box.width / 2}
                y={y + box.height / 2}
                dominantBaseline="central"
                textAnchor="middle"
              >
                {state === at ? `● ${nameOf(state)}` : nameOf(state)}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption id={`${id}-words`}>{words}</figcaption>
    </figure>
  );
}
