/** What an entry of the audit is about, as a link to its screen where there is one. */
import { Link } from 'react-router';
import { Outside } from './outside.tsx';

const screens: Readonly<Record<string, string>> = {
  case: '/cases',
  replay: '/replays',
  compensation: '/compensations',
};

export function SubjectLink({ subject }: { readonly subject: string | null }) {
  const [, kind = '', id = ''] = /^([a-z]+):(\d+)$/.exec(subject ?? '') ?? [];
  const screen = screens[kind];
  if (screen === undefined) return <Outside text={subject} />;
  return <Link to={`${screen}/${id}`}>{subject}</Link>;
}
