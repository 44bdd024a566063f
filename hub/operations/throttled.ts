import { HubError } from '../errors.ts';

/** A 429 with what its header says. */
export class Throttled extends HubError {
  readonly retryAfterS: number;

  constructor(
    code: 'HUB_SIGN_IN_THROTTLED' | 'HUB_REFUSALS_TOO_MANY' | 'HUB_REVEALS_TOO_MANY',
    detail: string,
    retryAfterMs: number,
  ) {
    super(code, detail);
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}
