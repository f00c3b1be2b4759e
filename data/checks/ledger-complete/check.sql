with
    -- What a device can be recognised by when a tool sees it.
    identified as (
        select distinct asset
        from asset_identities
        where kind in ('serial', 'mac', 'directory_id') and value is not null
    ),
    -- Blank is not filled in, whichever blank it is.
    facets as (
        select
            assets.asset,
            assets.evidence_id,
            trim(replace(coalesce(assets.location, ''), '　', ' ')) as location,
            trim(replace(coalesce(assets.usability, ''), '　', ' ')) as usability,
            identified.asset as identified
        from assets
        left join identified on identified.asset = assets.asset
        where assets.asset is not null
    ),
    judged as (
        select
            asset,
            evidence_id,
            case
                when location = '' and usability = '' then 'nothing_filled_in'
                when location = '' then 'no_location'
                when usability = '' then 'no_usability'
                when identified is null then 'no_identity'
                when location <> '' and usability <> '' then 'complete'
            end as code
        from facets
    )
select
    asset as subject,
    case code
        when 'nothing_filled_in' then 'not_met'
        when 'no_location' then 'not_met'
        when 'no_usability' then 'not_met'
        when 'no_identity' then 'conditional'
        when 'complete' then 'met'
        else 'unknown'
    end as verdict,
    code as reason,
    evidence_id
from judged
order by asset
