/** Whether and how the page looks again by itself: told by the server what changed, else asking now and then. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, openEvents } from './api.ts';
import { isConcerned, readChanges, type Change } from './changes.ts';

/** `away`: no stream; the page asks by itself, and more slowly than it would be told. */
export type LiveState = 'paused' | 'connecting' | 'streaming' | 'away';

/** What no news is about is looked at as often as this all the same. */
const streamingLookMs = 30_000;
const awayLookMs = 10_000;
/** News is gathered for so long, so that a busy hour does not keep the server answering the same list. */
const gatherMs = 2_000;
/** A stream that was refused is asked for again after this. */
const againMs = 15_000;

export const LiveContext = createContext<LiveState>('away');

/** How often what is shown is asked for again, for a query's `refetchInterval`. */
export function useRefetchInterval(): false | ((query: Looking) => number) {
  switch (useContext(LiveContext)) {
    case 'paused':
      return false;
    case 'streaming':
      return streamingLookAfter;
    case 'connecting':
    case 'away':
      return awayLookAfter;
  }
}

/** A query, as far as it matters here. */
interface Looking {
  readonly state: { readonly status: 'pending' | 'error' | 'success' };
}

const awayLookAfter = (): number => awayLookMs;

/** No news tells that what could not be had can be had again. */
const streamingLookAfter = ({ state: { status } }: Looking): number =>
  status === 'error' ? awayLookMs : streamingLookMs;

/** Follows what changes as long as it is wanted and the page is in sight: a browser has few connections to share. */
export function useLive(isWanted: boolean): LiveState {
  const queries = useQueryClient();
  const isInSight = useIsInSight();
  const [state, setState] = useState<Exclude<LiveState, 'paused'>>('connecting');
  useEffect(() => {
    if (!isWanted || !isInSight) return undefined;
    setState('connecting');
    const gathered = gathering((changes) =>
      queries.invalidateQueries({ predicate: ({ queryKey }) => isConcerned(queryKey, changes) }),
    );
    const follower = following({
      onState: setState,
      onChanges: gathered.add,
      onAnything: () => void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' }),
    });
    return () => {
      follower.stop();
      gathered.stop();
    };
  }, [isWanted, isInSight, queries]);
  return isWanted ? state : 'paused';
}

interface Follower {
  readonly onState: (state: 'streaming' | 'away') => void;
  readonly onChanges: (changes: readonly Change[]) => void;
  /** Whatever is shown may be old. */
  readonly onAnything: () => void;
}

function following({ onState, onChanges, onAnything }: Follower): { stop(): void } {
  let source: EventSource | undefined;
  let timer: number | undefined;
  const begin = (): void => {
    // One that knows no place: what changed before it began is nobody's to tell. Where it breaks, the browser comes
    // again by itself with the place that it last saw.
    let isNew = true;
    source = openEvents();
    source.addEventListener('open', () => {
      onState('streaming');
      if (isNew) onAnything();
      isNew = false;
    });
    source.addEventListener('changed', ({ data }: MessageEvent<string>) => onChanges(readChanges(data)));
    source.addEventListener('resync', onAnything);
    source.addEventListener('over', () => {
      source?.close();
      // The answer says that the session is over, to everybody who listens for that.
      answered(api.GET('/ops/v1/me')).catch(() => undefined);
    });
    source.addEventListener('error', () => {
      onState('away');
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(begin, againMs);
    });
  };
  begin();
  return {
    stop: () => {
      window.clearTimeout(timer);
      source?.close();
    },
  };
}

/** Tells the first news at once, and what comes within `gatherMs` after that together. */
function gathering(tell: (changes: readonly Change[]) => unknown): {
  readonly add: (changes: readonly Change[]) => void;
  readonly stop: () => void;
} {
  let waiting: readonly Change[] = [];
  let timer: number | undefined;
  const flush = (): void => {
    timer = undefined;
    if (waiting.length === 0) return;
    const changes = waiting;
    waiting = [];
    tell(changes);
    timer = window.setTimeout(flush, gatherMs);
  };
  return {
    add: (changes) => {
      waiting = [...waiting, ...changes];
      if (timer === undefined) flush();
    },
    stop: () => window.clearTimeout(timer),
  };
}

function useIsInSight(): boolean {
  const [isInSight, setInSight] = useState(!document.hidden);
  useEffect(() => {
    const look = (): void => setInSight(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isInSight;
}

/** The state in words, told to whoever does not see it, too. */
export function LiveSign() {
  const { t } = useTranslation();
  const state = useContext(LiveContext);
  return (
    <span role="status" className={`live-sign live-${state}`}>
      {t(`live.state.${state}`)}
    </span>
  );
}
