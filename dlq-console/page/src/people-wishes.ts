/** What an admin may wish of a person, and how the server is asked for it. */
import { answered, api, type Schemas } from './api.ts';

export type Person = Schemas['Operators']['operators'][number];
export type Role = Person['roles'][number];
export const roles: readonly Role[] = ['viewer', 'operator', 'approver', 'admin'];

export type PersonWish =
  | { readonly act: 'invite'; readonly name: string; readonly roles: Role[] }
  | { readonly act: 'roles'; readonly operatorId: string; readonly roles: Role[] }
  | { readonly act: 'disable'; readonly operatorId: string; readonly reason: string }
  | { readonly act: 'enable' | 'reset' | 'revoke'; readonly operatorId: string };

/** What has to be shown of it: a link that is shown this once, or how much was ended. */
export interface Made {
  readonly link?: string;
  readonly ended?: { readonly sessions: number; readonly tokens: number };
}

/** @param origin of this page, where the server has been told no address of its own */
export async function perform(wish: PersonWish, origin: string): Promise<Made> {
  const linkOf = ({ link, token }: Schemas['OneTimeLink']): Made => ({
    link: link ?? `${origin}/#/welcome/${token}`,
  });
  if (wish.act === 'invite') {
    const { name, roles: given } = wish;
    return linkOf(await answered(api.POST('/ops/v1/operators', { body: { name, roles: given } })));
  }
  const params = { path: { operatorId: wish.operatorId } };
  switch (wish.act) {
    case 'roles':
      await answered(
        api.POST('/ops/v1/operators/{operatorId}/roles', { params, body: { roles: wish.roles } }),
      );
      return {};
    case 'disable':
      await answered(
        api.POST('/ops/v1/operators/{operatorId}/disable', { params, body: { reason: wish.reason } }),
      );
      return {};
    case 'enable':
      await answered(api.POST('/ops/v1/operators/{operatorId}/enable', { params, body: {} }));
      return {};
    case 'reset':
      return linkOf(await answered(api.POST('/ops/v1/operators/{operatorId}/reset', { params, body: {} })));
    case 'revoke': {
      const { sessions, tokens = 0 } = await answered(
        api.POST('/ops/v1/operators/{operatorId}/revoke', { params, body: {} }),
      );
      return { ended: { sessions, tokens } };
    }
  }
}
