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
    -- Materialized: compared by name without regard to case, which is slow when done pair by pair.
    accounts as materialized (
        select
            coalesce(domain, '?') || '\' || account as subject,
            lower(account) as account,
            employee_id,
            evidence_id,
            effective_on,
            case
                when enabled = 0 then 'closed'
                when enabled = 1 and expires_on < :as_of then 'closed'
                when enabled = 1 then 'open'
                else 'not_said'
            end as state
        from exported
        where place = 1
    ),
    -- A roster that contradicts itself is not read either way.
    roster as materialized (
        select
            staff.staff_id,
            lower(staff.account) as account,
            staff.evidence_id,
            evidence.effective_on,
            case
                when employed = 1 and (left_on is null or left_on >= :as_of) then 'employed'
                when employed = 0 and (left_on is null or left_on <= :as_of) then 'left'
                when employed is null and left_on < :as_of then 'left'
                else 'unclear'
            end as state
        from staff
        left join evidence on evidence.evidence_id = staff.evidence_id
    ),
    people as (
        select accounts.subject, roster.state, roster.evidence_id, roster.effective_on
        from accounts
        join roster on roster.staff_id = accounts.employee_id and roster.staff_id <> ''
        union
        select accounts.subject, roster.state, roster.evidence_id, roster.effective_on
        from accounts
        join roster on roster.account = accounts.account and roster.account <> ''
    ),
    -- The older of two pieces of evidence decides how old the verdict is; undated counts as oldest.
    oldest as (
        select
            people.*,
            row_number() over (
                partition by subject order by effective_on, evidence_id
            ) as place
        from people
    ),
    matched as (
        select
            subject,
            max(state = 'employed') as has_employed,
            max(state = 'left') as has_left,
            max(state = 'unclear') as has_unclear,
            max(case when place = 1 then evidence_id end) as evidence_id,
            max(case when place = 1 then effective_on end) as effective_on
        from oldest
        group by subject
    ),
    judged as (
        select
            accounts.subject,
            case
                when matched.subject is not null
                    and (matched.effective_on is null
                        or matched.effective_on < accounts.effective_on)
                    then matched.evidence_id
                else accounts.evidence_id
            end as evidence_id,
            case
                when accounts.state = 'not_said' then 'not_said'
                when not exists (select 1 from staff) then 'no_roster'
                when matched.subject is null and accounts.state = 'open' then 'not_on_roster'
                when matched.has_unclear or (matched.has_left and matched.has_employed)
                    then 'roster_unclear'
                when matched.has_left and accounts.state = 'closed' then 'leaver_closed'
                when matched.has_left and accounts.state = 'open' then 'leaver_open'
                when matched.has_employed and accounts.state = 'open' then 'employed'
            end as code
        from accounts
        left join matched on matched.subject = accounts.subject
        -- A closed account is only worth a row when it shows that a leaver was taken care of.
        where accounts.state <> 'closed' or matched.has_left
    )
select
    subject,
    case code
        when 'employed' then 'met'
        when 'leaver_closed' then 'met'
        when 'leaver_open' then 'not_met'
        when 'not_on_roster' then 'conditional'
        else 'unknown'
    end as verdict,
    code as reason,
    evidence_id
from judged
order by subject
