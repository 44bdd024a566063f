/** Real people's browsers at the console: a Chromium, and what must hold on every page that it shows. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ensureChromiumInstalled } from '../../dev/chromium.ts';

/** Builds the page if it is not of these sources, and starts a Chromium. */
export async function openBrowser(): Promise<Browser> {
  execFileSync(process.execPath, [join(import.meta.dirname, '../page/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
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
  close(): Promise<void>;
}

const waitMs = 15_000;

/** A browser of its own, with cookies of its own. */
export async function openVisitor(browser: Browser, consoleUrl: string, locale = 'en'): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: consoleUrl,
    locale,
    reducedMotion: 'reduce',
    viewport: { width: 1366, height: 768 },
  });
  context.setDefaultTimeout(waitMs);
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
    close: () => context.close(),
  };
}
