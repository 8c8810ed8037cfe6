-- Addresses that make the person who signs in by them an admin, once: made on the machine of the installation, for its first
-- admin and when none is left.
create table invitations (
  -- SHA-256 of the token in the address.
  digest text primary key,
  created_at timestamptz not null,
  created_by text not null,
  reason text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  used_by uuid references people (id)
);

-- The invitation by which a sign-in began.
alter table begun_sign_ins add column invitation text;
