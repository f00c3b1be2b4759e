with
    rules as (
        select
            coalesce(
                case when password_policy.scope = 'domain' then password_policy.name end,
                subject_hosts.subject,
                password_policy.host
            ) as subject,
            password_policy.*,
            evidence.effective_on
        from password_policy
        left join subject_hosts on subject_hosts.host = password_policy.host
        left join evidence on evidence.evidence_id = password_policy.evidence_id
    ),
    -- The newest evidence about a machine or a domain counts.
    newest as (
        select
            rules.*,
            rank() over (
                partition by subject order by effective_on desc, evidence_id, host
            ) as place
        from rules
        where subject is not null
    ),
    coded as (
        select
            newest.*,
            case
                when min_length < 8 then 'too_short'
                when complexity = 0 then 'one_kind_of_character'
                when min_length is null or complexity is null then 'not_read'
                when min_length >= :long_length and complexity = 1 then 'long'
                when max_age_days is null then 'not_read'
                when max_age_days between 1 and :age_days_max then 'rotated'
                -- 8 to 12 characters without a change: only a second factor makes that enough.
                when max_age_days < 1 or max_age_days > :age_days_max then 'needs_two_factor'
            end as code
        from newest
        where place = 1
    ),
    -- One row a machine or domain: the weakest rule speaks.
    weakest as (
        select
            coded.*,
            row_number() over (
                partition by subject
                order by
                    case code
                        when 'too_short' then 0
                        when 'one_kind_of_character' then 1
                        when 'not_read' then 2
                        when 'needs_two_factor' then 3
                        when 'rotated' then 4
                        when 'long' then 5
                    end,
                    min_length,
                    max_age_days
            ) as weakness
        from coded
    ),
    policies as materialized (
        select weakest.*, lower(subject) as key from weakest where weakness = 1
    ),
    exported as materialized (
        select
            directory_accounts.*,
            lower(directory_accounts.domain) as key,
            row_number() over (
                partition by lower(directory_accounts.domain), lower(directory_accounts.account)
                order by evidence.effective_on desc, directory_accounts.evidence_id
            ) as place
        from directory_accounts
        left join evidence on evidence.evidence_id = directory_accounts.evidence_id
        where directory_accounts.account is not null
    ),
    -- Only accounts that the rule does not bind get a row of their own.
    directory as (
        select
            coalesce(exported.domain, '?') || '\' || exported.account as subject,
            exported.evidence_id,
            case
                when exported.password_not_required = 1 then 'no_password_needed'
                when exported.password_never_expires = 1
                    and coalesce(exported.smartcard_required, 0) = 0
                    and policies.code = 'rotated' then 'never_expires'
            end as code
        from exported
        left join policies on policies.key = exported.key
        where exported.place = 1 and exported.enabled = 1
    ),
    passwords as (
        select
            subject_hosts.subject,
            shadow.*,
            rank() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, shadow.evidence_id, shadow.host
            ) as place
        from shadow
        join subject_hosts on subject_hosts.host = shadow.host
        left join evidence on evidence.evidence_id = shadow.evidence_id
        where shadow.username is not null
    ),
    local as (
        select
            passwords.subject || '\' || passwords.username as subject,
            passwords.evidence_id,
            case
                when max(passwords.password_status = 'empty') then 'no_password_needed'
                when max(passwords.password_status = 'active'
                        and (passwords.max > :age_days_max or passwords.max < 1))
                    and policies.code = 'rotated' then 'never_expires'
            end as code
        from passwords
        left join policies on policies.subject = passwords.subject
        where passwords.place = 1
        group by passwords.subject, passwords.username
    ),
    judged as (
        select subject, evidence_id, min_length, max_age_days, code from policies
        union all
        select subject, null, null, null, 'silent'
        from subjects
        -- A machine of a kind that nobody knows may be one of these.
        where coalesce(kind, 'server') in ('server', 'terminal')
            and subject not in (select subject from policies)
        union all
        select subject, evidence_id, null, null, code from directory where code is not null
        union all
        select subject, evidence_id, null, null, code from local where code is not null
    )
select
    subject,
    case code
        when 'long' then 'met'
        when 'rotated' then 'met'
        when 'needs_two_factor' then 'conditional'
        when 'too_short' then 'not_met'
        when 'one_kind_of_character' then 'not_met'
        when 'no_password_needed' then 'not_met'
        when 'never_expires' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'n_characters', min_length, 'days', max_age_days) as reason,
    evidence_id
from judged
order by subject
