with
    -- The newest export of a directory counts.
    exported as (
        select
            directory_accounts.*,
            evidence.effective_on,
            row_number() over (
                partition by lower(directory_accounts.domain), lower(directory_accounts.account)
                order by evidence.effective_on desc, directory_accounts.evidence_id
            ) as place
        from directory_accounts
        left join evidence on evidence.evidence_id = directory_accounts.evidence_id
        where directory_accounts.account is not null
    ),
    directory as (
        select
            coalesce(domain, '?') || '\' || account as subject,
            evidence_id,
            effective_on,
            enabled is null as is_unsaid,
            -- The administrator that every domain has cannot be deleted; a person must look.
            coalesce(directory_id like 'S-1-5-21-%-500', 0) as is_builtin,
            last_logon_on as used_on,
            coalesce(last_logon_known, 0) as is_recorded,
            created_on,
            -- A directory replicates the last logon late.
            :lag_days as lag_days
        from exported
        where place = 1
            and coalesce(enabled, 1) = 1
            and (expires_on is null or effective_on is null or expires_on >= effective_on)
    ),
    -- The newest collection of a machine counts.
    collected as (
        select
            subject_hosts.subject,
            users.*,
            evidence.effective_on,
            rank() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, users.evidence_id, users.host
            ) as place
        from users
        join subject_hosts on subject_hosts.host = users.host
        left join evidence on evidence.evidence_id = users.evidence_id
        where users.username is not null
    ),
    -- Only accounts that a person could log in with: a real shell and an open password.
    local as (
        select
            collected.subject || '\' || collected.username as subject,
            collected.evidence_id,
            collected.effective_on,
            0 as is_unsaid,
            coalesce(collected.uid = 0, 0) as is_builtin,
            max(logins.last_login_on) as used_on,
            coalesce(max(logins.recorded), 0) as is_recorded,
            -- Nothing says when a local account was made; its password is not older than itself.
            date(min(shadow.last_change) * 86400, 'unixepoch') as created_on,
            0 as lag_days
        from collected
        left join logins
            on logins.host = collected.host
            and logins.username = collected.username
            and logins.evidence_id = collected.evidence_id
        left join shadow
            on shadow.host = collected.host
            and shadow.username = collected.username
            and shadow.evidence_id = collected.evidence_id
        where collected.place = 1
            and coalesce(collected.shell, '') not like '%/nologin'
            and coalesce(collected.shell, '') not like '%/false'
            and coalesce(collected.shell, '') not in ('/bin/sync', '/sbin/halt', '/sbin/shutdown')
            and coalesce(shadow.password_status, '') not in ('locked', 'not_set')
            and coalesce(
                date(shadow.expire * 86400, 'unixepoch') >= collected.effective_on, 1
            ) = 1
        group by collected.subject, collected.username
    ),
    accounts as (
        select * from directory
        union all
        select * from local
    ),
    -- Days are counted to the day of the evidence: what came after it is not known.
    aged as (
        select
            accounts.*,
            julianday(effective_on) - julianday(used_on) as n_days_unused,
            julianday(effective_on) - julianday(created_on) as n_days_old
        from accounts
    ),
    judged as (
        select
            subject,
            evidence_id,
            used_on,
            case
                when is_unsaid then 'not_said'
                when n_days_unused < 0 then 'future'
                when n_days_unused <= :days_max then 'used'
                when is_builtin
                    and (n_days_unused > :days_max or (used_on is null and is_recorded))
                    then 'builtin'
                when n_days_unused <= :days_max + lag_days then 'perhaps_used'
                when n_days_unused > :days_max + lag_days then 'unused'
                when is_recorded = 0 then 'not_recorded'
                when n_days_old < 0 then 'future'
                when n_days_old <= :days_max then 'new'
                when n_days_old > :days_max then 'never_used'
                else 'age_unknown'
            end as code
        from aged
        union all
        -- A silent machine of the ledger may have any account.
        select subject, null, null, 'silent'
        from subjects
        -- A machine of a kind that nobody knows may be one of these.
        where coalesce(kind, 'server') in ('server', 'terminal')
            and subject not in (select subject from collected)
    )
select
    subject,
    case code
        when 'used' then 'met'
        when 'new' then 'met'
        when 'perhaps_used' then 'conditional'
        when 'builtin' then 'conditional'
        when 'unused' then 'not_met'
        when 'never_used' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'used_on', used_on, 'days', :days_max) as reason,
    evidence_id
from judged
order by subject
