-- Same tables, columns and nullability as in migrations/postgres; a test compares them.
-- Ids and days are text, instants are milliseconds since 1970, booleans are 0 and 1.

create table institutions (
    id text not null check (id not in ('', '*')),
    name text not null,
    kind text not null,
    vendor_contract text not null,
    primary key (id)
) strict;

create table answers (
    institution_id text not null references institutions (id),
    item_id text not null,
    round integer not null,
    version integer not null,
    value text not null,
    confirmed_on text not null,
    target_on text,
    note text,
    answered_by text not null,
    recorded_at integer not null,
    primary key (institution_id, item_id, round, version)
) strict;

create table blobs (
    institution_id text not null references institutions (id),
    content_hash text not null,
    body blob not null,
    primary key (institution_id, content_hash)
) strict;

create table evidence (
    institution_id text not null references institutions (id),
    id text not null,
    source text not null,
    format text not null,
    collector text not null,
    command text,
    target text,
    effective_on text not null,
    effective_basis text not null,
    collected_at integer,
    recorded_at integer not null,
    content_hash text not null,
    n_bytes integer not null,
    file_name text not null,
    reader_version integer not null,
    is_current integer not null check (is_current in (0, 1)),
    primary key (institution_id, id),
    foreign key (institution_id, content_hash) references blobs (institution_id, content_hash)
) strict;

-- The same bytes, read the same way, for the same day are one piece of evidence.
create unique index evidence_known on evidence
    (institution_id, content_hash, source, format, reader_version, effective_on);

-- One piece of evidence counts for a source.
create unique index evidence_current on evidence (institution_id, source) where is_current;

create table facts (
    institution_id text not null,
    evidence_id text not null,
    ordinal integer not null,
    table_name text not null,
    body blob not null,
    primary key (institution_id, evidence_id, table_name, ordinal),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
) strict;

create table findings (
    institution_id text not null,
    evidence_id text not null,
    body blob not null,
    primary key (institution_id, evidence_id),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
) strict;

create table assets (
    institution_id text not null references institutions (id),
    asset_id text not null,
    version integer not null,
    evidence_id text,
    retired integer not null check (retired in (0, 1)),
    record text not null,
    changed_by text not null,
    changed_at integer not null,
    primary key (institution_id, asset_id, version),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
) strict;

create table column_mappings (
    institution_id text not null references institutions (id),
    fingerprint text not null,
    mapping text not null,
    saved_by text not null,
    saved_at integer not null,
    primary key (institution_id, fingerprint)
) strict;

create table settings (
    institution_id text not null references institutions (id),
    key text not null,
    value text not null,
    saved_by text not null,
    saved_at integer not null,
    primary key (institution_id, key)
) strict;

create table editions (
    id text not null,
    revision integer not null,
    edition_toml text not null,
    items_toml text not null,
    mapping_toml text not null,
    sha256 text not null,
    imported_by text not null,
    imported_at integer not null,
    published_by text,
    published_at integer,
    primary key (id, revision),
    check ((published_by is null) = (published_at is null))
) strict;

create unique index editions_draft on editions (id) where published_at is null;

-- Second wall: what is history stays, even if a statement of ours were wrong.
create trigger answers_stay before update on answers
begin select raise(abort, 'answers are append-only'); end;
create trigger blobs_stay before update on blobs
begin select raise(abort, 'blobs are append-only'); end;
create trigger facts_stay before update on facts
begin select raise(abort, 'facts are append-only'); end;
create trigger findings_stay before update on findings
begin select raise(abort, 'findings are append-only'); end;
create trigger assets_stay before update on assets
begin select raise(abort, 'assets are append-only'); end;
create trigger editions_stay before update on editions when old.published_at is not null
begin select raise(abort, 'a published edition is frozen'); end;
