/**
 * Personal access tokens: `pht_<id>_<secret>`, made like the malls' keys (hub/api-key.ts). A token gives those of its
 * scopes that its owner's roles give as well, at the time of each request.
 */
import { newApiKey, readApiKey } from '../../api-key.ts';
import { HubError } from '../../errors.ts';
import {
  insertAccessToken,
  listAccessTokens,
  revokeAccessTokens,
  type AccessTokenListing,
} from '../../store/access-tokens.ts';
import type { Database } from '../../store/database.ts';
import { audited } from '../audit.ts';
import { demandFresh, type Caller } from '../caller.ts';
import type { Permission } from '../rights.ts';

export const tokenDaysMax = 365;

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly days: number;
}

export interface MadeToken {
  readonly id: string;
  /** The whole token. Only a hash is stored, so this is the only time that it is seen. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** What cannot be done with a token, whoever's it is: a leaked one would make others, or give rights away. */
const notForTokens: readonly Permission[] = ['people.manage', 'compensation.approve'];

export interface OwnTokens {
  list(caller: Caller): Promise<readonly AccessTokenListing[]>;
  /** @throws HubError HUB_PROOF_STALE, HUB_SCOPE_TOO_SMALL for scopes that the caller could not use */
  create(caller: Caller, wanted: NewToken): Promise<MadeToken>;
  /** @throws HubError HUB_ACCESS_TOKEN_UNKNOWN */
  revoke(caller: Caller, id: string): Promise<void>;
}

export function openOwnTokens(database: Database): OwnTokens {
  return {
    list: (caller) => listAccessTokens(database, caller.operatorId),
    create: async (caller, { name, scopes, days }) => {
      demandFresh(caller);
      const wanting = scopes.filter((scope) => !caller.may(scope) || notForTokens.includes(scope));
      if (wanting.length > 0) {
        throw new HubError(
          'HUB_SCOPE_TOO_SMALL',
          `no token of yours can have the scopes ${wanting.join(', ')}`,
        );
      }
      const { keyId: id, secretHash, apiKey } = newApiKey();
      const lastsMs = days * 86_400_000;
      return audited(database, caller, async (connection) => {
        const row = {
          id,
          operatorId: caller.operatorId,
          secretHash,
          name,
          scopes: [...new Set(scopes)],
          lastsMs,
        };
        const expiresAt = await insertAccessToken(connection, row);
        const details = { name, scopes: row.scopes, expiresAt };
        return {
          entry: { action: 'token.create', subject: `token:${id}`, details },
          result: { id, token: apiKey.replace(/^ph_/, prefix), expiresAt },
        };
      });
    },
    revoke: (caller, id) =>
      audited(database, caller, async (connection) => {
        if ((await revokeAccessTokens(connection, caller.operatorId, id)) === 0) {
          throw new HubError('HUB_ACCESS_TOKEN_UNKNOWN', `you have no token ${id}`);
        }
        return { entry: { action: 'token.revoke', subject: `token:${id}` }, result: undefined };
      }),
  };
}

const prefix = 'pht_';

/** Undefined for what cannot be one. */
export function readAccessTokenText(
  text: string,
): { readonly tokenId: string; readonly secret: string } | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const key = readApiKey(text.replace(prefix, 'ph_'));
  return key === undefined ? undefined : { tokenId: key.keyId, secret: key.secret };
}
