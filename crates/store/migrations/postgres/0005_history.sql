-- A history that nobody changes unnoticed; see docs/reference/history.md. Same tables, columns and
-- nullability as in migrations/sqlite; a test compares them.

-- Over the rows that a line speaks of, and over the line itself. Lines of earlier versions have none
-- until the next start.
alter table journal add column rows_hash bytea;
alter table journal add column leaf_hash bytea;

-- The line that wrote a row; 0 before there was one.
alter table answers add column seq bigint not null default 0;
alter table blobs add column seq bigint not null default 0;
alter table evidence add column seq bigint not null default 0;
alter table facts add column seq bigint not null default 0;
alter table findings add column seq bigint not null default 0;
alter table assets add column seq bigint not null default 0;
alter table records add column seq bigint not null default 0;

create index answers_seq on answers (institution_id, seq);
create index blobs_seq on blobs (institution_id, seq);
create index evidence_seq on evidence (institution_id, seq);
create index facts_seq on facts (institution_id, seq);
create index findings_seq on findings (institution_id, seq);
create index assets_seq on assets (institution_id, seq);
create index records_seq on records (institution_id, seq);

-- How many lines a journal has, and the right edge of the tree over them: enough to add one, and a
-- last line that was taken away is missed.
create table heads (
    institution_id text collate "C" not null,
    size bigint not null,
    edge bytea not null,
    primary key (institution_id)
);

create table checkpoints (
    institution_id text collate "C" not null,
    size bigint not null,
    edge bytea not null,
    note text collate "C" not null,
    made_at bigint not null,
    primary key (institution_id, size)
);

-- Whose lines wait for their hashes.
create table unhashed (
    institution_id text collate "C" not null,
    primary key (institution_id)
);

select set_config('app.institution', '*', true);
insert into unhashed select id from institutions;
select set_config('app.institution', '', true);
insert into unhashed select '' where exists (select 1 from accounts)
    or exists (select 1 from editions)
    or exists (select 1 from journal where institution_id = '');

drop trigger journal_stays on journal;
create trigger journal_stays before update on journal
    for each row when (old.leaf_hash is not null) execute function refuse_change();
create trigger journal_is_kept before delete on journal
    for each row execute function refuse_change();
create trigger checkpoints_stay before update on checkpoints
    for each row execute function refuse_change();

alter table heads enable row level security;
alter table heads force row level security;
create policy own_rows on heads
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));
create policy all_rows on heads for select using (current_setting('app.institution', true) = '*');

alter table checkpoints enable row level security;
alter table checkpoints force row level security;
create policy own_rows on checkpoints
    using (institution_id = current_setting('app.institution', true))
    with check (institution_id = current_setting('app.institution', true));

alter table unhashed enable row level security;
alter table unhashed force row level security;
create policy installation on unhashed
    using (current_setting('app.institution', true) = '');
