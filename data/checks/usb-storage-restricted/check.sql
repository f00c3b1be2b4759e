with
    -- The newest collection of a machine counts.
    collected as (
        select
            subject_hosts.subject,
            usb_storage_policy.*,
            rank() over (
                partition by subject_hosts.subject
                order by
                    evidence.effective_on desc,
                    usb_storage_policy.evidence_id,
                    usb_storage_policy.host
            ) as place
        from usb_storage_policy
        join subject_hosts on subject_hosts.host = usb_storage_policy.host
        left join evidence on evidence.evidence_id = usb_storage_policy.evidence_id
    ),
    -- One mechanism that blocks is enough; without one, what could not be read may block.
    machines as (
        select
            subject,
            evidence_id,
            max(coalesce(state = 'blocked', 0)) as has_block,
            max(coalesce(state = 'restricted', 0)) as has_restriction,
            max(coalesce(state not in ('blocked', 'restricted', 'allowed'), 1)) as has_unread,
            min(case when state = 'blocked' then mechanism end) as blocked_by,
            min(case when state = 'restricted' then mechanism end) as restricted_by
        from collected
        where place = 1
        group by subject, evidence_id
    ),
    judged as (
        select
            subjects.subject,
            machines.evidence_id,
            coalesce(machines.blocked_by, machines.restricted_by) as mechanism,
            case
                when machines.subject is null then 'silent'
                when machines.has_block then 'blocked'
                when machines.has_restriction then 'restricted'
                when machines.has_unread then 'not_read'
                when not machines.has_unread then 'allowed'
            end as code
        from subjects
        left join machines on machines.subject = subjects.subject
        where machines.subject is not null
            -- A machine of a kind that nobody knows may be one of these.
            or coalesce(subjects.kind, 'server') in ('server', 'terminal')
    )
select
    subject,
    case code
        when 'blocked' then 'met'
        when 'restricted' then 'conditional'
        when 'allowed' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'mechanism', mechanism) as reason,
    evidence_id
from judged
order by subject
