with
    -- The newest collection of a machine counts.
    lists as (
        select
            subject_hosts.subject,
            packages.host,
            packages.evidence_id,
            row_number() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, packages.evidence_id, packages.host
            ) as place
        from (select distinct host, evidence_id from deb_packages) as packages
        join subject_hosts on subject_hosts.host = packages.host
        left join evidence on evidence.evidence_id = packages.evidence_id
    ),
    -- Left-over settings of a removed package are not the package. Packages are read once, in this
    -- order (cross join): there are a hundred times more of them than products.
    listed as materialized (
        select
            deb_packages.host,
            deb_packages.evidence_id,
            product_support.product || coalesce(' ' || product_support.cycle, '') as product,
            product_support.ends_on,
            case
                when product_support.ends_on >= :as_of then 'supported'
                when product_support.distribution_ends_on >= :as_of then 'distribution_only'
                when product_support.ends_on < :as_of then 'ended'
                else 'no_date'
            end as code
        from deb_packages
        cross join product_support on product_support.package = deb_packages.name
        where coalesce(deb_packages.status, '') not like '%config-files'
    ),
    -- One row a machine: the product in the worst state speaks.
    ranked as (
        select
            lists.subject,
            listed.product,
            listed.ends_on,
            listed.code,
            count(*) over (partition by lists.subject) as n_products,
            row_number() over (
                partition by lists.subject
                order by
                    case listed.code
                        when 'ended' then 0
                        when 'no_date' then 1
                        when 'distribution_only' then 2
                        when 'supported' then 3
                    end,
                    listed.ends_on,
                    listed.product
            ) as place
        from lists
        join listed
            on listed.host = lists.host and listed.evidence_id = lists.evidence_id
        where lists.place = 1
    ),
    judged as (
        select
            subjects.subject,
            lists.evidence_id,
            ranked.product,
            ranked.ends_on,
            ranked.n_products,
            case
                when lists.subject is null then 'silent'
                when ranked.subject is null then 'none_listed'
                else ranked.code
            end as code
        from subjects
        left join lists on lists.subject = subjects.subject and lists.place = 1
        left join ranked on ranked.subject = subjects.subject and ranked.place = 1
        where lists.subject is not null
            -- A machine of a kind that nobody knows may be one of these.
            or coalesce(subjects.kind, 'server') in ('server', 'terminal')
    )
select
    subject,
    case code
        when 'supported' then 'met'
        when 'distribution_only' then 'conditional'
        when 'ended' then 'not_met'
        when 'none_listed' then 'not_applicable'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'product', product, 'until', ends_on, 'n_products', n_products)
        as reason,
    evidence_id
from judged
order by subject
