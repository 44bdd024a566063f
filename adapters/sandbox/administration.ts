import { jsonAnswer, problemAnswer, type Answer } from './answers.ts';
import type { Desk, IncomingCall } from './desk.ts';
import { readFaultPlan } from './faults/fault-plan.ts';
import { InvalidRequest, readJsonObject, readSegment } from './requests.ts';
import { formatUnits, parseUnits } from './units.ts';

/**
 * What a test or a person may set:
 *
 * - `PUT /admin/channels/{channel}/members/{member}` `{balance?, blocked?}`; an unknown member becomes one
 * - `PUT /admin/channels/{channel}/quota` `{granted}`, never below what is used
 * - `PUT`, `GET` and `DELETE` of `/admin/channels/{channel}/faults` and `/admin/portal/faults`
 */
export function administer(desk: Desk, call: IncomingCall): Answer {
  try {
    const [path = ''] = call.target.split('?', 1);
    const [, , area, ...rest] = path.split('/');
    if (area === 'portal' && rest.length === 1 && rest[0] === 'faults')
      return administerFaults(desk, call, undefined);
    const [id = '', resource, name, ...more] = rest;
    if (area !== 'channels' || !desk.books.channels.has(id) || more.length > 0)
      return problemAnswer('NOT_FOUND');
    if (resource === 'faults' && name === undefined) return administerFaults(desk, call, id);
    if (call.method === 'PUT' && resource === 'members' && name !== undefined)
      return administerMember(desk, call, id, readSegment(name));
    if (call.method === 'PUT' && resource === 'quota' && name === undefined)
      return administerQuota(desk, call, id);
    return problemAnswer('NOT_FOUND');
  } catch (error) {
    if (error instanceof InvalidRequest) return problemAnswer('INVALID_REQUEST', error.message);
    throw error;
  }
}

/** Of the portal, if there is no channel. */
function administerFaults({ faults }: Desk, call: IncomingCall, channel: string | undefined): Answer {
  if (call.method === 'PUT') {
    faults.set(
      channel,
      readFaultPlan(readJsonObject(call.body), channel === undefined ? 'portal' : 'channel'),
    );
  } else if (call.method === 'DELETE') {
    faults.set(channel, undefined);
  } else if (call.method !== 'GET') {
    return problemAnswer('NOT_FOUND');
  }
  return jsonAnswer(faults.report(channel));
}

function administerMember({ books, journal }: Desk, call: IncomingCall, id: string, member: string): Answer {
  const body = readJsonObject(call.body);
  const now = books.channels.get(id)?.member(member) ?? { balanceUnits: 0n, blocked: false };
  const balanceUnits = body['balance'] === undefined ? now.balanceUnits : readUnits(body, 'balance');
  const blocked = body['blocked'] ?? now.blocked;
  if (typeof blocked !== 'boolean') throw new InvalidRequest('blocked must be true or false');
  books.record(journal, [
    { type: 'member', channel: id, member, balanceUnits, blocked, atMs: books.nowMs() },
  ]);
  return jsonAnswer({ member, balance: formatUnits(balanceUnits), blocked });
}

function administerQuota({ books, journal }: Desk, call: IncomingCall, id: string): Answer {
  const grantedUnits = readUnits(readJsonObject(call.body), 'granted');
  const usedUnits = books.portal.quotas.get(id)?.usedUnits ?? 0n;
  if (grantedUnits < usedUnits)
    throw new InvalidRequest(`granted is below the ${formatUnits(usedUnits)} in use`);
  books.record(journal, [{ type: 'quota', channel: id, grantedUnits, atMs: books.nowMs() }]);
  return jsonAnswer({ channel: id, granted: formatUnits(grantedUnits) });
}

function readUnits(body: Readonly<Record<string, unknown>>, field: string): bigint {
  const units = parseUnits(body[field]);
  if (units === undefined) throw new InvalidRequest(`${field} must be a decimal string`);
  return units;
}
