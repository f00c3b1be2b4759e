with
    -- Services that send passwords in clear or belong to a time without attackers.
    risky (protocol, port, name) as (
        values
            ('tcp', 7, 'echo'),
            ('udp', 7, 'echo'),
            ('tcp', 13, 'daytime'),
            ('tcp', 19, 'chargen'),
            ('udp', 19, 'chargen'),
            ('tcp', 21, 'ftp'),
            ('tcp', 23, 'telnet'),
            ('udp', 69, 'tftp'),
            ('tcp', 79, 'finger'),
            ('tcp', 512, 'rexec'),
            ('tcp', 513, 'rlogin'),
            ('tcp', 514, 'rsh')
    ),
    machines as (
        select
            subject,
            lower(name) as name
        from subjects
        where kind = 'terminal'
    ),
    -- What the newest collection of a machine listens on, except for itself.
    collections as (
        select
            subject_hosts.subject,
            listening_ports.host,
            listening_ports.evidence_id,
            evidence.effective_on,
            row_number() over (
                partition by subject_hosts.subject
                order by
                    evidence.effective_on desc, listening_ports.evidence_id, listening_ports.host
            ) as place
        from (select distinct host, evidence_id from listening_ports) as listening_ports
        join subject_hosts on subject_hosts.host = listening_ports.host
        join machines on machines.subject = subject_hosts.subject
        left join evidence on evidence.evidence_id = listening_ports.evidence_id
    ),
    -- Sockets stay visible without administrator rights; other gaps hide some.
    gaps as (
        select distinct collections.subject
        from collections
        join collection_gaps
            on collection_gaps.host = collections.host
            and collection_gaps.evidence_id = collections.evidence_id
        where collections.place = 1
            and coalesce(collection_gaps.table_name, 'listening_ports') = 'listening_ports'
            and coalesce(collection_gaps.code, '') <> 'needs_root'
    ),
    listening as (
        select
            collections.subject,
            collections.evidence_id,
            case listening_ports.protocol when 6 then 'tcp' when 17 then 'udp' end as protocol,
            listening_ports.port,
            lower(listening_ports.process) as service
        from collections
        join listening_ports
            on listening_ports.host = collections.host
            and listening_ports.evidence_id = collections.evidence_id
        where collections.place = 1
            and coalesce(listening_ports.address, '') not like '127.%'
            and coalesce(listening_ports.address, '') not in ('::1', '::ffff:127.0.0.1')
    ),
    -- What the newest scan saw open from the network.
    scans as (
        select
            subject_hosts.subject,
            network_services.*,
            evidence.effective_on,
            rank() over (
                partition by subject_hosts.subject
                order by evidence.effective_on desc, network_services.evidence_id
            ) as place
        from network_services
        join subject_hosts on subject_hosts.host = network_services.host
        join machines on machines.subject = subject_hosts.subject
        left join evidence on evidence.evidence_id = network_services.evidence_id
        where coalesce(network_services.state, 'open') = 'open'
    ),
    open as (
        select subject, evidence_id, protocol, port, service from listening
        union all
        select subject, evidence_id, protocol, port, lower(service) from scans where place = 1
    ),
    -- A review counts for a year or so, and only when it names a port or a service.
    approved as (
        select
            lower(asset_name) as asset_name,
            kind,
            protocol,
            port,
            lower(service) as service
        from approved_services
        where approved_on between date(:as_of, '-' || :review_days_max || ' days') and :as_of
            and asset_name is not null
            and (port is not null or service is not null)
    ),
    offered as (
        select
            open.subject,
            open.evidence_id,
            -- What the evidence does not name is left out.
            trim(
                coalesce(open.protocol || '/' || open.port, open.port, open.protocol, '')
                    || ' ' || coalesce(risky.name, open.service, '')
            ) as name,
            case
                when exists (
                    select 1
                    from approved
                    where approved.asset_name in ('*', machines.name)
                        and (approved.kind is null or approved.kind = 'terminal')
                        and approved.protocol = open.protocol
                        and (approved.port is null or approved.port = open.port)
                        and (approved.service is null or approved.service = open.service)
                ) then 'approved'
                when risky.name is not null then 'risky'
                when risky.name is null then 'not_reviewed'
            end as code
        from machines
        join open on open.subject = machines.subject
        left join risky on risky.protocol = open.protocol and risky.port = open.port
    ),
    kinds_of_service as (
        select
            subject,
            code,
            count(*) as n_services,
            min(name) as name,
            min(evidence_id) as evidence_id,
            case code when 'risky' then 0 when 'not_reviewed' then 1 when 'approved' then 2 end
                as place
        from offered
        group by subject, code
    ),
    -- One row a machine: its worst services speak.
    worst as (
        select *
        from (
            select
                kinds_of_service.*,
                row_number() over (partition by subject order by place) as rank
            from kinds_of_service
        )
        where rank = 1
    ),
    judged as (
        select
            machines.subject,
            worst.evidence_id,
            worst.name,
            worst.n_services,
            case
                when worst.code = 'risky' then 'risky'
                when worst.code = 'not_reviewed' then 'not_reviewed'
                when worst.subject is null then 'silent'
                when gaps.subject is not null then 'not_read'
                -- A scan sees only the ports that it tried.
                when worst.code = 'approved' and collections.subject is null then 'scan_only'
                when worst.code = 'approved' then 'approved'
            end as code
        from machines
        left join worst on worst.subject = machines.subject
        left join gaps on gaps.subject = machines.subject
        left join collections
            on collections.subject = machines.subject and collections.place = 1
    )
select
    subject,
    case code
        when 'approved' then 'met'
        when 'scan_only' then 'conditional'
        when 'not_reviewed' then 'conditional'
        when 'risky' then 'not_met'
        else 'unknown'
    end as verdict,
    json_object('code', code, 'name', name, 'n_services', n_services) as reason,
    evidence_id
from judged
order by subject
