/** A console under test and the browsers of the people at it. */
import { invited } from './person.ts';
import { openBrowser, openVisitor, type Visitor } from './browser.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './console-under-test.ts';
import type { Role } from '../../hub/operations/rights.ts';

export interface Stage {
  readonly ops: ConsoleUnderTest;
  /** Everybody who was welcomed. */
  readonly visitors: readonly Visitor[];
  passwordOf(name: string): string;
  /** A new person, who sets his password by his one-time link and stands before the overview. */
  welcomed(name: string, roles: readonly Role[]): Promise<Visitor>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const browser = await openBrowser();
  const ops = await consoleUnderTest();
  const visitors: Visitor[] = [];
  const passwordOf = (name: string): string => `a long pass phrase for tests of ${name}`;
  return {
    ops,
    visitors,
    passwordOf,
    welcomed: async (name, roles) => {
      const { token } = await invited(ops.hub.database.url, name, roles);
      const visitor = await openVisitor(browser, new URL(ops.line.url).origin);
      visitors.push(visitor);
      const { page } = visitor;
      await page.goto(`/#/welcome/${token}`);
      await page.getByLabel('New password').fill(passwordOf(name));
      await page.getByLabel('The same again').fill(passwordOf(name));
      await page.getByRole('button', { name: 'Set the password and sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      if (page.url().includes(token)) throw new Error('the token is still in the address');
      return visitor;
    },
    close: async () => {
      await browser.close();
      await ops.close();
    },
  };
}
