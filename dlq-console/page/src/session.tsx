/** Who is here. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { answered, api, keepCsrfToken, onSessionOver, type Me } from './api.ts';
import { Trouble } from './trouble.ts';

export type Visit =
  | { readonly type: 'asking' }
  | { readonly type: 'unreachable'; readonly trouble: Error }
  | { readonly type: 'nobody'; readonly wasSignedIn: boolean }
  | { readonly type: 'somebody'; readonly me: Me };

/** Asks the server who this is; when a session ends, at whatever request, nobody is here any more. */
export function useVisit(): Visit {
  const queries = useQueryClient();
  const [isOver, setOver] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['me'],
    queryFn: async () => {
      const me = await answered(api.GET('/ops/v1/me'));
      keepCsrfToken(me.csrfToken ?? '');
      setOver(false);
      return me;
    },
    retry: false,
    staleTime: Infinity,
  });
  useEffect(
    () =>
      onSessionOver(() => {
        setOver(true);
        // What the last person saw is not for the next one.
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
      }),
    [queries],
  );
  if (isOver) return { type: 'nobody', wasSignedIn: data !== undefined };
  if (data !== undefined) return { type: 'somebody', me: data };
  if (error === null) return { type: 'asking' };
  const isStranger = error instanceof Trouble && error.status === 401;
  return isStranger ? { type: 'nobody', wasSignedIn: false } : { type: 'unreachable', trouble: error };
}

const MeContext = createContext<Me | undefined>(undefined);

export function SignedIn({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

/** The person whose session this is. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new Error('this screen is for people who have signed in');
  return me;
}
