-- Same tables, columns and nullability as in migrations/sqlite; a test compares them.
-- Ids and days are text, instants are milliseconds since 1970.
-- Text sorts by code point (collation C), as it does in SQLite.

create table institutions (
    id text collate "C" not null check (id not in ('', '*')),
    name text collate "C" not null,
    kind text collate "C" not null,
    vendor_contract text collate "C" not null,
    primary key (id)
);

create table answers (
    institution_id text collate "C" not null references institutions (id),
    item_id text collate "C" not null,
    round bigint not null,
    version bigint not null,
    value text collate "C" not null,
    confirmed_on text collate "C" not null,
    target_on text collate "C",
    note text collate "C",
    answered_by text collate "C" not null,
    recorded_at bigint not null,
    primary key (institution_id, item_id, round, version)
);

create table blobs (
    institution_id text collate "C" not null references institutions (id),
    content_hash text collate "C" not null,
    body bytea not null,
    primary key (institution_id, content_hash)
);

create table evidence (
    institution_id text collate "C" not null references institutions (id),
    id text collate "C" not null,
    source text collate "C" not null,
    format text collate "C" not null,
    collector text collate "C" not null,
    command text collate "C",
    target text collate "C",
    effective_on text collate "C" not null,
    effective_basis text collate "C" not null,
    collected_at bigint,
    recorded_at bigint not null,
    content_hash text collate "C" not null,
    n_bytes bigint not null,
    file_name text collate "C" not null,
    reader_version bigint not null,
    is_current boolean not null,
    primary key (institution_id, id),
    foreign key (institution_id, content_hash) references blobs (institution_id, content_hash)
);

-- The same bytes, read the same way, for the same day are one piece of evidence.
create unique index evidence_known on evidence
    (institution_id, content_hash, source, format, reader_version, effective_on);

-- One piece of evidence counts for a source.
create unique index evidence_current on evidence (institution_id, source) where is_current;

create table facts (
    institution_id text collate "C" not null,
    evidence_id text collate "C" not null,
    ordinal bigint not null,
    table_name text collate "C" not null,
    body bytea not null,
    primary key (institution_id, evidence_id, table_name, ordinal),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
);

create table findings (
    institution_id text collate "C" not null,
    evidence_id text collate "C" not null,
    body bytea not null,
    primary key (institution_id, evidence_id),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
);

create table assets (
    institution_id text collate "C" not null references institutions (id),
    asset_id text collate "C" not null,
    version bigint not null,
    evidence_id text collate "C",
    retired boolean not null,
    record text collate "C" not null,
    changed_by text collate "C" not null,
    changed_at bigint not null,
    primary key (institution_id, asset_id, version),
    foreign key (institution_id, evidence_id) references evidence (institution_id, id)
);

create table column_mappings (
    institution_id text collate "C" not null references institutions (id),
    fingerprint text collate "C" not null,
    mapping text collate "C" not null,
    saved_by text collate "C" not null,
    saved_at bigint not null,
    primary key (institution_id, fingerprint)
);

create table settings (
    institution_id text collate "C" not null references institutions (id),
    key text collate "C" not null,
    value text collate "C" not null,
    saved_by text collate "C" not null,
    saved_at bigint not null,
    primary key (institution_id, key)
);

create table editions (
    id text collate "C" not null,
    revision bigint not null,
    edition_toml text collate "C" not null,
    items_toml text collate "C" not null,
    mapping_toml text collate "C" not null,
    sha256 text collate "C" not null,
    imported_by text collate "C" not null,
    imported_at bigint not null,
    published_by text collate "C",
    published_at bigint,
    primary key (id, revision),
    check ((published_by is null) = (published_at is null))
);

create unique index editions_draft on editions (id) where published_at is null;

-- Second wall: what is history stays, even if a statement of ours were wrong.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% may not be changed', tg_table_name;
end
$$;
create trigger answers_stay before update on answers for each row execute function refuse_change();
create trigger blobs_stay before update on blobs for each row execute function refuse_change();
create trigger facts_stay before update on facts for each row execute function refuse_change();
create trigger findings_stay before update on findings for each row execute function refuse_change();
create trigger assets_stay before update on assets for each row execute function refuse_change();
create trigger editions_stay before update on editions for each row
    when (old.published_at is not null) execute function refuse_change();

-- Second wall: a transaction sees the rows of the institution it was opened for, and no others.
-- `*` is set only to list the institutions; it opens no other table, because no id may be `*`.
alter table institutions enable row level security;
alter table institutions force row level security;
create policy own_rows on institutions
    using (id = current_setting('app.institution', true)
        or current_setting('app.institution', true) = '*')
    with check (id = current_setting('app.institution', true));

alter table answers enable row level security;
alter table answers force row level security;
create policy own_rows on answers
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table blobs enable row level security;
alter table blobs force row level security;
create policy own_rows on blobs
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table evidence enable row level security;
alter table evidence force row level security;
create policy own_rows on evidence
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table facts enable row level security;
alter table facts force row level security;
create policy own_rows on facts
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table findings enable row level security;
alter table findings force row level security;
create policy own_rows on findings
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table assets enable row level security;
alter table assets force row level security;
create policy own_rows on assets
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table column_mappings enable row level security;
alter table column_mappings force row level security;
create policy own_rows on column_mappings
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table settings enable row level security;
alter table settings force row level security;
create policy own_rows on settings
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));
