with
    -- The newest collection of a machine counts.
    collected as (
        select
            subject_hosts.subject,
            update_state.*,
            julianday(evidence.effective_on) - julianday(update_state.lists_updated_on)
                as n_list_days,
            rank() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, update_state.evidence_id, update_state.host
            ) as place
        from update_state
        join subject_hosts on subject_hosts.host = update_state.host
        left join evidence on evidence.evidence_id = update_state.evidence_id
    ),
    -- A machine may have several package managers; each must be read, each list be fresh.
    machines as (
        select
            subject,
            evidence_id,
            sum(n_security) as n_security,
            max(n_security is null) as has_unread,
            max(n_list_days is null) as has_no_list,
            max(n_list_days) as n_list_days,
            min(n_list_days) as n_list_days_min
        from collected
        where place = 1
        group by subject, evidence_id
    ),
    judged as (
        select
            subjects.subject,
            machines.evidence_id,
            machines.n_security,
            machines.n_list_days,
            case
                when machines.subject is null and subjects.kind = 'network_device'
                    then 'network_device'
                when machines.subject is null then 'silent'
                -- What is known to be missing is missing, however old the list.
                when machines.n_security > 0 then 'pending'
                when machines.has_unread then 'not_read'
                when machines.has_no_list or machines.n_list_days_min < 0 then 'no_list'
                when machines.n_list_days > :list_days_max then 'list_old'
                when machines.n_security = 0 and machines.n_list_days <= :list_days_max
                    then 'applied'
            end as code
        from subjects
        left join machines on machines.subject = subjects.subject
        where machines.subject is not null
            -- A machine of a kind that nobody knows may be one of these.
            or coalesce(subjects.kind, 'server') in ('server', 'terminal', 'network_device')
    )
select
    subject,
    case code
        when 'applied' then 'met'
        when 'pending' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'n_updates', n_security, 'days', cast(n_list_days as integer))
        as reason,
    evidence_id
from judged
order by subject
