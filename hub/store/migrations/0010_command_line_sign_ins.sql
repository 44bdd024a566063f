-- Proving anew who one is at the identity provider, from the page and from the command line.

alter table hub.oidc_logins
  -- Whose proof is renewed: that session ends with the new one, which has to be of the same person.
  add column session_id    bigint  references hub.sessions (id) on delete cascade,
  add column back          text    check (length(back) <= 200), -- where in the page he was
  -- Of a command that waits on the person's own machine.
  add column cli_port      integer check (cli_port between 1024 and 65535),
  add column cli_challenge bytea   check (octet_length(cli_challenge) = 32), -- SHA-256 of what only the command knows
  add constraint command_is_whole check (num_nonnulls(cli_port, cli_challenge) in (0, 2));

create index oidc_logins_by_session on hub.oidc_logins (session_id) where session_id is not null;

-- Who came back from the provider for a command, which has yet to begin its session. A row is taken once.
create table hub.command_line_sign_ins (
  operator_id bigint      not null references hub.operators (id),
  expires_at  timestamptz not null,
  proven_at   timestamptz not null,
  code_hash   bytea       primary key,
  challenge   bytea       not null
);

create index command_line_sign_ins_by_end on hub.command_line_sign_ins (expires_at);
