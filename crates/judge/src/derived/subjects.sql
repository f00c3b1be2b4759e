-- Everything that can be judged: each device of the ledger, and each seen machine that is not in it.
create table subjects as
select asset as subject, 1 as in_ledger, kind, name
from assets
where asset is not null
union all
select
    subject_hosts.subject,
    0,
    -- Tools that disagree about the kind leave it open.
    case when count(distinct hosts.kind) = 1 then min(hosts.kind) end,
    min(hosts.hostname)
from subject_hosts
left join hosts on hosts.host = subject_hosts.host
where subject_hosts.subject not in (select asset from assets where asset is not null)
group by subject_hosts.subject
