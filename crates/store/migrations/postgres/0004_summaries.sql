-- A summary knows the journal up to `last_entry`; how far the journal has gone since stands beside it,
-- because the overview of all institutions may read no journal. Those that are there already count as
-- older than a change until somebody looks.
alter table summaries drop column generation;
alter table summaries add column last_entry bigint not null default 0;
alter table summaries add column newest_entry bigint not null default 1;

create function let_summary_fall_behind() returns trigger language plpgsql as $$
begin
    update summaries set newest_entry = new.seq where institution_id = new.institution_id;
    return null;
end
$$;
create trigger summary_falls_behind after insert on journal
    for each row execute function let_summary_fall_behind();
