/** States in a word and a tone; the word alone says it all. */
import { useTranslation } from 'react-i18next';

export type Tone = 'calm' | 'good' | 'bad' | 'wait' | 'busy';

export function Mark({ tone, children }: { readonly tone: Tone; readonly children: React.ReactNode }) {
  return <span className={tone === 'calm' ? 'mark' : `mark mark-${tone}`}>{children}</span>;
}

const tones: Readonly<Record<string, Tone>> = {
  'state.open': 'wait',
  'state.resolved': 'good',
  'state.recovered': 'good',
  'replayState.running': 'busy',
  'replayState.paused': 'wait',
  'replayState.cancelling': 'wait',
  'replayState.done': 'good',
  'itemState.under_way': 'busy',
  'itemState.succeeded': 'good',
  'itemState.failed': 'bad',
  'compensationState.requested': 'wait',
  'compensationState.approved': 'good',
  'compensationState.rejected': 'bad',
  'breaker.closed': 'good',
  'breaker.half_open': 'wait',
  'breaker.open': 'bad',
  'auditOutcome.done': 'calm',
  'auditOutcome.refused': 'bad',
};

/** @param of what kind of state, as the words are named */
export function StateMark({ of, state }: { readonly of: string; readonly state: string }) {
  const { t } = useTranslation();
  const key = `${of}.${state}`;
  return <Mark tone={tones[key] ?? 'calm'}>{t(key)}</Mark>;
}
