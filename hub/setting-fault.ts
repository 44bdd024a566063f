import { HubError } from './errors.ts';

/** @param name the option or variable that cannot be used */
export function invalidSetting(name: string, reason: string): HubError {
  return new HubError('HUB_CONFIG_INVALID', `${name} ${reason}`, {
    faults: [{ field: name, code: 'HUB_CONFIG_INVALID', detail: reason }],
  });
}
