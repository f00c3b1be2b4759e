-- Same tables, columns and nullability as in migrations/sqlite; a test compares them.

alter table answers add column basis text collate "C";

-- Which evidence counted at a moment that is past.
create index evidence_order on evidence
    (institution_id, source, effective_on, recorded_at, id);

-- The journal of the installation has the empty id, so there is nothing to refer to.
create table journal (
    institution_id text collate "C" not null,
    seq bigint not null,
    at bigint not null,
    by_whom text collate "C" not null,
    action text collate "C" not null,
    subject text collate "C" not null,
    detail text collate "C" not null,
    judged boolean not null,
    primary key (institution_id, seq)
);

create index journal_subject on journal (institution_id, subject, seq);
create index journal_judged on journal (institution_id, seq) where judged;

create table records (
    institution_id text collate "C" not null references institutions (id),
    kind text collate "C" not null,
    record_id text collate "C" not null,
    version bigint not null,
    body text collate "C" not null,
    removed boolean not null,
    changed_by text collate "C" not null,
    changed_at bigint not null,
    primary key (institution_id, kind, record_id, version)
);

create table summaries (
    institution_id text collate "C" not null references institutions (id),
    body text collate "C" not null,
    generation bigint not null,
    judged_on text collate "C" not null,
    saved_at bigint not null,
    primary key (institution_id)
);

create table accounts (
    id text collate "C" not null,
    login text collate "C" not null unique,
    name text collate "C" not null,
    password_hash text collate "C",
    totp_secret text collate "C",
    totp_step bigint,
    language text collate "C",
    theme text collate "C",
    is_operator boolean not null,
    disabled_at bigint,
    created_at bigint not null,
    last_login_at bigint,
    password_changed_at bigint,
    primary key (id)
);

create table passkeys (
    credential_id text collate "C" not null,
    account_id text collate "C" not null references accounts (id),
    name text collate "C" not null,
    body text collate "C" not null,
    created_at bigint not null,
    last_used_at bigint,
    primary key (credential_id)
);

create index passkeys_account on passkeys (account_id);

create table recovery_codes (
    account_id text collate "C" not null references accounts (id),
    code_hash text collate "C" not null,
    used_at bigint,
    primary key (account_id, code_hash)
);

create table setup_links (
    token_hash text collate "C" not null,
    account_id text collate "C" not null references accounts (id),
    made_by text collate "C" not null,
    made_at bigint not null,
    ends_at bigint not null,
    used_at bigint,
    primary key (token_hash)
);

create table sessions (
    token_hash text collate "C" not null,
    account_id text collate "C" not null references accounts (id),
    institution_id text collate "C" references institutions (id),
    made_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null,
    second_factor boolean not null,
    state text collate "C",
    primary key (token_hash)
);

create index sessions_account on sessions (account_id);

create table throttles (
    key text collate "C" not null,
    n_failed bigint not null,
    since bigint not null,
    primary key (key)
);

create table grants (
    institution_id text collate "C" not null references institutions (id),
    id text collate "C" not null,
    account_id text collate "C" not null references accounts (id),
    role text collate "C" not null,
    outsider boolean not null,
    purpose text collate "C",
    ends_on text collate "C",
    granted_by text collate "C" not null,
    granted_at bigint not null,
    revoked_by text collate "C",
    revoked_at bigint,
    primary key (institution_id, id),
    check ((revoked_by is null) = (revoked_at is null))
);

-- What a person may do in all institutions is asked at the door, before one is chosen.
create index grants_account on grants (account_id, institution_id);

create table tokens (
    institution_id text collate "C" not null references institutions (id),
    id text collate "C" not null,
    token_hash text collate "C" not null,
    account_id text collate "C" not null references accounts (id),
    name text collate "C" not null,
    scope text collate "C" not null,
    made_at bigint not null,
    ends_on text collate "C",
    last_used_at bigint,
    revoked_at bigint,
    primary key (institution_id, id)
);

-- A token says by itself which institution it opens.
create unique index tokens_hash on tokens (token_hash);

create trigger journal_stays before update or delete on journal
    for each row execute function refuse_change();
create trigger records_stay before update on records for each row execute function refuse_change();

alter table journal enable row level security;
alter table journal force row level security;
create policy own_rows on journal
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table records enable row level security;
alter table records force row level security;
create policy own_rows on records
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table summaries enable row level security;
alter table summaries force row level security;
create policy own_rows on summaries
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table grants enable row level security;
alter table grants force row level security;
create policy own_rows on grants
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table tokens enable row level security;
alter table tokens force row level security;
create policy own_rows on tokens
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

-- `*` opens these for reading, and for nothing else.
alter policy own_rows on institutions using (id = current_setting('app.institution', true));
create policy all_rows on institutions for select using (current_setting('app.institution', true) = '*');
create policy all_rows on summaries for select using (current_setting('app.institution', true) = '*');
create policy all_rows on grants for select using (current_setting('app.institution', true) = '*');
create policy all_rows on tokens for select using (current_setting('app.institution', true) = '*');

-- What belongs to people opens in the scope of the installation only: whatever a statement made for
-- an institution asks, it sees no password hash and no session.
alter table accounts enable row level security;
alter table accounts force row level security;
create policy installation on accounts
    using (current_setting('app.institution', true) = '');

alter table passkeys enable row level security;
alter table passkeys force row level security;
create policy installation on passkeys
    using (current_setting('app.institution', true) = '');

alter table recovery_codes enable row level security;
alter table recovery_codes force row level security;
create policy installation on recovery_codes
    using (current_setting('app.institution', true) = '');

alter table setup_links enable row level security;
alter table setup_links force row level security;
create policy installation on setup_links
    using (current_setting('app.institution', true) = '');

alter table sessions enable row level security;
alter table sessions force row level security;
create policy installation on sessions
    using (current_setting('app.institution', true) = '');

alter table throttles enable row level security;
alter table throttles force row level security;
create policy installation on throttles
    using (current_setting('app.institution', true) = '');
