/** Who asks for something, from where, and what he may do. */
import { HubError } from '../errors.ts';
import type { Permission, Role } from './rights.ts';

/** Where a request came from. */
export interface Origin {
  /** `cli`: with an access token, by the command line's own word, or a command on the server. */
  readonly via: 'web' | 'cli';
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  /** Finds it in the log. */
  readonly requestId: string | undefined;
}

/** Whoever did something, as the audit names him. */
export interface Actor extends Origin {
  /** Undefined where nobody has proven who he is, and for a command on the server. */
  readonly operatorId: string | undefined;
  readonly name: string | undefined;
}

/** How a caller proved who he is. */
export type Proof =
  | {
      readonly type: 'session';
      readonly sessionId: string;
      readonly begunAt: Date;
      /** When the person last proved it, by password or at the identity provider. */
      readonly provenAt: Date;
      readonly provenMsAgo: number;
      readonly idleEndsAt: Date;
      readonly expiresAt: Date;
    }
  | { readonly type: 'token'; readonly tokenId: string; readonly expiresAt: Date };

/** Somebody who has proven who he is. Made anew for every request, so that a change of rights holds at once. */
export interface Caller extends Actor {
  readonly operatorId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Of his roles; with a token, those of them that are in its scopes. */
  readonly permissions: ReadonlySet<Permission>;
  readonly proof: Proof;
  /** What proves anew that he is the one. */
  readonly provesBy: 'password' | 'identity_provider';
  may(permission: Permission): boolean;
}

/** @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL */
export function demand(caller: Caller, permission: Permission): void {
  if (caller.may(permission)) return;
  if (caller.proof.type === 'token') {
    throw new HubError(
      'HUB_SCOPE_TOO_SMALL',
      `this token does not give ${permission}, or its owner's roles do not`,
    );
  }
  throw new HubError('HUB_FORBIDDEN', `the roles ${caller.roles.join(', ')} do not give ${permission}`);
}

/** How long a proof is fresh enough for what matters most. */
export const freshMs = 10 * 60_000;

/**
 * Lets through whoever proved lately that he is the person, not somebody at his desk. A token proves no presence.
 *
 * @throws HubError HUB_PROOF_STALE
 */
export function demandFresh({ proof }: Caller, withinMs = freshMs): void {
  if (proof.type === 'token') {
    throw new HubError('HUB_PROOF_STALE', 'this cannot be done with an access token: sign in');
  }
  if (proof.provenMsAgo > withinMs) {
    throw new HubError('HUB_PROOF_STALE', 'enter the password once more, then send the same request again');
  }
}
