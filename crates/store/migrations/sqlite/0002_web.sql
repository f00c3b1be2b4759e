-- Same tables, columns and nullability as in migrations/postgres; a test compares them.

alter table answers add column basis text;

-- Which evidence counted at a moment that is past.
create index evidence_order on evidence
    (institution_id, source, effective_on, recorded_at, id);

-- The journal of the installation has the empty id, so there is nothing to refer to.
create table journal (
    institution_id text not null,
    seq integer not null,
    at integer not null,
    by_whom text not null,
    action text not null,
    subject text not null,
    detail text not null,
    judged integer not null check (judged in (0, 1)),
    primary key (institution_id, seq)
) strict;

create index journal_subject on journal (institution_id, subject, seq);
create index journal_judged on journal (institution_id, seq) where judged;

create table records (
    institution_id text not null references institutions (id),
    kind text not null,
    record_id text not null,
    version integer not null,
    body text not null,
    removed integer not null check (removed in (0, 1)),
    changed_by text not null,
    changed_at integer not null,
    primary key (institution_id, kind, record_id, version)
) strict;

create table summaries (
    institution_id text not null references institutions (id),
    body text not null,
    generation integer not null,
    judged_on text not null,
    saved_at integer not null,
    primary key (institution_id)
) strict;

create table accounts (
    id text not null,
    login text not null unique,
    name text not null,
    password_hash text,
    totp_secret text,
    totp_step integer,
    language text,
    theme text,
    is_operator integer not null check (is_operator in (0, 1)),
    disabled_at integer,
    created_at integer not null,
    last_login_at integer,
    password_changed_at integer,
    primary key (id)
) strict;

create table passkeys (
    credential_id text not null,
    account_id text not null references accounts (id),
    name text not null,
    body text not null,
    created_at integer not null,
    last_used_at integer,
    primary key (credential_id)
) strict;

create index passkeys_account on passkeys (account_id);

create table recovery_codes (
    account_id text not null references accounts (id),
    code_hash text not null,
    used_at integer,
    primary key (account_id, code_hash)
) strict;

create table setup_links (
    token_hash text not null,
    account_id text not null references accounts (id),
    made_by text not null,
    made_at integer not null,
    ends_at integer not null,
    used_at integer,
    primary key (token_hash)
) strict;

create table sessions (
    token_hash text not null,
    account_id text not null references accounts (id),
    institution_id text references institutions (id),
    made_at integer not null,
    seen_at integer not null,
    ends_at integer not null,
    second_factor integer not null check (second_factor in (0, 1)),
    state text,
    primary key (token_hash)
) strict;

create index sessions_account on sessions (account_id);

create table throttles (
    key text not null,
    n_failed integer not null,
    since integer not null,
    primary key (key)
) strict;

create table grants (
    institution_id text not null references institutions (id),
    id text not null,
    account_id text not null references accounts (id),
    role text not null,
    outsider integer not null check (outsider in (0, 1)),
    purpose text,
    ends_on text,
    granted_by text not null,
    granted_at integer not null,
    revoked_by text,
    revoked_at integer,
    primary key (institution_id, id),
    check ((revoked_by is null) = (revoked_at is null))
) strict;

-- What a person may do in all institutions is asked at the door, before one is chosen.
create index grants_account on grants (account_id, institution_id);

create table tokens (
    institution_id text not null references institutions (id),
    id text not null,
    token_hash text not null,
    account_id text not null references accounts (id),
    name text not null,
    scope text not null,
    made_at integer not null,
    ends_on text,
    last_used_at integer,
    revoked_at integer,
    primary key (institution_id, id)
) strict;

-- A token says by itself which institution it opens.
create unique index tokens_hash on tokens (token_hash);

create trigger journal_stays before update on journal
begin select raise(abort, 'the journal is append-only'); end;
create trigger journal_is_kept before delete on journal
begin select raise(abort, 'the journal is append-only'); end;
create trigger records_stay before update on records
begin select raise(abort, 'records are append-only'); end;
