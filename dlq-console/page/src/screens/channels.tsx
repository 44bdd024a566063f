/** Channels and the portal: how they fare, and the switches that hold for all processes. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Schemas } from '../api.ts';
import { SwitchForm, type Switch } from '../channel-forms.tsx';
import { useRefetchInterval } from '../live.tsx';
import { Mark, StateMark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Channel = Schemas['Channel'];
type Threshold = Schemas['CompensationThresholds']['thresholds'][number];

export function Channels() {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const [search] = useSearchParams();
  const refetchInterval = useRefetchInterval();
  const [asking, setAsking] = useState<Switch | undefined>(undefined);
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: () => answered(api.GET('/ops/v1/channels')),
    refetchInterval,
  });
  const thresholds = useQuery({
    queryKey: ['thresholds'],
    queryFn: () => answered(api.GET('/ops/v1/compensation-thresholds')),
    refetchInterval,
  });
  const mayManage = permissions.includes('channels.manage');
  const thresholdOf = (id: string): Threshold | undefined =>
    thresholds.data?.thresholds.find(({ channel }) => channel === id);
  const chosen = search.get('channel');
  return (
    <Screen title={t('place.channels')}>
      <p className="quiet">{t('channel.intro')}</p>
      {mayManage ? null : <Alert type="info" showIcon title={t('channel.adminsOnly')} />}
      <Loaded of={thresholds}>{() => null}</Loaded>
      <Loaded of={channels}>
        {({ channels: found, isWaitingPartial }) => (
          <>
            {isWaitingPartial ? <Alert type="warning" showIcon title={t('channel.partial')} /> : null}
            <WideTable<Channel>
              rowKey="id"
              dataSource={found.filter(({ id }) => chosen === null || id === chosen)}
              pagination={false}
              size="middle"
              columns={[
                {
                  title: t('column.channel'),
                  rowScope: 'row',
                  render: (_, { id }) => (id === 'portal' ? t('channel.portal') : id),
                },
                { title: t('column.state'), render: (_, channel) => <Standing channel={channel} /> },
                {
                  title: t('column.waiting'),
                  align: 'right',
                  render: (_, { waiting }) => pointsInWords(String(waiting)),
                },
                {
                  title: t('channel.rate'),
                  align: 'right',
                  render: (_, { limits, fileLimits }) => (
                    <Bound now={limits.ratePerSecond} file={fileLimits.ratePerSecond} />
                  ),
                },
                {
                  title: t('channel.concurrency'),
                  align: 'right',
                  render: (_, { id, limits, fileLimits }) =>
                    id === 'portal' ? (
                      '–'
                    ) : (
                      <Bound now={limits.concurrencyMax} file={fileLimits.concurrencyMax} />
                    ),
                },
                {
                  title: t('channel.threshold'),
                  align: 'right',
                  render: (_, { id }) => (
                    <Alone id={id} threshold={thresholdOf(id)} isKnown={thresholds.isSuccess} />
                  ),
                },
                {
                  title: t('column.acts'),
                  render: (_, channel) => (
                    <Space>
                      <Button
                        disabled={!mayManage}
                        title={mayManage ? undefined : t('channel.adminsOnly')}
                        onClick={() =>
                          setAsking({ act: channel.paused === null ? 'pause' : 'resume', channel })
                        }
                      >
                        {t(channel.paused === null ? 'channel.pause' : 'channel.resume')}
                      </Button>
                      <Button
                        disabled={!mayManage}
                        title={mayManage ? undefined : t('channel.adminsOnly')}
                        onClick={() => setAsking({ act: 'limit', channel })}
                      >
                        {t('channel.limit')}
                      </Button>
                      {channel.id === 'portal' ? null : (
                        <Button
                          disabled={!mayManage || !thresholds.isSuccess}
                          title={mayManage ? undefined : t('channel.adminsOnly')}
                          onClick={() =>
                            setAsking({
                              act: 'threshold',
                              channel,
                              pointsMax: thresholdOf(channel.id)?.pointsMax,
                            })
                          }
                        >
                          {t('channel.setThreshold')}
                        </Button>
                      )}
                    </Space>
                  ),
                },
              ]}
            />
            {chosen === null ? null : <Link to="/channels">{t('channel.all')}</Link>}
          </>
        )}
      </Loaded>
      {asking === undefined ? null : <SwitchForm wish={asking} close={() => setAsking(undefined)} />}
    </Screen>
  );
}

/** The breaker, since when and why, and what people did. */
function Standing({ channel: { breaker, paused, limited } }: { readonly channel: Channel }) {
  const { t } = useTranslation();
  return (
    <Space orientation="vertical" size={2}>
      <Space wrap>
        <StateMark of="breaker" state={breaker.state} />
        {paused === null ? null : <Mark tone="wait">{t('channel.paused')}</Mark>}
      </Space>
      {breaker.state === 'closed' || breaker.since === null ? null : (
        <small className="quiet">
          {t('channel.since', { at: timeInWords(breaker.since) })} <Outside text={breaker.cause} />
          {breaker.until === null ? null : ` ${t('channel.until', { at: timeInWords(breaker.until) })}`}
        </small>
      )}
      {(
        [
          ['channel.pausedBy', paused],
          ['channel.limitedBy', limited],
        ] as const
      ).map(([words, deed]) =>
        deed === null ? null : (
          <small key={words} className="quiet">
            {t(words, { by: deed.by, at: timeInWords(deed.at) })} <Outside text={deed.note} />
          </small>
        ),
      )}
    </Space>
  );
}

/** What holds now, and beside it what the file allows where that is more. */
function Bound({ now, file }: { readonly now: number | null; readonly file: number | null }) {
  const { t } = useTranslation();
  const inWords = (bound: number | null): string => (bound === null ? t('channel.unbounded') : String(bound));
  return (
    <>
      {inWords(now)}
      {now === file ? null : (
        <>
          <br />
          <small className="quiet">{t('channel.ofFile', { bound: inWords(file) })}</small>
        </>
      )}
    </>
  );
}

interface AloneProperties {
  readonly id: string;
  readonly threshold: Threshold | undefined;
  readonly isKnown: boolean;
}

function Alone({ id, threshold, isKnown }: AloneProperties) {
  const { t } = useTranslation();
  if (id === 'portal') return '–';
  if (!isKnown) return '…';
  if (threshold === undefined) return t('channel.alwaysTwo');
  const { pointsMax, setBy, setAt } = threshold;
  return (
    <>
      <span>{pointsInWords(pointsMax)}</span>
      <br />
      <small className="quiet">{t('channel.setBy', { by: setBy, at: timeInWords(setAt) })}</small>
    </>
  );
}
