/** Names of people, and the sets of roles that one may have. */
import { HubError } from '../../errors.ts';
import { roles, type Role } from '../rights.ts';

const nameCharsMax = 64;

/** The name as it is shown. @throws HubError HUB_REQUEST_INVALID */
export function readName(text: string): string {
  const name = text.normalize('NFKC').trim();
  // No control, format or private characters: a name in the audit looks like no other one.
  if (!/^[^\p{C}\p{Z}\ufffd]+(?: [^\p{C}\p{Z}\ufffd]+)*$/u.test(name) || name.length > nameCharsMax) {
    const detail = `a name has 1 to ${nameCharsMax} visible characters`;
    throw new HubError('HUB_REQUEST_INVALID', detail, {
      faults: [{ field: '/name', code: 'HUB_REQUEST_INVALID', detail }],
    });
  }
  return name;
}

/** The name as it is compared. */
export function nameKeyOf(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** In the order of the table, each once. @throws HubError HUB_ROLES_INVALID */
export function readRoleSet(wanted: readonly Role[]): readonly Role[] {
  const set = roles.filter((role) => wanted.includes(role));
  if (set.length === 0) throw invalidRoles(`there must be one at least of ${roles.join(', ')}`);
  if (set.includes('admin') && set.includes('approver')) {
    throw invalidRoles('an admin, who hands out rights, cannot approve');
  }
  return set;
}

function invalidRoles(detail: string): HubError {
  return new HubError('HUB_ROLES_INVALID', detail, {
    faults: [{ field: '/roles', code: 'HUB_ROLES_INVALID', detail }],
  });
}
