import { HubError } from '../errors.ts';
import { isDatabaseAway } from '../store/database.ts';
import { bodyOctetsMax } from './request-body.ts';

/**
 * What went wrong, as an error that a caller may see. Whatever is not known to be the caller's doing or an absent
 * dependency is HUB_INTERNAL: its cause is for the log, never for the answer.
 */
export function failureOf(thrown: unknown): HubError {
  if (thrown instanceof HubError) return thrown;
  const fromBody = failureOfBody(thrown);
  if (fromBody !== undefined) return fromBody;
  if (thrown instanceof URIError) {
    return new HubError('HUB_ROUTE_UNKNOWN', 'the path is not percent-encoded UTF-8', { cause: thrown });
  }
  if (isDatabaseAway(thrown)) {
    return new HubError(
      'HUB_UNAVAILABLE',
      'the database cannot be reached; the same request may simply be sent again',
      { cause: thrown },
    );
  }
  return new HubError('HUB_INTERNAL', 'the hub made a mistake and has logged it under X-Request-Id', {
    cause: thrown,
  });
}

/** The errors of express.raw by their `type`, https://github.com/expressjs/body-parser#errors. */
function failureOfBody(thrown: unknown): HubError | undefined {
  if (!(thrown instanceof Error) || !('type' in thrown)) return undefined;
  switch (thrown.type) {
    case 'entity.too.large':
      return new HubError('HUB_BODY_TOO_LARGE', `a body may have at most ${bodyOctetsMax} octets`, {
        cause: thrown,
      });
    case 'encoding.unsupported':
      return new HubError('HUB_CONTENT_TYPE_UNSUPPORTED', 'a compressed body is not accepted', {
        cause: thrown,
      });
    case 'request.aborted':
    case 'request.size.invalid':
      return new HubError('HUB_BODY_MALFORMED', 'the body ended early', { cause: thrown });
    default:
      return undefined;
  }
}
