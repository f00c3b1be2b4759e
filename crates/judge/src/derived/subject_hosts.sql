-- Which seen host is which subject: a device of the ledger, else the machine that was seen.
-- Two are one only by serial, MAC or directory id, never by name or IP address.
create table subject_hosts as
with
    -- An identifier that two ledger rows claim identifies neither.
    ledger as (
        select kind, value, min(asset) as asset
        from asset_identities
        where kind in ('serial', 'mac', 'directory_id')
            and value is not null
            and asset in (select asset from assets)
        group by kind, value
        having count(distinct asset) = 1
    ),
    seen as (
        select distinct host, kind, value
        from host_identities
        where kind in ('serial', 'mac', 'directory_id') and value is not null
    ),
    -- A machine that was collected names all its network cards; a scan or a lease sees one card.
    -- A card that two machines name (a dock, an adapter) belongs to neither.
    cards as (
        select value as mac, min(host) as machine
        from seen
        where kind = 'mac' and host like 'machine:%'
        group by value
        having count(*) = 1
    ),
    seen_again as (
        select seen.host, min(cards.machine) as machine
        from seen
        join cards on cards.mac = seen.value
        where seen.kind = 'mac' and seen.host not like 'machine:%'
        group by seen.host
    ),
    direct as (
        select distinct ledger.asset, seen.host
        from seen
        join ledger on ledger.kind = seen.kind and ledger.value = seen.value
    ),
    in_ledger as (
        select asset, host from direct
        union
        select direct.asset, seen_again.host
        from seen_again
        join direct on direct.host = seen_again.machine
        where seen_again.host not in (select host from direct)
    ),
    everything as (
        select host from hosts
        union
        select host from host_identities
    )
select asset as subject, host
from in_ledger
union all
select coalesce(seen_again.machine, everything.host), everything.host
from everything
left join seen_again on seen_again.host = everything.host
where everything.host is not null
    and everything.host not in (select host from in_ledger)
