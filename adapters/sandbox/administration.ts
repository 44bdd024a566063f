import { jsonAnswer, problemAnswer, type Answer } from './answers.ts';
import type { Desk, IncomingCall } from './desk.ts';
import { InvalidRequest, readJsonObject, readSegment } from './requests.ts';
import { formatUnits, parseUnits } from './units.ts';

/**
 * What a test or a person may set:
 *
 * - `PUT /admin/channels/{channel}/members/{member}` `{balance?, blocked?}`; an unknown member becomes one
 * - `PUT /admin/channels/{channel}/quota` `{granted}`, never below what is used
 *
 * @throws InvalidRequest
 */
export function administer({ books, journal }: Desk, call: IncomingCall, path: readonly string[]): Answer {
  const [area, id = '', resource, name, ...more] = path;
  const channel = books.channels.get(id);
  if (call.method !== 'PUT' || area !== 'channels' || channel === undefined || more.length > 0) {
    return problemAnswer('NOT_FOUND');
  }
  const body = readJsonObject(call.body);
  const atMs = books.nowMs();
  if (resource === 'members' && name !== undefined) {
    const member = readSegment(name);
    const now = channel.member(member) ?? { balanceUnits: 0n, blocked: false };
    const balanceUnits = body['balance'] === undefined ? now.balanceUnits : readUnits(body, 'balance');
    const blocked = body['blocked'] ?? now.blocked;
    if (typeof blocked !== 'boolean') throw new InvalidRequest('blocked must be true or false');
    books.record(journal, [{ type: 'member', channel: id, member, balanceUnits, blocked, atMs }]);
    return jsonAnswer({ member, balance: formatUnits(balanceUnits), blocked });
  }
  if (resource === 'quota' && name === undefined) {
    const grantedUnits = readUnits(body, 'granted');
    const usedUnits = books.portal.quotas.get(id)?.usedUnits ?? 0n;
    if (grantedUnits < usedUnits)
      throw new InvalidRequest(`granted is below the ${formatUnits(usedUnits)} in use`);
    books.record(journal, [{ type: 'quota', channel: id, grantedUnits, atMs }]);
    return jsonAnswer({ channel: id, granted: formatUnits(grantedUnits) });
  }
  return problemAnswer('NOT_FOUND');
}

function readUnits(body: Readonly<Record<string, unknown>>, field: string): bigint {
  const units = parseUnits(body[field]);
  if (units === undefined) throw new InvalidRequest(`${field} must be a decimal string`);
  return units;
}
