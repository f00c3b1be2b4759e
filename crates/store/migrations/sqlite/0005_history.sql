-- A history that nobody changes unnoticed; see docs/reference/history.md. Same tables, columns and
-- nullability as in migrations/postgres; a test compares them.

-- Over the rows that a line speaks of, and over the line itself. Lines of earlier versions have none
-- until the next start.
alter table journal add column rows_hash blob;
alter table journal add column leaf_hash blob;

-- The line that wrote a row; 0 before there was one.
alter table answers add column seq integer not null default 0;
alter table blobs add column seq integer not null default 0;
alter table evidence add column seq integer not null default 0;
alter table facts add column seq integer not null default 0;
alter table findings add column seq integer not null default 0;
alter table assets add column seq integer not null default 0;
alter table records add column seq integer not null default 0;

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
    institution_id text not null,
    size integer not null,
    edge blob not null,
    primary key (institution_id)
) strict;

create table checkpoints (
    institution_id text not null,
    size integer not null,
    edge blob not null,
    note text not null,
    made_at integer not null,
    primary key (institution_id, size)
) strict;

-- Whose lines wait for their hashes.
create table unhashed (
    institution_id text not null,
    primary key (institution_id)
) strict;

insert into unhashed select id from institutions;
insert into unhashed select '' where exists (select 1 from accounts)
    or exists (select 1 from editions)
    or exists (select 1 from journal where institution_id = '');

drop trigger journal_stays;
create trigger journal_stays before update on journal when old.leaf_hash is not null
begin select raise(abort, 'the journal is append-only'); end;
create trigger checkpoints_stay before update on checkpoints
begin select raise(abort, 'checkpoints are append-only'); end;
