/** Cases opened in each of the last 24 hours, drawn, and as a table for who cannot see a drawing. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import Plot from 'uplot';
import 'uplot/dist/uPlot.min.css';

const hours = 24;
const heightPx = 180;

export function InflowChart({ trends }: { readonly trends: readonly (readonly number[])[] }) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const opened = Array.from({ length: hours }, (_, hour) =>
    trends.reduce((sum, trend) => sum + (trend[hour] ?? 0), 0),
  );
  const key = opened.join(' ');
  const label = t('figure.inflow');
  useEffect(() => {
    const holder = place.current;
    if (holder === null) return undefined;
    const values = key.split(' ').map(Number);
    const color = getComputedStyle(holder).color;
    const axis = { stroke: color, grid: { stroke: '#8c8c8c55' } };
    const plot = new Plot(
      {
        width: holder.clientWidth,
        height: heightPx,
        legend: { show: false },
        scales: { x: { time: false } },
        axes: [axis, axis],
        series: [{}, { label, stroke: '#0958d9', fill: '#0958d933' }],
      },
      [values.map((_, hour) => hour - hours + 1), values],
      holder,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: holder.clientWidth, height: heightPx }));
    observer.observe(holder);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [key, label]);
  return (
    <>
      <div ref={place} role="img" aria-label={label} />
      <details>
        <summary>{t('asTable')}</summary>
        <table>
          <caption>{label}</caption>
          <tbody>
            {opened.map((count, hour) => (
              <tr key={hour - hours + 1}>
                <th scope="row">{hour - hours + 1} h</th>
                <td>{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
