/** Order, attempts, people and messages in one line of time, the latest first. */
import { Space, Tag, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from './api.ts';
import { Outside, Raw } from './outside.tsx';
import { Nothing } from './screen.tsx';
import { timeInWords } from './words/index.ts';

type Entry = Schemas['Timeline']['timeline'][number];

export function Timeline({ entries }: { readonly entries: readonly Entry[] }) {
  const { t } = useTranslation();
  if (entries.length === 0) return <Nothing />;
  return (
    <ol className="timeline">
      {entries.toReversed().map((entry, index) => (
        // An entry has no id of its own; nothing in it has a state to lose.
        <li key={`${entry.at} ${entry.type} ${entry.event} ${index}`}>
          <Space wrap>
            <time dateTime={entry.at}>{timeInWords(entry.at)}</time>
            <Tag>{t(`entry.${entry.type}`)}</Tag>
            <Typography.Text strong>
              <Outside text={entry.event} />
            </Typography.Text>
            {entry.by === null ? null : <Outside text={entry.by} />}
          </Space>
          <Details entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Details({ entry: { type, details } }: { readonly entry: Entry }) {
  const { t } = useTranslation();
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== undefined);
  if (type === 'attempt') return <Attempt details={details} />;
  if (told.length === 0) return null;
  return (
    <details>
      <summary>
        <Outside text={told.map(([name, value]) => `${name}: ${brief(value)}`).join(' · ')} />
      </summary>
      <Raw value={details} label={t('entryDetails')} />
    </details>
  );
}

/** What was asked and what was answered, side by side. */
function Attempt({ details: { evidence, ...asked } }: { readonly details: Entry['details'] }) {
  const { t } = useTranslation();
  return (
    <details>
      <summary>
        <Outside
          text={`#${brief(asked['number'])} ${brief(asked['leg'])} ${brief(asked['action'])} ${brief(asked['points'])}`}
        />
      </summary>
      <div className="side-by-side">
        <div>
          <Typography.Text strong>{t('asked')}</Typography.Text>
          <Raw value={asked} label={t('asked')} />
        </div>
        <div>
          <Typography.Text strong>{t('answer')}</Typography.Text>
          <Raw value={evidence} label={t('answer')} />
        </div>
      </div>
    </details>
  );
}

const briefMax = 80;

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > briefMax ? `${text.slice(0, briefMax)}…` : text;
}
