with
    -- A lease that is over says that the device was here, not that it still is.
    leases as (
        select host, evidence_id, max(state is null or state = 'active') as is_running
        from dhcp_leases
        group by host, evidence_id
    ),
    seen_hosts as (
        select
            subject_hosts.subject,
            hosts.host,
            hosts.hostname,
            hosts.evidence_id,
            coalesce(leases.is_running, 1) as is_present
        from hosts
        join subject_hosts on subject_hosts.host = hosts.host
        left join leases
            on leases.host = hosts.host and leases.evidence_id = hosts.evidence_id
    ),
    -- Neighbours that a collected machine talked to, unless a tool saw them more fully.
    -- Addresses of groups (odd first octet) belong to no device.
    neighbours as (
        select lower(mac) as mac, min(evidence_id) as evidence_id
        from arp_cache
        where mac is not null
            and mac <> '00:00:00:00:00:00'
            and substr(lower(mac), 2, 1) not in ('1', '3', '5', '7', '9', 'b', 'd', 'f')
            and lower(mac) not in (
                select value from host_identities where kind = 'mac' and value is not null
            )
        group by lower(mac)
    ),
    ledger_macs as (
        select value as mac, min(asset) as asset
        from asset_identities
        where kind = 'mac' and asset in (select asset from assets)
        group by value
    ),
    seen as (
        select subject, host, hostname, evidence_id, is_present from seen_hosts
        union all
        select
            coalesce(ledger_macs.asset, 'mac:' || neighbours.mac),
            'mac:' || neighbours.mac,
            null,
            neighbours.evidence_id,
            1
        from neighbours
        left join ledger_macs on ledger_macs.mac = neighbours.mac
    ),
    identities as (
        select subject_hosts.subject, host_identities.kind, host_identities.value
        from host_identities
        join subject_hosts on subject_hosts.host = host_identities.host
        union all
        select 'mac:' || mac, 'mac', mac from neighbours
    ),
    -- Telephones make up MAC addresses; the second digit of such an address is 2, 6, a or e.
    known_by as (
        select
            subject,
            max(kind = 'serial') as by_serial,
            max(kind = 'directory_id') as by_directory,
            max(kind = 'mac') as by_any_mac,
            max(kind = 'mac' and substr(value, 2, 1) not in ('2', '6', 'a', 'e')) as by_mac,
            min(case when kind = 'ip' then value end) as address
        from identities
        where value is not null
        group by subject
    ),
    -- What the ledger never writes down cannot be missing from it.
    ledger_knows as (
        select
            coalesce(max(kind = 'serial'), 0) as serials,
            coalesce(max(kind = 'directory_id'), 0) as directory_ids,
            coalesce(max(kind = 'mac'), 0) as macs
        from asset_identities
    ),
    -- Names up to the first dot: `ehr.hosp.example` and `EHR` may be one device.
    ledger_names as (
        select lower(substr(name, 1, instr(name || '.', '.') - 1)) as name, min(asset) as asset
        from assets
        where name is not null
        group by 1
    ),
    newest as (
        select
            seen.subject,
            seen.hostname,
            lower(substr(seen.hostname, 1, instr(seen.hostname || '.', '.') - 1)) as short_name,
            seen.evidence_id,
            evidence.effective_on,
            max(seen.is_present) over (partition by seen.subject) as is_present,
            row_number() over (
                partition by seen.subject
                order by evidence.effective_on desc, seen.evidence_id, seen.host
            ) as place
        from seen
        left join evidence on evidence.evidence_id = seen.evidence_id
    ),
    judged as (
        select
            newest.subject,
            newest.evidence_id,
            newest.effective_on,
            newest.hostname,
            known_by.address,
            case
                when newest.subject in (select asset from assets) then 'in_ledger'
                when coalesce(known_by.by_serial, 0) = 0
                    and coalesce(known_by.by_directory, 0) = 0
                    and coalesce(known_by.by_any_mac, 0) = 0 then 'no_identity'
                when ledger_names.asset is not null then 'same_name'
                when known_by.by_serial = 0
                    and known_by.by_directory = 0
                    and known_by.by_mac = 0 then 'private_mac'
                when not (known_by.by_serial and ledger_knows.serials)
                    and not (known_by.by_directory and ledger_knows.directory_ids)
                    and not (known_by.by_mac and ledger_knows.macs) then 'ledger_lacks_identity'
                when newest.is_present = 0 then 'lease_over'
                when newest.is_present = 1 then 'not_in_ledger'
            end as code
        from newest
        cross join ledger_knows
        left join known_by on known_by.subject = newest.subject
        left join ledger_names on ledger_names.name = newest.short_name
        where newest.place = 1
    )
select
    subject,
    case code
        when 'in_ledger' then 'met'
        when 'same_name' then 'conditional'
        when 'private_mac' then 'conditional'
        when 'ledger_lacks_identity' then 'conditional'
        when 'lease_over' then 'conditional'
        when 'not_in_ledger' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object(
        'code', code,
        'seen_on', effective_on,
        'name', hostname,
        -- Name and address as far as known; the subject when neither is.
        'device', coalesce(hostname || ', ' || address, hostname, address, subject)
    ) as reason,
    evidence_id
from judged
order by subject
