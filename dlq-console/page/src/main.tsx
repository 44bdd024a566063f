import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { HashRouter } from 'react-router';
import './words/index.ts';
import './page.css';
import './screens.css';
import './live.css';
import { App } from './app.tsx';
import { markStyles } from './nonce.ts';
import { Trouble } from './trouble.ts';

const triesMax = 2;
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only what did not arrive is asked for again.
      retry: (count, error) => count < triesMax && !(error instanceof Trouble && error.kind === 'refused'),
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

markStyles();
const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no place to show anything');
createRoot(root).render(
  <QueryClientProvider client={queries}>
    <HashRouter>
      <App />
    </HashRouter>
  </QueryClientProvider>,
);
