/** The people, for an admin. */
import { roles, type People } from '@points-hub/hub/operations';
import { z } from 'zod';
import { endedSchema, linkSchema, okSchema, operatorsSchema } from '../answers.ts';
import { readId } from '../request-heads.ts';
import { plainSchema, requiredReasonSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const rolesSchema = z.array(z.enum(roles)).min(1).max(roles.length);
const done = { done: true } as const;
const needs = 'people.manage';

export function operatorRoutes({ directory }: People, consoleUrl: string | undefined): readonly Route[] {
  /** The token is behind the #, which browsers keep to themselves: no log on the way has it. */
  const linked = <Made extends { readonly token: string }>(made: Made) => {
    return consoleUrl === undefined ? made : { ...made, link: `${consoleUrl}/#/welcome/${made.token}` };
  };
  const idOf = (params: Readonly<Record<string, string>>): string =>
    readId(params['operatorId'], 'HUB_OPERATOR_UNKNOWN');

  return [
    route({
      method: 'GET',
      path: '/operators',
      id: 'listOperators',
      summary: 'All people',
      action: 'operator.list',
      needs,
      answer: operatorsSchema,
      perform: async (_asked, caller) => json({ operators: await directory.list(caller) }),
    }),
    route({
      method: 'POST',
      path: '/operators',
      id: 'invite',
      summary: 'Adds a person, who sets his password by the one-time link',
      action: 'operator.invite',
      needs,
      body: z.strictObject({ name: plainSchema.min(1).max(200), roles: rolesSchema }),
      answer: linkSchema,
      codes: ['HUB_PROOF_STALE', 'HUB_OPERATOR_TAKEN', 'HUB_ROLES_INVALID'],
      perform: async ({ body }, caller) => json(linked(await directory.invite(caller, body))),
    }),
    route({
      method: 'POST',
      path: '/operators/:operatorId/roles',
      id: 'changeRoles',
      summary: 'Says what a person may do, from his next request on',
      action: 'operator.change_roles',
      needs,
      body: z.strictObject({ roles: rolesSchema }),
      answer: okSchema,
      codes: [
        'HUB_PROOF_STALE',
        'HUB_OPERATOR_UNKNOWN',
        'HUB_ROLES_INVALID',
        'HUB_ROLES_ELSEWHERE',
        'HUB_LAST_ADMIN',
      ],
      perform: async ({ params, body }, caller) => {
        await directory.changeRoles(caller, idOf(params), body.roles);
        return json(done);
      },
    }),
    route({
      method: 'POST',
      path: '/operators/:operatorId/disable',
      id: 'disable',
      summary: 'Lets a person in no more, and ends his sessions and tokens',
      action: 'operator.disable',
      needs,
      body: requiredReasonSchema,
      answer: okSchema,
      codes: ['HUB_PROOF_STALE', 'HUB_OPERATOR_UNKNOWN', 'HUB_LAST_ADMIN'],
      perform: async ({ params, body }, caller) => {
        await directory.disable(caller, idOf(params), body.reason);
        return json(done);
      },
    }),
    route({
      method: 'POST',
      path: '/operators/:operatorId/enable',
      id: 'enable',
      summary: 'Lets a person in again',
      action: 'operator.enable',
      needs,
      answer: okSchema,
      codes: ['HUB_PROOF_STALE', 'HUB_OPERATOR_UNKNOWN'],
      perform: async ({ params }, caller) => {
        await directory.enable(caller, idOf(params));
        return json(done);
      },
    }),
    route({
      method: 'POST',
      path: '/operators/:operatorId/reset',
      id: 'reset',
      summary: 'Forgets a password and ends sessions and tokens; the one-time link sets a new one',
      action: 'operator.reset',
      needs,
      answer: linkSchema,
      codes: ['HUB_PROOF_STALE', 'HUB_OPERATOR_UNKNOWN', 'HUB_OPERATOR_DISABLED', 'HUB_ROLES_ELSEWHERE'],
      perform: async ({ params }, caller) => json(linked(await directory.reset(caller, idOf(params)))),
    }),
    route({
      method: 'POST',
      path: '/operators/:operatorId/revoke',
      id: 'revoke',
      summary: 'Ends all sessions and access tokens of a person',
      action: 'operator.revoke',
      needs,
      answer: endedSchema,
      codes: ['HUB_PROOF_STALE', 'HUB_OPERATOR_UNKNOWN'],
      perform: async ({ params }, caller) => json(await directory.revoke(caller, idOf(params))),
    }),
  ];
}
