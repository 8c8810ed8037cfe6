-- Tokens of build systems that were exchanged for a key: each counts once, until it ends by itself.
create table used_tokens (
  issuer text not null,
  token_id text not null,
  expires_at timestamptz not null,
  primary key (issuer, token_id)
);
create index used_tokens_by_end on used_tokens (expires_at);
