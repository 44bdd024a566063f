/** A console under test and the browsers of the people at it. */
import { eventually } from '@points-hub/dev/testing';
import type { Page } from 'playwright-core';
import type { Role } from '../../hub/operations/rights.ts';
import { openBrowser, openVisitor, patienceMs, type Visitor } from './browser.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './console-under-test.ts';
import { invited } from './person.ts';
import type { Twist } from './twisting-line.ts';

/** For a test in browsers, and for what stands around it: bounds against hanging on a machine that does much else. */
export const testMs = 300_000;

/** Where a visitor comes from, and to; the console's own address and English where it is not said. */
export interface Whereabouts {
  readonly locale?: string;
  readonly consoleUrl?: string;
}

export interface Stage {
  readonly ops: ConsoleUnderTest;
  /** Everybody who came. */
  readonly visitors: readonly Visitor[];
  passwordOf(name: string): string;
  /** Somebody whom nobody knows, in a browser of his own that has been nowhere yet. */
  visit(from?: Whereabouts): Promise<Visitor>;
  /** A new person, who sets his password by his one-time link and stands before the overview. */
  welcomed(name: string, roles: readonly Role[], from?: Whereabouts): Promise<Visitor>;
  /** Orders `PREFIX-1` and on, each with a case about points that were never taken while the channel tells nothing. */
  openCases(prefix: string, count: number): Promise<void>;
  /** The id of the case about an order. */
  caseOf(orderId: string): Promise<string>;
  openCount(): Promise<number>;
  close(): Promise<void>;
}

// Answers of which nothing can be read open no breaker: they may come from who knows whom.
const unreadable = { status: 200, body: () => ({}) };
const never: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

/** @param where whether the console runs in this process or in one of its own */
export async function openStage(where: 'inside' | 'apart' = 'inside'): Promise<Stage> {
  const browser = await openBrowser();
  const ops = await consoleUnderTest('in-process', 'failuresMax: 2, pendingMaxMs: 60000', where);
  const visitors: Visitor[] = [];
  const passwordOf = (name: string): string => `a long pass phrase for tests of ${name}`;
  const openCount = async (): Promise<number> =>
    (await ops.hub.database.knex('hub.cases').where({ state: 'open' })).length;
  async function visit({ locale, consoleUrl }: Whereabouts = {}): Promise<Visitor> {
    const visitor = await openVisitor(browser, consoleUrl ?? new URL(ops.line.url).origin, locale);
    visitors.push(visitor);
    return visitor;
  }
  return {
    ops,
    visit,
    visitors,
    passwordOf,
    openCount,
    welcomed: async (name, roles, from) => {
      const { token } = await invited(ops.hub.database.url, name, roles);
      const visitor = await visit(from);
      const { page } = visitor;
      await page.goto(`/#/welcome/${token}`);
      const [password, again] = [page.locator('#password'), page.locator('#repeated')];
      await password.fill(passwordOf(name));
      await again.fill(passwordOf(name));
      await again.press('Enter');
      await page.getByRole('navigation').waitFor();
      if (page.url().includes(token)) throw new Error('the token is still in the address');
      return visitor;
    },
    openCases: async (prefix, count) => {
      ops.twist(never, mute);
      const before = await openCount();
      for (let number = 1; number <= count; number += 1) {
        const deductions = [{ channel: 'airmiles', points: '1.5' }];
        await ops.hub.place({ orderId: `${prefix}-${number}`, userId: `user-${number}`, deductions });
      }
      await eventually(
        `${count} more cases are open`,
        async () => (await openCount()) === before + count,
        patienceMs,
      );
    },
    caseOf: async (orderId) => {
      const { body } = await ops.ask('GET', `/cases?orderId=${encodeURIComponent(orderId)}&state=any`);
      const [found] = (body as { cases: { id: string }[] }).cases;
      if (found === undefined) throw new Error(`${orderId} has no case`);
      return found.id;
    },
    close: async () => {
      await browser.close();
      await ops.close();
    },
  };
}

/** Fills in what a dialog asks for, by label, and presses its button. */
export async function confirm(
  page: Page,
  button: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const dialog = page.getByRole('dialog');
  for (const [label, text] of Object.entries(fields))
    await dialog.getByLabel(label, { exact: true }).fill(text);
  await dialog.getByRole('button', { name: button }).click();
}

/** A request that has left the page and has not reached the server yet. */
export interface HeldRequest {
  /** Resolves once the page has sent it. */
  readonly sent: Promise<void>;
  letGo(): void;
}

/** Holds the next requests of a page whose path ends so, until they are let go. */
export async function holdRequests(page: Page, path: RegExp): Promise<HeldRequest> {
  const sent = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  await page.route(path, async (route) => {
    sent.resolve();
    await gone.promise;
    await route.continue();
  });
  return { sent: sent.promise, letGo: () => gone.resolve() };
}
