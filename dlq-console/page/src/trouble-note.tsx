/** Why something was not done, and what to do about it. */
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Trouble, wordsFor } from './trouble.ts';

interface Properties {
  readonly trouble: unknown;
  readonly onRetry?: () => void;
  /** Of what a person tried: it stays until he has read it. */
  readonly onClose?: () => void;
}

export function TroubleNote({ trouble, onRetry, onClose }: Properties) {
  const { t } = useTranslation();
  if (trouble === null || trouble === undefined) return null;
  const words = [...wordsFor(trouble)];
  const refusal = trouble instanceof Trouble && trouble.kind === 'refused' ? trouble : undefined;
  return (
    <Alert
      type={refusal?.status === 409 ? 'warning' : 'error'}
      role="alert"
      showIcon
      title={t(words)}
      description={refusal === undefined ? undefined : `${refusal.code}: ${refusal.detail}`}
      closable={onClose === undefined ? false : { onClose, 'aria-label': t('cancel') }}
      action={onRetry === undefined ? undefined : <Button onClick={onRetry}>{t('again')}</Button>}
    />
  );
}
