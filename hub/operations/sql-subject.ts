import type { SqlCaseTransaction } from '../store/case-store.ts';
import type { Database } from '../store/database.ts';
import type { MessageNames } from '../settlement/topology.ts';
import type { SubjectOptions } from './subject.ts';

/** For operations that keep more than cases, in the same transactions. */
export interface SqlSubjectOptions extends SubjectOptions<SqlCaseTransaction> {
  readonly database: Database;
  readonly names: MessageNames;
}
