with
    -- The newest collection of a machine counts.
    collected as (
        select
            subject_hosts.subject,
            log_config.*,
            evidence.effective_on,
            rank() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, log_config.evidence_id, log_config.host
            ) as place
        from log_config
        join subject_hosts on subject_hosts.host = log_config.host
        left join evidence on evidence.evidence_id = log_config.evidence_id
    ),
    -- rsyslog writes the files, logrotate says how long they stay.
    rotation as (
        select subject, min(retention_days) as n_days
        from collected
        where place = 1 and mechanism = 'logrotate'
        group by subject
    ),
    kept as (
        select
            collected.subject,
            collected.evidence_id,
            collected.active,
            collected.persistent,
            collected.records_logins,
            collected.forwards_to,
            julianday(collected.effective_on) - julianday(collected.newest_entry_on)
                as n_days_silent,
            max(
                -- Only a rotation keeps that long; what journald and auditd are told is the most
                -- that they keep, and a full disk keeps less.
                coalesce(
                    case
                        when collected.mechanism = 'rsyslog'
                            then coalesce(collected.retention_days, rotation.n_days)
                    end,
                    -1
                ),
                coalesce(
                    julianday(collected.effective_on) - julianday(collected.oldest_entry_on), -1
                )
            ) as n_days_kept
        from collected
        left join rotation on rotation.subject = collected.subject
        where collected.place = 1 and collected.mechanism <> 'logrotate'
    ),
    mechanisms as (
        select
            kept.*,
            case
                when active = 0 then 'off'
                when active is null or records_logins is null or persistent is null then 'not_read'
                when records_logins = 0 then 'no_logins'
                when persistent = 0 and forwards_to is not null then 'forwarded'
                when persistent = 0 then 'not_kept'
                when n_days_silent is null or n_days_silent < 0 then 'not_read'
                when n_days_silent > :silent_days_max then 'log_silent'
                when n_days_kept >= :retention_days then 'kept'
                when n_days_kept < 0 then 'not_read'
                when n_days_kept < :retention_days then 'kept_short'
            end as code
        from kept
    ),
    -- One mechanism that keeps logins is enough; the best one speaks.
    best as (
        select
            mechanisms.*,
            row_number() over (
                partition by subject
                order by
                    case code
                        when 'kept' then 0
                        when 'kept_short' then 1
                        when 'forwarded' then 2
                        when 'log_silent' then 3
                        when 'not_read' then 4
                        when 'not_kept' then 5
                        when 'no_logins' then 6
                        when 'off' then 7
                    end,
                    n_days_kept desc
            ) as place
        from mechanisms
    ),
    judged as (
        select
            subjects.subject,
            best.evidence_id,
            best.n_days_kept,
            case
                when best.subject is null then 'silent'
                -- Nothing else records logins either, or it would have spoken.
                when best.code = 'off' then 'no_logins'
                else best.code
            end as code
        from subjects
        left join best on best.subject = subjects.subject and best.place = 1
        -- A machine of a kind that nobody knows may be a server.
        where coalesce(subjects.kind, 'server') = 'server'
    )
select
    subject,
    case code
        when 'kept' then 'met'
        when 'kept_short' then 'conditional'
        when 'forwarded' then 'conditional'
        when 'not_kept' then 'not_met'
        when 'no_logins' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object(
        'code', code,
        'days', cast(n_days_kept as integer),
        'wanted', :retention_days
    ) as reason,
    evidence_id
from judged
order by subject
