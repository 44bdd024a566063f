/** Whether the page looks again by itself. */
import { createContext, useContext } from 'react';

const lookEveryMs = 3_000;

export const LiveContext = createContext(true);

/** How often what is shown is asked for again, for a query's `refetchInterval`. */
export function useRefetchInterval(): number | false {
  return useContext(LiveContext) ? lookEveryMs : false;
}
