/** Real people's browsers at the console: a Chromium, and what must hold on every page that it shows. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ensureChromiumInstalled } from '../../dev/chromium.ts';

/** Builds the page if it is not of these sources, in a process of its own: what builds it is large. */
export function ensurePageBuilt(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../page/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
}

/** A Chromium, and a page for it. */
export function openBrowser(): Promise<Browser> {
  ensurePageBuilt();
  // Root in a container has no sandbox of its own; the pages are ours.
  return chromium.launch({ executablePath: ensureChromiumInstalled(), args: ['--no-sandbox'] });
}

export interface Visitor {
  readonly page: Page;
  /** What the policy of the page kept from running, by directive. */
  readonly violations: readonly string[];
  /** What the page itself threw. */
  readonly failures: readonly string[];
  /** Faults against WCAG 2.2 AA on the page as it stands, each in a line. */
  faults(): Promise<readonly string[]>;
  /** What of the page as it stands cannot be read or reached without scrolling sideways, each in a line. */
  cutOff(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How long a page may take to show what it must: a bound against hanging on a machine that does much else. */
export const patienceMs = 60_000;

/** A browser of its own, with cookies of its own. */
export async function openVisitor(browser: Browser, consoleUrl: string, locale = 'en'): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: consoleUrl,
    locale,
    reducedMotion: 'reduce',
    viewport: { width: 1366, height: 768 },
  });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const violations: string[] = [];
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(error.message));
  await page.exposeFunction('tellViolation', (directive: string) => violations.push(directive));
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    globalThis.tellViolation(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample))`);
  return {
    page,
    violations,
    failures,
    faults: async () => {
      // Not by a script element: the page's policy lets none in, which is what it is for.
      await page.evaluate(axe.source);
      const found = await page.evaluate<axe.AxeResults>(
        `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
      );
      return found.violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
      );
    },
    cutOff: () => page.evaluate<readonly string[]>(cutOff),
    close: () => context.close(),
  };
}

/** What is wide by nature, a table, may scroll inside its own place (WCAG 2.2, 1.4.10). */
const cutOff = `(() => {
  const found = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push('the page is ' + scrollWidth + ' px wide');
  const scrolls = (one) => {
    for (let up = one.parentElement; up !== null; up = up.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  for (const one of document.querySelectorAll('header *, main *, [role=dialog] *')) {
    if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const box = one.getBoundingClientRect();
    // Smaller ones are words for screen readers alone; of a switch's two words one is always out of sight.
    if (one.closest('[role=switch]') !== null || box.width < 2 || box.height < 2) continue;
    const name = () => one.outerHTML.slice(0, 160);
    if ((box.left < -1 || box.right > clientWidth + 1) && !scrolls(one)) found.push('outside: ' + name());
    const { overflowX, overflowY } = getComputedStyle(one);
    const text = one.textContent.trim();
    if (text === '' || one.tagName === 'INPUT') continue;
    if (['hidden', 'clip'].includes(overflowX) && one.scrollWidth > one.clientWidth + 2)
      found.push('cut at its side: ' + name());
    if (['hidden', 'clip'].includes(overflowY) && one.scrollHeight > one.clientHeight + 2)
      found.push('cut at its foot: ' + name());
  }
  return found;
})()`;
