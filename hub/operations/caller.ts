/** Who asks for something, and what he may do. */
import { HubError } from '../errors.ts';
import type { Permission } from './rights.ts';

export interface Caller {
  readonly name: string;
  readonly via: 'web' | 'cli';
  readonly proof: { readonly type: 'session' | 'token'; readonly provenMsAgo: number };
  may(permission: Permission): boolean;
}

/** @throws HubError HUB_FORBIDDEN */
export function demand(caller: Caller, permission: Permission): void {
  if (!caller.may(permission)) throw new HubError('HUB_FORBIDDEN', `nothing gives you ${permission}`);
}

/** How long a proof is fresh enough for what matters most. */
const freshMs = 10 * 60_000;

/** Lets through whoever proved lately that he is the person. @throws HubError HUB_PROOF_STALE */
export function demandFresh({ proof }: Caller, withinMs = freshMs): void {
  if (proof.type === 'token' || proof.provenMsAgo > withinMs) {
    throw new HubError('HUB_PROOF_STALE', 'prove who you are, then send the same request again');
  }
}
