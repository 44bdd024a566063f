/** Who the caller is, as the API says it. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly provesBy: 'password' | 'identity_provider';
  readonly proof:
    | { readonly type: 'token'; readonly tokenId: string; readonly expiresAt: string }
    | { readonly type: 'session' };
}
