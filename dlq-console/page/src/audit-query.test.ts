import { expect, test } from '@jest/globals';
import { auditFilterOf } from './audit-query.ts';

test('a link says which rows, and what it says wrongly is left out', () => {
  const search = new URLSearchParams(
    'action=case.retry&subject= case:17 &operator=9007199254740993&outcome=refused&since=2026-05-01T00:00:00.000Z',
  );
  expect(auditFilterOf(search)).toEqual({
    action: 'case.retry',
    subject: 'case:17',
    operator: '9007199254740993',
    outcome: 'refused',
    since: '2026-05-01T00:00:00.000Z',
  });
  expect(auditFilterOf(new URLSearchParams('operator=ada&outcome=lost&until=soon&action='))).toEqual({});
});
