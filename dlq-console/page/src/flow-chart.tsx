/** Cases opened against cases ended, drawn, and as a table for who cannot see a drawing. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import Plot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { sumOf, type Span } from './flow.ts';

const heightPx = 180;
const dayMs = 86_400_000;

interface Properties {
  readonly title: string;
  readonly spans: readonly Span[];
}

export function FlowChart({ title, spans }: Properties) {
  const { t, i18n } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const { opened, ended } = sumOf(spans);
  const key = JSON.stringify(spans);
  const theme = document.documentElement.dataset['theme'];
  useEffect(() => {
    const holder = place.current;
    if (holder === null) return undefined;
    const drawn = JSON.parse(key) as readonly Span[];
    const style = getComputedStyle(holder);
    const axis = { stroke: style.color, grid: { stroke: '#8c8c8c40', width: 1 }, ticks: { show: false } };
    const inAxis = timeWriter(drawn, false);
    const plot = new Plot(
      {
        width: holder.clientWidth,
        height: heightPx,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
        axes: [
          { ...axis, space: 64, size: 28, values: (_plot, seconds) => seconds.map(inAxis) },
          { ...axis, incrs: wholeSteps, values: (_plot, counts) => counts.map(String) },
        ],
        series: [
          {},
          { stroke: style.getPropertyValue('--opened'), width: 2, points: { show: false } },
          { stroke: style.getPropertyValue('--ended'), width: 2, dash: [6, 4], points: { show: false } },
        ],
      },
      [
        drawn.map(({ at }) => new Date(at).getTime() / 1_000),
        drawn.map((span) => span.opened),
        drawn.map((span) => span.ended),
      ],
      holder,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: holder.clientWidth, height: heightPx }));
    observer.observe(holder);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [key, theme, i18n.language]);
  const inWords = timeWriter(spans, true);
  return (
    <>
      <p className="legend">
        <span>
          <i aria-hidden="true" />
          {t('flow.opened', { count: opened })}
        </span>
        <span className="ended">
          <i aria-hidden="true" />
          {t('flow.ended', { count: ended })}
        </span>
      </p>
      <div ref={place} className="chart" role="img" aria-label={t('flow.drawn', { title, opened, ended })} />
      <details>
        <summary>{t('asTable')}</summary>
        <div className="tall" tabIndex={0} role="region" aria-label={title}>
          <table className="plain">
            <caption>{title}</caption>
            <thead>
              <tr>
                <th scope="col">{t('flow.from')}</th>
                <th scope="col" className="number">
                  {t('flow.openedColumn')}
                </th>
                <th scope="col" className="number">
                  {t('flow.endedColumn')}
                </th>
              </tr>
            </thead>
            <tbody>
              {spans.toReversed().map((span) => (
                <tr key={span.at}>
                  <th scope="row">{inWords(new Date(span.at).getTime() / 1_000)}</th>
                  <td className="number">{span.opened}</td>
                  <td className="number">{span.ended}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

/** Cases are whole. */
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/** Hours of one day are told apart by their time, others by their date, in the document's language. */
function timeWriter(spans: readonly Span[], withHours: boolean): (seconds: number) => string {
  const lastsMs = new Date(spans.at(-1)?.at ?? 0).getTime() - new Date(spans[0]?.at ?? 0).getTime();
  const hour = { hour: '2-digit', hourCycle: 'h23' } as const;
  const day = { month: 'numeric', day: 'numeric' } as const;
  const style =
    lastsMs < dayMs ? { ...hour, minute: '2-digit' as const } : withHours ? { ...day, ...hour } : day;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, style);
  return (seconds) => format.format(new Date(seconds * 1_000));
}
