-- People: who may do what, how they prove who they are, and the audit of everything that they did.
-- Of every secret only a hash is stored: SHA-256 where 256 random bits leave nothing to guess, Argon2id for passwords.

-- Nobody is ever deleted, so that a name in the audit means one person for ever.
create table hub.operators (
  id          bigint      generated always as identity primary key,
  created_at  timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  name        text        not null check (length(name) between 1 and 64),
  name_key    text        not null unique, -- the name as it is compared: NFKC, lower case
  origin      text        not null check (origin in ('local', 'oidc')), -- oidc: the roles are those of the last sign-in
  roles       text[]      not null,

  constraint has_known_roles check (
    cardinality(roles) > 0 and roles <@ array['viewer', 'operator', 'approver', 'admin']),
  constraint no_admin_approves check (not roles @> array['admin', 'approver'])
);

-- Whoever has no row has no password: invited, reset, or signed in elsewhere.
create table hub.credentials (
  operator_id bigint      primary key references hub.operators (id),
  changed_at  timestamptz not null default clock_timestamp(),
  password    text        not null check (password like '$argon2id$%')
);

-- Who has proven that an account of the identity provider is his.
create table hub.oidc_identities (
  operator_id bigint      not null unique references hub.operators (id),
  created_at  timestamptz not null default clock_timestamp(),
  issuer      text        not null,
  subject     text        not null,

  primary key (issuer, subject)
);

-- Signing in at the identity provider, under way. A row is taken once.
create table hub.oidc_logins (
  expires_at    timestamptz not null,
  state_hash    bytea       primary key,
  browser_hash  bytea       not null, -- of the cookie that binds it to the browser that began it
  nonce         text        not null,
  code_verifier text        not null,
  is_renewal    boolean     not null  -- the provider must ask for the password again
);

create index oidc_logins_by_end on hub.oidc_logins (expires_at);

create table hub.sessions (
  id           bigint      generated always as identity primary key,
  operator_id  bigint      not null references hub.operators (id),
  begun_at     timestamptz not null default clock_timestamp(),
  proven_at    timestamptz not null default clock_timestamp(), -- when the person last proved who he is
  last_seen_at timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  token_hash   bytea       not null unique,
  address      text,
  user_agent   text        check (length(user_agent) <= 300)
);

create index sessions_by_operator on hub.sessions (operator_id, id);

create table hub.access_tokens (
  operator_id  bigint      not null references hub.operators (id),
  created_at   timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  id           text        primary key check (id ~ '^[a-z0-9]{12}$'),
  secret_hash  bytea       not null,
  name         text        not null check (length(name) between 1 and 100),
  scopes       text[]      not null check (cardinality(scopes) > 0)
);

create index access_tokens_by_operator on hub.access_tokens (operator_id, created_at);

-- Lets one person set a password once.
create table hub.one_time_links (
  operator_id bigint      primary key references hub.operators (id), -- a new link ends the one before
  created_at  timestamptz not null default clock_timestamp(),
  expires_at  timestamptz not null,
  token_hash  bytea       not null unique
);

-- How often somebody tried to sign in, by address, by account and by device; counts anew from ends_at.
create table hub.sign_in_tries (
  ends_at timestamptz not null,
  tries   integer     not null check (tries >= 0),
  bucket  text        primary key
);

create index sign_in_tries_by_end on hub.sign_in_tries (ends_at);

-- Browsers that somebody has signed in from: strangers who guess at his password do not lock him out there.
create table hub.known_devices (
  operator_id bigint      not null references hub.operators (id),
  expires_at  timestamptz not null,
  token_hash  bytea       primary key
);

create index known_devices_by_operator on hub.known_devices (operator_id);

-- What people did, or were refused. Rows are only ever added; each is chained to the one before by its hash, which
-- hub/operations/audit-chain.ts computes in the same way.
create table hub.audit (
  id            bigint      primary key, -- without gaps
  at            timestamptz not null,
  operator_id   bigint      references hub.operators (id),
  via           text        not null check (via in ('web', 'cli')),
  outcome       text        not null check (outcome in ('done', 'begun', 'refused')),
  actor         text,       -- the name; null where nobody had proven who he is
  action        text        not null,
  subject       text,       -- what it was done to, e.g. case:17
  reason        text,
  code          text,       -- of a refusal
  address       text,
  user_agent    text,
  request_id    text,
  details       json        not null, -- json, not jsonb: it keeps the octets that were hashed
  previous_hash bytea       not null,
  hash          bytea       not null,

  constraint refused_means_code check ((code is not null) = (outcome = 'refused'))
);

create index audit_by_operator on hub.audit (operator_id, id);
create index audit_by_action on hub.audit (action, id);
create index audit_by_subject on hub.audit (subject, id);
create index audit_by_outcome on hub.audit (outcome, id);
create index audit_by_time on hub.audit (at);

-- The end of the chain: one row, whose lock puts those who add in line until they commit.
create table hub.audit_head (
  id        bigint  not null,
  is_only   boolean primary key default true check (is_only),
  hash      bytea   not null
)
with (fillfactor = 50); -- one row, updated with every addition

insert into hub.audit_head (id, hash) values (0, decode(repeat('00', 32), 'hex'));

-- A field as it is hashed: its length in octets and its text, so that no two rows read alike.
create function hub.audit_field(field text) returns text
language sql immutable
return coalesce(octet_length(field) || ':' || field, '-') || ',';

-- Runs with its owner's rights, so that those who add need none on the head.
create function hub.chain_audit() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  head hub.audit_head;
begin
  select * into head from hub.audit_head for update;
  new.id := head.id + 1;
  new.at := pg_catalog.clock_timestamp();
  new.previous_hash := head.hash;
  new.hash := pg_catalog.sha256(head.hash || pg_catalog.convert_to(
    hub.audit_field(new.id::text) ||
    hub.audit_field(pg_catalog.to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')) ||
    hub.audit_field(new.operator_id::text) || hub.audit_field(new.via) || hub.audit_field(new.outcome) ||
    hub.audit_field(new.actor) || hub.audit_field(new.action) || hub.audit_field(new.subject) ||
    hub.audit_field(new.reason) || hub.audit_field(new.code) || hub.audit_field(new.address) ||
    hub.audit_field(new.user_agent) || hub.audit_field(new.request_id) || hub.audit_field(new.details::text),
    'UTF8'));
  update hub.audit_head set id = new.id, hash = new.hash;
  return new;
end
$$;

create function hub.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'the audit is only ever added to' using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_is_chained before insert on hub.audit for each row execute function hub.chain_audit();
create trigger audit_stays before update or delete or truncate on hub.audit
  for each statement execute function hub.refuse_change();
-- Also where triggers are off for replication.
alter table hub.audit enable always trigger audit_is_chained, enable always trigger audit_stays;
