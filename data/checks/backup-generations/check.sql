with
    -- The newest list of a repository counts. Days are Japan's, as the day of the evidence is.
    generations as (
        select
            coalesce(backups.repository, '?') || ' ' || coalesce(backups.source_host, '?')
                as subject,
            coalesce(backups.repository, '?') as repository,
            lower(backups.source_host) as source_host,
            backups.evidence_id,
            evidence.effective_on,
            date(backups.taken_at, '+9 hours') as taken_on,
            rank() over (
                partition by backups.repository, backups.source_host
                order by evidence.effective_on desc, backups.evidence_id
            ) as place
        from backups
        left join evidence on evidence.evidence_id = backups.evidence_id
    ),
    sets as (
        select
            subject,
            repository,
            source_host,
            evidence_id,
            effective_on,
            count(distinct taken_on) as n_generations,
            max(taken_on) as newest_on,
            max(taken_on is null) as has_undated,
            julianday(effective_on) - julianday(max(taken_on)) as n_days
        from generations
        where place = 1
        group by subject, repository, source_host, evidence_id, effective_on
    ),
    -- Only a drill that a person wrote down shows that the data comes back.
    drills as (
        select
            repository,
            drilled_on,
            succeeded,
            row_number() over (
                partition by repository order by drilled_on desc, succeeded
            ) as place
        from restore_drills
        where drilled_on <= :as_of
    ),
    judged_sets as (
        select
            sets.subject,
            sets.evidence_id,
            sets.n_generations,
            sets.newest_on,
            drills.drilled_on,
            case
                when effective_on is null or has_undated then 'not_read'
                when n_days < 0 then 'future'
                when n_days > :age_days_max then 'too_old'
                when n_generations < :generations_min then 'too_few'
                when drills.drilled_on is null then 'no_drill'
                when drills.succeeded = 0 then 'drill_failed'
                when drills.drilled_on < date(:as_of, '-' || :drill_days_max || ' days')
                    then 'drill_old'
                when drills.succeeded = 1 then 'restorable'
                else 'drill_unclear'
            end as code
        from sets
        left join drills
            on drills.place = 1
            and drills.repository = (
                select max(named.repository)
                from drills as named
                where named.repository in (sets.repository, '*')
            )
    ),
    -- A server is covered by the name that the machine itself reports, not by a name in the ledger.
    covered as (
        select subject_hosts.subject
        from subject_hosts
        join hosts on hosts.host = subject_hosts.host
        join sets on sets.source_host = lower(hosts.hostname)
        where hosts.host like 'machine:%'
            -- A name that two machines bear tells of neither.
            and lower(hosts.hostname) in (
                select lower(hostname) from hosts where host like 'machine:%'
                group by lower(hostname) having count(distinct host) = 1
            )
    ),
    named_alike as (
        select subjects.subject, min(sets.evidence_id) as evidence_id
        from subjects
        join sets on sets.source_host = lower(subjects.name)
        group by subjects.subject
    ),
    judged as (
        select subject, evidence_id, n_generations, newest_on, drilled_on, code
        from judged_sets
        union all
        select
            subjects.subject,
            named_alike.evidence_id,
            null,
            null,
            null,
            case when named_alike.subject is null then 'no_backup_seen' else 'same_name' end
        from subjects
        left join named_alike on named_alike.subject = subjects.subject
        -- A machine of a kind that nobody knows may be a server.
        where coalesce(subjects.kind, 'server') = 'server'
            and subjects.subject not in (select subject from covered)
    )
select
    subject,
    case code
        when 'restorable' then 'met'
        when 'no_drill' then 'conditional'
        when 'drill_old' then 'conditional'
        when 'drill_unclear' then 'conditional'
        when 'same_name' then 'conditional'
        when 'too_old' then 'not_met'
        when 'too_few' then 'not_met'
        when 'drill_failed' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object(
        'code', code,
        'n_generations', n_generations,
        'wanted', :generations_min,
        'newest_on', newest_on,
        'drilled_on', drilled_on
    ) as reason,
    evidence_id
from judged
order by subject
