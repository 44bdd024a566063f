import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readRoleSet } from './people/names.ts';
import { permissions, permissionsOf, rights, roles } from './rights.ts';

test('nobody who hands out rights can approve', () => {
  expect(permissionsOf(['admin']).has('compensation.approve')).toBe(false);
  expect(() => readRoleSet(['admin', 'approver'])).toThrow(
    expect.objectContaining({ code: 'HUB_ROLES_INVALID' }),
  );
  const approvers = roles.filter((role) => permissionsOf([role]).has('compensation.approve'));
  const admins = roles.filter((role) => permissionsOf([role]).has('people.manage'));
  for (const approver of approvers) {
    for (const admin of admins) expect(() => readRoleSet([approver, admin])).toThrow(/cannot approve/);
  }
});

test('a viewer changes nothing', () => {
  expect([...permissionsOf(['viewer'])]).toEqual(['cases.read']);
});

test('several roles give what each gives', () => {
  const both = permissionsOf(['operator', 'approver']);
  expect(both).toEqual(new Set([...permissionsOf(['operator']), ...permissionsOf(['approver'])]));
});

test('docs/operators.md has the table', () => {
  const lines = readFileSync(join(import.meta.dirname, '../../docs/operators.md'), 'utf8').split('\n');
  const documented = lines.flatMap((line) => {
    const [, name = '', , ...cells] = line.split('|').map((cell) => cell.trim());
    if (!/^`[a-z_]+\.[a-z_]+`$/.test(name)) return [];
    return [[name.slice(1, -1), roles.filter((_, column) => cells[column] === 'yes')]];
  });
  const table = permissions.map((name) => [name, roles.filter((role) => permissionsOf([role]).has(name))]);
  expect(documented).toEqual(table);
  expect(Object.keys(rights)).toEqual(permissions);
});
