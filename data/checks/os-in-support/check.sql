with
    products as (
        select
            platform,
            cycle,
            product,
            ends_on,
            lower(product || coalesce(' ' || cycle, '')) as words
        from product_support
        where package is null
    ),
    -- The words of the ledger, each once: `FortiOS` and `7.2`, or `FortiOS 7.2`.
    -- Materialized, because every product is compared with them.
    ledger_words as materialized (
        select distinct lower(trim(trim(os) || ' ' || trim(coalesce(os_version, '')))) as words
        from assets
        where os is not null
    ),
    -- The longest product that they begin with, followed by nothing, a space or a dot.
    ledger_cycles as (
        select
            ledger_words.words,
            products.ends_on,
            row_number() over (
                partition by ledger_words.words
                order by length(products.words) desc, products.ends_on
            ) as place
        from ledger_words
        join products
            on ledger_words.words = products.words
            or ledger_words.words like products.words || ' %'
            or ledger_words.words like products.words || '.%'
    ),
    -- Without a version the ledger can only contradict: when every cycle has ended.
    all_ended as (
        select lower(product) as words, max(ends_on) as ends_on
        from products
        group by lower(product)
        having count(ends_on) = count(*) and max(ends_on) < :as_of
    ),
    -- The newest collection of a machine counts.
    collected as (
        select
            subject_hosts.subject,
            os_version.*,
            evidence.effective_on,
            row_number() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, os_version.evidence_id, os_version.host
            ) as place
        from os_version
        join subject_hosts on subject_hosts.host = os_version.host
        left join evidence on evidence.evidence_id = os_version.evidence_id
    ),
    versions as materialized (
        select distinct platform, coalesce(version, cast(major as text)) as version
        from collected
        where place = 1
    ),
    collected_cycles as (
        select
            versions.platform,
            versions.version,
            products.ends_on,
            row_number() over (
                partition by versions.platform, versions.version
                order by length(products.cycle) desc, products.ends_on
            ) as place
        from versions
        join products
            on products.platform = versions.platform
            and (
                versions.version = products.cycle
                or versions.version like products.cycle || '.%'
                or versions.version like products.cycle || ' %'
            )
    ),
    known as (
        select
            subjects.subject,
            coalesce(collected.name, assets.os) as name,
            coalesce(collected.version, assets.os_version) as version,
            coalesce(collected_cycles.ends_on, ledger_cycles.ends_on, all_ended.ends_on)
                as listed_until,
            assets.support_ends_on as ledger_until,
            collected.evidence_id as collected_id,
            assets.evidence_id as ledger_id
        from subjects
        left join assets on assets.asset = subjects.subject
        left join collected on collected.subject = subjects.subject and collected.place = 1
        left join collected_cycles
            on collected_cycles.platform = collected.platform
            and collected_cycles.version
                = coalesce(collected.version, cast(collected.major as text))
            and collected_cycles.place = 1
        -- Words of the ledger count only where no machine spoke for itself.
        left join ledger_cycles
            on collected.subject is null
            and ledger_cycles.words
                = lower(trim(trim(assets.os) || ' ' || trim(coalesce(assets.os_version, ''))))
            and ledger_cycles.place = 1
        left join all_ended
            on collected.subject is null
            and all_ended.words = lower(trim(assets.os))
            and trim(coalesce(assets.os_version, '')) = ''
        where coalesce(subjects.kind, '') <> 'other'
    ),
    judged as (
        select
            known.*,
            case
                when ledger_until < :as_of then 'ledger_ended'
                when listed_until < :as_of and ledger_until >= :as_of then 'extended'
                when listed_until < :as_of then 'ended'
                when listed_until >= :as_of then 'supported'
                when ledger_until >= :as_of then 'ledger_supported'
                when name is null then 'no_os'
                else 'not_listed'
            end as code
        from known
    )
select
    subject,
    case code
        when 'supported' then 'met'
        -- A day that somebody typed is a statement, not proof.
        when 'ledger_supported' then 'conditional'
        when 'extended' then 'conditional'
        when 'ended' then 'not_met'
        when 'ledger_ended' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object(
        'code', code,
        'name', trim(name || ' ' || coalesce(version, '')),
        'until', case when code like '%ledger%' then ledger_until else listed_until end
    ) as reason,
    case
        when code in ('ledger_supported', 'ledger_ended', 'extended') then ledger_id
        else coalesce(collected_id, ledger_id)
    end as evidence_id
from judged
order by subject
