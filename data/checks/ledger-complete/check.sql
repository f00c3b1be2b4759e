with
    -- What a device can be recognised by when a tool sees it.
    identified as (
        select distinct asset
        from asset_identities
        where kind in ('serial', 'mac', 'directory_id') and value is not null
    ),
    -- Who writes that they do not know has not filled it in.
    unknown_words (word) as (
        values
            ('不明'), ('未確認'), ('確認中'), ('要確認'), ('調査中'), ('未定'), ('未記入'), ('?'), ('？'),
            ('-'), ('－'), ('―'), ('ー'), ('n/a'), ('unknown'), ('tbd')
    ),
    written as (
        select
            asset,
            evidence_id,
            trim(replace(coalesce(location, ''), '　', ' ')) as location,
            trim(replace(coalesce(usability, ''), '　', ' ')) as usability
        from assets
        where asset is not null
    ),
    -- Blank is not filled in, whichever blank it is.
    facets as (
        select
            written.asset,
            written.evidence_id,
            case
                when lower(written.location) in (select word from unknown_words) then ''
                else written.location
            end as location,
            case
                when lower(written.usability) in (select word from unknown_words) then ''
                else written.usability
            end as usability,
            identified.asset as identified
        from written
        left join identified on identified.asset = written.asset
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
