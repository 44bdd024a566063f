/** Who may do what: the one table that every route, `/me` and the documentation are made from. */

export const roles = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

const everybody = roles;

/**
 * The roles that give a permission. A person may have several roles, but never admin and approver together: whoever
 * hands out rights must not be able to hand himself the approval of points.
 */
export const rights = {
  'cases.read': everybody,
  'cases.note': ['operator', 'approver'],
  'cases.claim': ['operator'],
  'cases.query': ['operator'],
  'cases.retry': ['operator'],
  'cases.resolve': ['operator'],
  /** Taking off the list, and putting back. */
  'cases.ignore': ['operator'],
  /** Retrying many cases at once. */
  'replay.run': ['operator'],
  'compensation.request': ['operator'],
  'compensation.approve': ['approver'],
  /** Seeing a user's data unmasked. */
  'users.reveal': ['operator', 'approver'],
  'channels.manage': ['admin'],
  /** Who is told of which groups of cases. */
  'notifications.manage': ['admin'],
  'people.manage': ['admin'],
  'audit.read': ['approver', 'admin'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof rights;

export const permissions = Object.keys(rights) as [Permission, ...Permission[]];

/** Everything that any of these roles may do. */
export function permissionsOf(held: readonly Role[]): ReadonlySet<Permission> {
  return new Set(
    permissions.filter((permission) =>
      (rights[permission] as readonly Role[]).some((role) => held.includes(role)),
    ),
  );
}
