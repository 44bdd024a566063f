/** Everything that happened, the newest first: order, messages, calls, people's operations and notes in one line. */
import { Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { pointsInWords } from './amounts.ts';
import type { Schemas } from './api.ts';
import { Attempt } from './attempt.tsx';
import { Mark, type Tone } from './marks.tsx';
import { Outside, Raw } from './outside.tsx';
import { Nothing } from './screen.tsx';
import { errorInWords, termOf } from './terms.ts';
import { timeInWords } from './words/index.ts';

type Entry = Schemas['Timeline']['timeline'][number];

export function Timeline({ entries }: { readonly entries: readonly Entry[] }) {
  const { t } = useTranslation();
  if (entries.length === 0) return <Nothing />;
  return (
    <ol className="timeline">
      {entries.toReversed().map((entry, index) => (
        // An entry has no id of its own; counted from the oldest, it keeps its place when newer ones come.
        <li key={`${entry.at} ${entry.type} ${entry.event} ${entries.length - index}`}>
          <Space wrap>
            <time dateTime={entry.at}>{timeInWords(entry.at)}</time>
            <Mark tone={toneOf(entry.type)}>{t(`entry.${entry.type}`)}</Mark>
            <strong>
              <Outside text={termOf(entry.event, t)} />
            </strong>
            {entry.by === null ? null : <Outside text={entry.by} />}
          </Space>
          <Details entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function toneOf(type: string): Tone {
  switch (type) {
    case 'attempt':
      return 'busy';
    case 'operation':
    case 'note':
      return 'good';
    case 'replay':
    case 'compensation':
      return 'wait';
    default:
      return 'calm';
  }
}

function Details({ entry: { type, details } }: { readonly entry: Entry }) {
  const { t } = useTranslation();
  if (type === 'attempt') return <Attempt details={details} />;
  const { reason, replayId, compensationId, operationId: _operationId, ...rest } = details;
  // What a channel sent is read whole, or not at all.
  const told = Object.entries(rest).filter(([name, value]) => name !== 'evidence' && isTold(value));
  return (
    <>
      {typeof reason === 'string' ? (
        <p className="said">
          <Outside text={type === 'order' || type === 'callback' ? termOf(reason, t) : reason} />
        </p>
      ) : null}
      {typeof replayId === 'string' ? (
        <Link to={`/replays/${replayId}`}>{t('replay.title', { id: replayId })}</Link>
      ) : null}
      {typeof compensationId === 'string' ? (
        <Link to={`/compensations/${compensationId}`}>{t('compensationTitle', { id: compensationId })}</Link>
      ) : null}
      {told.length === 0 ? null : (
        <details>
          <summary>
            <Outside text={told.map(([name, value]) => inShort(name, value, t)).join(' · ')} />
          </summary>
          <Raw value={rest} label={t('entryDetails')} />
        </details>
      )}
    </>
  );
}

function isTold(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const shortMax = 80;
const times = new Set(['finishedAt', 'beganAt', 'endedAt', 'takenInAt']);

type Translate = (key: string, options: { readonly defaultValue: string }) => string;

function inShort(name: string, value: unknown, t: Translate): string {
  const told = toldOf(name, typeof value === 'string' ? value : JSON.stringify(value), t);
  const short = told.length > shortMax ? `${told.slice(0, shortMax)}…` : told;
  return `${t(`detail.${name}`, { defaultValue: name })}: ${short}`;
}

function toldOf(name: string, plain: string, t: Translate): string {
  if (times.has(name)) return timeInWords(plain);
  if (name === 'error') return errorInWords(plain, '', t);
  if (name === 'points') return pointsInWords(plain);
  if (name === 'isVerified') return t(plain === 'true' ? 'verified' : 'notVerified', { defaultValue: plain });
  return termOf(plain, t);
}
