/** Filters and columns that the person keeps under a name; the server has them, so they are on every machine of his. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from './api.ts';
import { savedQuery } from './case-query.ts';
import { NameForm } from './name-form.tsx';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly search: URLSearchParams;
  readonly columns: readonly string[];
  readonly show: (search: URLSearchParams, columns: readonly string[]) => void;
}

export function SavedViews({ search, columns, show }: Properties) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isNaming, setNaming] = useState(false);
  const found = useQuery({
    queryKey: ['views'],
    queryFn: () => answered(api.GET('/ops/v1/saved-views')),
    staleTime: 60_000,
  });
  const keep = (views: Schemas['SavedViews']): void => {
    queries.setQueryData(['views'], views);
  };
  const save = useMutation({
    mutationFn: (name: string) => {
      const body = { name, query: savedQuery(search), columns: [...columns] };
      return answered(api.POST('/ops/v1/saved-views', { body }));
    },
    onSuccess: (views) => {
      keep(views);
      setNaming(false);
    },
  });
  const remove = useMutation({
    mutationFn: (name: string) => answered(api.POST('/ops/v1/saved-views/remove', { body: { name } })),
    onSuccess: keep,
  });
  const views = found.data?.views ?? [];
  const current = views.find(
    (view) => view.query === savedQuery(search) && view.columns.join() === columns.join(),
  );
  return (
    <>
      <Select
        aria-label={t('view.saved')}
        placeholder={t('view.saved')}
        className="narrow"
        value={current?.name ?? null}
        notFoundContent={t('view.none')}
        onChange={(name) => {
          const view = views.find((one) => one.name === name);
          if (view !== undefined) show(new URLSearchParams(view.query), view.columns);
        }}
        options={views.map(({ name }) => ({ value: name, label: name }))}
      />
      {current === undefined ? (
        <Button onClick={() => setNaming(true)}>{t('view.save')}</Button>
      ) : (
        <Button loading={remove.isPending} onClick={() => remove.mutate(current.name)}>
          {t('view.remove')}
        </Button>
      )}
      <TroubleNote trouble={found.error ?? remove.error} />
      {isNaming ? (
        <NameForm
          title={t('view.save')}
          label={t('view.name')}
          hint={t('view.hint')}
          isPending={save.isPending}
          trouble={save.error}
          give={(name) => save.mutate(name)}
          close={() => {
            save.reset();
            setNaming(false);
          }}
        />
      ) : null}
    </>
  );
}
