/** What can go wrong with a command, what to do next, and the exit code that a script sees. */
import { errorTable, type ErrorCode } from '@points-hub/hub/errors';

/** Exit codes: 0 all well, 1 some failed or nobody answered, 2 refused by a rule, 3 the situation has changed. */
export type ExitCode = 0 | 1 | 2 | 3;

/** A problem document as the API answers it. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly status?: number;
  readonly errors?: readonly { readonly field: string; readonly code: string; readonly detail: string }[];
}

export class CliFailure extends Error {
  readonly problem: Problem;
  /** What to do next. */
  readonly cure: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    detail: string,
    options: { problem?: Problem; cure?: string | undefined; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'CliFailure';
    this.problem = options.problem ?? { code, detail };
    this.cure = options.cure ?? cures[code as ErrorCode];
    this.exitCode = options.exitCode ?? exitCodeOf(code);
  }
}

/** A code of a newer hub is read as a refusal: a script must not take it for a success or for something to repeat. */
function exitCodeOf(code: string): ExitCode {
  const known = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].exitCode : 2;
  return known;
}

const signIn = 'Sign in: points-hub login';
const readAgain = 'Look at it as it is now, and decide anew: points-hub cases show ID';

/** For what a person at a terminal meets; docs/errors.md has every code. */
const cures: Partial<Record<ErrorCode, string>> = {
  HUB_SIGN_IN_NEEDED: signIn,
  HUB_ACCESS_TOKEN_WRONG: `The token is wrong, revoked or too old. ${signIn}`,
  HUB_SESSION_OVER: signIn,
  HUB_SIGN_IN_FAILED:
    'Check the name and the password. Whoever signs in by an identity provider has no password here: points-hub login --sso',
  HUB_SIGN_IN_THROTTLED: 'Wait a quarter of an hour, or let an admin reset the password.',
  HUB_FORBIDDEN: 'points-hub whoami lists what you may do; an admin changes roles.',
  HUB_SCOPE_TOO_SMALL:
    'points-hub whoami lists what this token may do; sign in again for one with more: points-hub login',
  HUB_CASE_CHANGED: readAgain,
  HUB_CASE_CLOSED: readAgain,
  HUB_CASE_BUSY: 'Somebody or something acts on it. Wait, then: points-hub cases show ID',
  HUB_CASE_UNKNOWN: 'points-hub cases list shows the ids there are.',
  HUB_CHANNEL_UNKNOWN: 'points-hub channel list shows the ids there are.',
  HUB_SECOND_PERSON_NEEDED:
    'Ask the channel: points-hub cases query-channel ID; or ask a second person: points-hub compensation request ID',
  HUB_REPLAY_EXPIRED: 'Make a new preview: points-hub replay preview',
  HUB_REPLAY_STATE: 'points-hub replay show ID says how far it is.',
  HUB_REPLAY_COUNT_DIFFERS: 'Make a new preview: points-hub replay preview',
  HUB_REPLAY_NOT_YOURS: 'Make a preview of your own: points-hub replay preview',
  HUB_REPLAY_UNKNOWN: 'points-hub replay list shows the ids there are.',
  HUB_COMPENSATION_CHANGED: 'Read it once more: points-hub compensation show ID',
  HUB_COMPENSATION_DECIDED: 'points-hub compensation show ID says how.',
  HUB_COMPENSATION_EXPIRED: 'Ask anew: points-hub compensation request',
  HUB_COMPENSATION_OWN: 'Another person has to decide.',
  HUB_COMPENSATION_UNKNOWN: 'points-hub compensation list shows the ids there are.',
  HUB_OPERATION_REFUSED: 'points-hub cases show ID says what the case is about.',
  HUB_REFUSALS_TOO_MANY: 'Wait a minute.',
  HUB_REVEALS_TOO_MANY: 'Wait an hour; the audit lists whom you looked at.',
  HUB_EXPORT_TOO_LARGE: 'Narrow the filter, by --channel, --since or --until.',
  HUB_OIDC_FAILED: 'Begin again; if it lasts, the detail and the audit say what it was.',
  HUB_UNAVAILABLE: 'Try again in a moment; if it lasts, look at /readyz and the log of the hub.',
  HUB_INTERNAL: 'Its log has the request by the id above. Tell whoever runs the hub.',
  HUB_ROUTE_UNKNOWN:
    'This command and the hub are of different versions, or the address is not the console’s.',
};
