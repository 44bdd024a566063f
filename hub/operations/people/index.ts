/** People and their rights, for every face. */
import type { Database } from '../../store/database.ts';
import { openOwnTokens, type OwnTokens } from './access-tokens.ts';
import { openDirectory, type Directory } from './directory.ts';
import { openOidc, type OidcSettings, type OidcSigningIn } from './oidc.ts';
import { openOwn, type Own } from './own.ts';
import { openSigningIn, type SigningIn } from './sign-in.ts';

export interface People {
  readonly signingIn: SigningIn;
  /** Undefined where no identity provider is set up. */
  readonly oidc: OidcSigningIn | undefined;
  readonly own: Own;
  readonly tokens: OwnTokens;
  readonly directory: Directory;
}

/** @param oidc the identity provider, and where it sends browsers back to */
export function openPeople(
  database: Database,
  oidc: { readonly settings: OidcSettings; readonly consoleUrl: string } | undefined,
): People {
  return {
    signingIn: openSigningIn(database),
    oidc: oidc && openOidc(database, oidc.settings, oidc.consoleUrl),
    own: openOwn(database),
    tokens: openOwnTokens(database),
    directory: openDirectory(database),
  };
}
