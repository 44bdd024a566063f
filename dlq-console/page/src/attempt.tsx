/** One call to a remote: what was asked and what came back, side by side. */
import { Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { pointsInWords } from './amounts.ts';
import { Outside, Raw } from './outside.tsx';
import { termOf } from './terms.ts';
import { timeInWords } from './words/index.ts';

type Details = Readonly<Record<string, unknown>>;

export function Attempt({ details }: { readonly details: Details }) {
  const { t } = useTranslation();
  const evidence = recordOf(details['evidence']);
  const request = recordOf(evidence['request']);
  const points = textOf(details['points']);
  const asked = [
    ['request', [textOf(request['method']), textOf(request['path'])].join(' ').trim()],
    ['points', points === '' ? '' : pointsInWords(points)],
    ['key', textOf(details['key'])],
  ] as const;
  const finishedAt = textOf(details['finishedAt']);
  const answer = [
    ['httpStatus', textOf(evidence['httpStatus'])],
    ['cause', termOf(textOf(details['cause']), t)],
    ['remoteCode', textOf(evidence['remoteCode'])],
    ['remoteId', textOf(evidence['remoteId'])],
    ['detail', textOf(evidence['detail'])],
    ['elapsedMs', textOf(evidence['elapsedMs'])],
    ['finishedAt', finishedAt === '' ? '' : timeInWords(finishedAt)],
  ] as const;
  const body = evidence['answer'];
  const summary = [
    `#${textOf(details['number'])}`,
    termOf(textOf(details['leg']), t),
    termOf(textOf(details['action']), t),
    points === '' ? '' : pointsInWords(points),
    evidence['httpStatus'] === undefined ? '' : `HTTP ${textOf(evidence['httpStatus'])}`,
  ];
  return (
    <details>
      <summary>
        <Outside text={summary.filter((part) => part !== '').join(' · ')} />
        {details['isStale'] === true ? ` · ${t('attempt.stale')}` : null}
      </summary>
      <div className="side-by-side">
        <section aria-label={t('asked')}>
          <Typography.Text strong>{t('asked')}</Typography.Text>
          <Facts facts={asked} />
        </section>
        <section aria-label={t('answer')}>
          <Typography.Text strong>{t('answer')}</Typography.Text>
          <Facts facts={answer} />
          {body === undefined ? null : <Raw value={body} label={t('attempt.body')} />}
        </section>
      </div>
    </details>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [name: string, text: string])[] }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      {facts
        .filter(([, text]) => text !== '')
        .map(([name, text]) => (
          <div key={name}>
            <dt>{t(`attempt.${name}`)}</dt>
            <dd>
              <Outside text={text} />
            </dd>
          </div>
        ))}
    </dl>
  );
}

function recordOf(value: unknown): Details {
  return typeof value === 'object' && value !== null ? (value as Details) : {};
}

/** Ids and points come as texts; whatever else a remote's answer holds is shown as JSON has it. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
