/** The filters of the list of cases; the URL holds them. */
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api } from './api.ts';
import { states, textFilters, timeInField, timeOfField, withFilter } from './case-query.ts';
import { useMe } from './session.tsx';
import { termOf } from './terms.ts';

interface Properties {
  readonly search: URLSearchParams;
  readonly setSearch: (search: URLSearchParams) => void;
}

const causes = [
  'doubt',
  'pending_too_long',
  'attempts_used_up',
  'confirm_refused',
  'give_back_refused',
  'cannot_give_back',
  'another_amount',
  'late_truth',
  'crash_loop',
  'remote_away',
  'misconfigured',
  'unreadable_message',
  'unmatched_callback',
] as const;
const operations = [
  'points.deduct',
  'points.confirm',
  'points.give_back',
  'quota.deduct',
  'quota.give_back',
] as const;
const typed = ['claimedBy', 'fingerprint', 'pointsMin', 'pointsMax'] as const;
const times = ['since', 'until'] as const;
/** Asked for seldom, so folded away until they are. */
const rare = ['operation', ...typed, ...times] as const;

export function CaseFilters({ search, setSearch }: Properties) {
  const { t } = useTranslation();
  const { name: own } = useMe();
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: () => answered(api.GET('/ops/v1/channels')),
    staleTime: 60_000,
  });
  const filter = (name: string, value: string): void => setSearch(withFilter(search, name, value));
  const given = textFilters.filter((name) => (search.get(name) ?? '') !== '');
  const ids = (channels.data?.channels ?? []).map(({ id }) => id).filter((id) => id !== 'portal');
  const ofState = search.has('orderId') ? ([...states, 'any'] as const) : states;
  const text = { search, filter };
  return (
    <search aria-label={t('filters')} className="stack">
      <div className="filters">
        <Field label={t('column.state')}>
          <Select
            aria-label={t('column.state')}
            value={ofState.find((one) => one === search.get('state')) ?? 'open'}
            onChange={(state) => filter('state', state)}
            options={ofState.map((one) => ({
              value: one,
              label: one === 'any' ? t('all') : t(`state.${one}`),
            }))}
          />
        </Field>
        <Choice {...text} name="channel" options={ids.map((id) => ({ value: id, label: id }))} />
        <Choice
          {...text}
          name="cause"
          options={causes.map((cause) => ({ value: cause, label: t(`cause.${cause}`) }))}
        />
        <Typed {...text} name="orderId" />
        <div className="acts">
          <Button onClick={() => filter('claimedBy', own)} disabled={search.get('claimedBy') === own}>
            {t('view.mine')}
          </Button>
          <Button
            disabled={given.length === 0}
            onClick={() => {
              const bare = new URLSearchParams();
              const state = search.get('state');
              if (state !== null && state !== 'any') bare.set('state', state);
              setSearch(bare);
            }}
          >
            {t('view.clear')}
          </Button>
        </div>
      </div>
      <details open={rare.some((name) => search.has(name))}>
        <summary>{t('view.more')}</summary>
        <div className="filters">
          <Choice
            {...text}
            name="operation"
            options={operations.map((one) => ({ value: one, label: termOf(one, t) }))}
          />
          {typed.map((name) => (
            <Typed key={name} {...text} name={name} />
          ))}
          {times.map((name) => (
            <Moment key={name} {...text} name={name} />
          ))}
        </div>
      </details>
    </search>
  );
}

interface FilterProperties {
  readonly name: (typeof textFilters)[number];
  readonly search: URLSearchParams;
  readonly filter: (name: string, value: string) => void;
}

interface ChoiceProperties extends FilterProperties {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

function Choice({ name, search, filter, options }: ChoiceProperties) {
  const { t } = useTranslation();
  return (
    <Field label={t(`column.${name}`)}>
      <Select
        aria-label={t(`column.${name}`)}
        allowClear
        placeholder={t('all')}
        value={search.get(name)}
        onChange={(value: string | undefined) => filter(name, value ?? '')}
        options={[...options]}
      />
    </Field>
  );
}

function Typed({ name, search, filter }: FilterProperties) {
  const { t } = useTranslation();
  return (
    <Field label={t(`column.${name}`)}>
      <Input
        // Filled anew when a link brought other filters.
        key={search.get(name) ?? ''}
        {...(name === 'orderId' ? { 'data-search': '' } : {})}
        aria-label={t(`column.${name}`)}
        defaultValue={search.get(name) ?? ''}
        allowClear
        onClear={() => filter(name, '')}
        onPressEnter={({ currentTarget, nativeEvent }) => {
          // Enter that ends the writing of a Chinese word is no order to look.
          if (!nativeEvent.isComposing) filter(name, currentTarget.value);
        }}
        onBlur={({ currentTarget }) => {
          if (currentTarget.value.trim() !== (search.get(name) ?? '')) filter(name, currentTarget.value);
        }}
      />
    </Field>
  );
}

function Moment({ name, search, filter }: FilterProperties) {
  const { t } = useTranslation();
  return (
    <Field label={t(`column.${name}`)}>
      <Input
        key={search.get(name) ?? ''}
        type="datetime-local"
        aria-label={t(`column.${name}`)}
        defaultValue={timeInField(search.get(name))}
        onBlur={({ currentTarget }) => {
          if (currentTarget.value !== timeInField(search.get(name))) {
            filter(name, timeOfField(currentTarget.value));
          }
        }}
      />
    </Field>
  );
}

function Field({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="field">
      <small className="quiet" aria-hidden="true">
        {label}
      </small>
      {children}
    </div>
  );
}
