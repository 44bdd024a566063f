import type { SqlConnection } from '@points-hub/outbox';
import { newApiKey } from '../api-key.ts';
import { HubError } from '../errors.ts';
import type { Database } from './database.ts';

export interface NewMallKey {
  /** 1 to 32 of a-z, 0-9 and -, not beginning with -. The mall is made if there is none. */
  readonly mallId: string;
  /** What people call the mall, where it is made; 1 to 200 characters, default its id. */
  readonly mallName?: string | undefined;
  /** What the key is for, at most 200 characters. */
  readonly label?: string | undefined;
  /** Requests per second, 1 to 100,000; default 200. */
  readonly ratePerSecond?: number | undefined;
}

export interface CreatedApiKey {
  readonly keyId: string;
  readonly mallId: string;
  /** The whole key. Only a hash is stored, so this is the only time that it is seen. */
  readonly apiKey: string;
}

/** An existing mall keeps its name. Locks the new row only. */
const insertMallText = `
insert into hub.malls (id, name)
values ($1, $2)
on conflict (id) do nothing`;

const insertApiKeyText = `
insert into hub.api_keys (id, mall_id, secret_hash, label, rate_per_second)
values ($1, $2, $3, $4, $5)`;

/**
 * Makes a key for a mall, and the mall if there is none, in one transaction.
 *
 * @throws HubError HUB_ID_INVALID, HUB_REQUEST_INVALID
 */
export async function createApiKey(database: Database, wanted: NewMallKey): Promise<CreatedApiKey> {
  const { mallId, mallName = mallId, label = '', ratePerSecond = 200 } = wanted;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(mallId)) {
    throw new HubError('HUB_ID_INVALID', 'a mall id is 1 to 32 of a-z, 0-9 and -, and does not begin with -');
  }
  if (mallName.length < 1 || mallName.length > 200) {
    throw new HubError('HUB_REQUEST_INVALID', 'the name of a mall has 1 to 200 characters');
  }
  if (label.length > 200) throw new HubError('HUB_REQUEST_INVALID', 'a label has at most 200 characters');
  if (!Number.isInteger(ratePerSecond) || ratePerSecond < 1 || ratePerSecond > 100_000) {
    throw new HubError('HUB_REQUEST_INVALID', 'a rate is a whole number from 1 to 100000 per second');
  }
  const { keyId, secretHash, apiKey } = newApiKey();
  await database.transaction(async (connection) => {
    await connection.query(insertMallText, [mallId, mallName]);
    await connection.query(insertApiKeyText, [keyId, mallId, secretHash, label, ratePerSecond]);
  });
  return { keyId, mallId, apiKey };
}

/** A key that opens the door. */
export interface ValidApiKey {
  readonly mallId: string;
  readonly secretHash: Buffer;
  readonly ratePerSecond: number;
}

const readValidApiKeyText = `
select mall_id, secret_hash, rate_per_second
from hub.api_keys
where id = $1 and revoked_at is null`;

/** The key with this id unless it is unknown or revoked. Index: the primary key. */
export async function readValidApiKey(
  connection: SqlConnection,
  keyId: string,
): Promise<ValidApiKey | undefined> {
  const { rows } = await connection.query<{ mall_id: string; secret_hash: Buffer; rate_per_second: number }>(
    readValidApiKeyText,
    [keyId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return { mallId: row.mall_id, secretHash: row.secret_hash, ratePerSecond: row.rate_per_second };
}

/** What may be shown of a key. */
export interface ApiKeyListing {
  readonly keyId: string;
  readonly mallId: string;
  readonly label: string;
  readonly ratePerSecond: number;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

const listApiKeysText = `
select
  id as "keyId", mall_id as "mallId", label, rate_per_second as "ratePerSecond",
  created_at as "createdAt", revoked_at as "revokedAt"
from hub.api_keys
order by mall_id, created_at, id`;

/** All keys, revoked ones too, by mall and age. */
export async function listApiKeys(connection: SqlConnection): Promise<ApiKeyListing[]> {
  const { rows } = await connection.query<ApiKeyListing>(listApiKeysText);
  return rows;
}

const revokeApiKeyText = `
update hub.api_keys
set revoked_at = coalesce(revoked_at, now())
where id = $1
returning revoked_at as "revokedAt"`;

/** Revokes a key for ever; again changes nothing. Returns when it was revoked, undefined if there is no such key. */
export async function revokeApiKey(connection: SqlConnection, keyId: string): Promise<Date | undefined> {
  const { rows } = await connection.query<{ revokedAt: Date }>(revokeApiKeyText, [keyId]);
  return rows[0]?.revokedAt;
}
