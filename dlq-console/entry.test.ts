import { expect, test } from '@jest/globals';
import { demandOwnPage } from './entry.ts';

const url = 'https://ops.example.com';

test.each([
  ['a browser on the page', url, { 'sec-fetch-site': 'same-origin' }, true],
  ['a browser on another site', url, { 'sec-fetch-site': 'cross-site', origin: url }, false],
  ['a browser on another host of the domain', url, { 'sec-fetch-site': 'same-site', origin: url }, false],
  ['an address that somebody typed in', url, { 'sec-fetch-site': 'none' }, false],
  ['an old browser on the page', url, { origin: url, host: 'inside:8081' }, true],
  ['an old browser on another port', url, { origin: `${url}:444` }, false],
  ['an old browser on another scheme', url, { origin: 'http://ops.example.com' }, false],
  ['a host that calls itself so', url, { origin: 'https://evil.example', host: 'evil.example' }, false],
  ['no browser', url, {}, false],
  ['this machine', undefined, { origin: 'http://localhost:8081', host: 'localhost:8081' }, true],
  [
    'this machine on another port',
    undefined,
    { origin: 'http://localhost:80', host: 'localhost:8081' },
    false,
  ],
  ['a name that leads here', undefined, { origin: 'http://evil.example', host: 'evil.example' }, false],
  ['a host that is none', undefined, { origin: 'http://x', host: ':' }, false],
] as const)('%s of a console at %s', (_, consoleUrl, headers, isLetIn) => {
  const enter = () => demandOwnPage(headers, consoleUrl);
  if (isLetIn) expect(enter).not.toThrow();
  else expect(enter).toThrow(expect.objectContaining({ code: 'HUB_CROSS_SITE' }));
});
