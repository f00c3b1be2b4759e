//! What runs on the machine and listens: `services` and `listening_ports`.
//! Of a process only the program's name is taken, never its arguments or environment.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use sonae_domain::fact::FactRows;

use super::files::FileError;
use super::machine::Machine;
use super::network::ipv4;
use super::seen::{GapCode, Seen};

/// States of a socket in `/proc/net`: a listening TCP one, and a UDP one that anybody may send to.
const TCP_LISTEN: &str = "0A";
const UDP_OPEN: &str = "07";

/// Kind of socket: file, protocol number, address family, the state that listens.
const SOCKETS: [(&str, i64, i64, &str); 4] = [
    ("/proc/net/tcp", 6, 2, TCP_LISTEN),
    ("/proc/net/tcp6", 6, 10, TCP_LISTEN),
    ("/proc/net/udp", 17, 2, UDP_OPEN),
    ("/proc/net/udp6", 17, 10, UDP_OPEN),
];

/// A socket that waits for others.
struct Listening {
    protocol: i64,
    family: i64,
    address: IpAddr,
    port: i64,
    inode: String,
}

/// A process that holds a socket.
struct Holder {
    pid: i64,
    program: Option<String>,
}

/// Records running services and listening sockets.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    services(machine, seen);
    listening_ports(machine, seen);
}

fn services(machine: &Machine, seen: &mut Seen) {
    if !machine.files.exists("/run/systemd/system") {
        return seen.gap("services", GapCode::ToolMissing, "systemd is not running");
    }
    let properties = "--property=Id,Description,SubState,UnitFileState";
    let arguments = ["show", "*.service", "--no-pager", properties];
    let text = match machine
        .run("systemctl", &arguments)
        .and_then(|output| output.success())
    {
        Ok(text) => text,
        Err(error) => return seen.gap("services", error, "systemctl show *.service"),
    };
    let mut units: BTreeMap<&str, [Option<&str>; 3]> = BTreeMap::new();
    for block in text.split("\n\n") {
        let value = |key: &str| {
            let value = block
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
            (!value.is_empty()).then_some(value)
        };
        let state = value("SubState");
        if let (Some(id), Some("running")) = (value("Id"), state) {
            units.insert(id, [value("Description"), state, value("UnitFileState")]);
        }
    }
    let mut rows = FactRows::new("services", &["name", "description", "state", "start_type"]);
    for (id, [description, state, start_type]) in units {
        rows.rows.push(vec![
            id.into(),
            description.into(),
            state.into(),
            start_type.into(),
        ]);
    }
    // The service manager's own journal always runs: an empty answer is not an idle machine.
    if rows.rows.is_empty() {
        return seen.gap(
            "services",
            FileError::NotReadable,
            "systemctl show *.service",
        );
    }
    seen.record(rows);
}

fn listening_ports(machine: &Machine, seen: &mut Seen) {
    let mut sockets = Vec::new();
    let mut looked = false;
    for (path, protocol, family, state) in SOCKETS {
        match machine.files.text(path) {
            Ok(text) => {
                looked = true;
                let lines = text.lines().skip(1);
                sockets.extend(lines.filter_map(|line| socket(line, protocol, family, state)));
            }
            // There is none of a family that is switched off.
            Err(FileError::Missing) => {}
            Err(error) => seen.gap("listening_ports", error, path),
        }
    }
    if !looked {
        return seen.gap("listening_ports", FileError::NotReadable, "/proc/net");
    }
    sockets.sort_by_key(|socket| (socket.protocol, socket.family, socket.port, socket.address));
    let holders = holders(machine);
    let columns = ["pid", "port", "protocol", "family", "address", "process"];
    let mut rows = FactRows::new("listening_ports", &columns);
    for socket in sockets {
        let holder = holders.get(&socket.inode);
        if holder.is_none() && !machine.as_root {
            seen.gap("listening_ports", GapCode::NeedsRoot, "/proc/*/fd");
        }
        rows.rows.push(vec![
            holder.map(|holder| holder.pid).into(),
            socket.port.into(),
            socket.protocol.into(),
            socket.family.into(),
            socket.address.to_string().into(),
            holder.and_then(|holder| holder.program.clone()).into(),
        ]);
    }
    rows.rows.dedup();
    seen.record(rows);
}

/// `0: 0100007F:1F90 00000000:0000 0A ... inode ...`; nothing when it does not listen.
fn socket(line: &str, protocol: i64, family: i64, state: &str) -> Option<Listening> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if *words.get(3)? != state {
        return None;
    }
    let (address, port) = words.get(1)?.split_once(':')?;
    let address = if family == 2 {
        IpAddr::V4(ipv4(address)?)
    } else {
        ipv6(address)?
    };
    let port = i64::from_str_radix(port, 16).ok()?;
    let inode = (*words.get(9)?).to_owned();
    Some(Listening {
        protocol,
        family,
        address,
        port,
        inode,
    })
}

/// Four groups of four bytes, each a number of the kernel's own byte order.
fn ipv6(word: &str) -> Option<IpAddr> {
    let mut bytes = Vec::new();
    for start in (0..32).step_by(8) {
        bytes.extend(ipv4(word.get(start..start + 8)?)?.octets());
    }
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    Some(IpAddr::V6(Ipv6Addr::from(bytes)))
}

/// Who holds which socket, as far as this user may see. Workers that share a socket with the
/// process that opened it have higher numbers; the lowest is kept.
fn holders(machine: &Machine) -> BTreeMap<String, Holder> {
    let mut holders = BTreeMap::new();
    for pid in machine.files.process_ids() {
        let folder = format!("/proc/{pid}/fd");
        for name in machine.files.names(&folder).unwrap_or_default() {
            let Ok(target) = machine.files.link(&format!("{folder}/{name}")) else {
                continue;
            };
            let inode = target
                .strip_prefix("socket:[")
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(inode) = inode {
                holders.entry(inode.to_owned()).or_insert_with(|| Holder {
                    pid,
                    program: program(machine, pid),
                });
            }
        }
    }
    holders
}

/// The name of the program's file; the name of the process is only a fallback, because a process
/// can change it.
fn program(machine: &Machine, pid: i64) -> Option<String> {
    let file = machine.files.link(&format!("/proc/{pid}/exe")).ok();
    let name = file.and_then(|path| {
        let path = path.trim_end_matches(" (deleted)");
        path.rsplit('/')
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    });
    name.or_else(|| machine.files.word(&format!("/proc/{pid}/comm")))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::run::RunError;
    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    const TCP: &str = "  sl  local_address rem_address st tx rx tr tm retrnsmt uid timeout inode\n\
        0: 0100007F:1538 00000000:0000 0A 0:0 00:0 0 999 0 1001 1 0 100 0 0 10 0\n\
        1: 00000000:0016 00000000:0000 0A 0:0 00:0 0 0 0 1002 1 0 100 0 0 10 0\n\
        2: 0500A8C0:0016 0900A8C0:D431 01 0:0 00:0 0 0 0 1003 1 0 100 0 0 10 0\n";
    const UDP6: &str = "  sl  local_address remote_address st tx rx tr tm retrnsmt uid timeout inode\n\
        0: 000080FE00000000FF00FC00010000FE:0222 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 1004 2 0 0\n";

    #[test]
    fn sockets_and_who_holds_them() {
        let fake = Fake::new()
            .file("/proc/net/tcp", TCP)
            .file("/proc/net/udp6", UDP6)
            .link("/proc/10/fd/3", "socket:[1001]")
            .link(
                "/proc/10/exe",
                "/usr/lib/postgresql/15/bin/postgres (deleted)",
            )
            .link("/proc/12/fd/3", "socket:[1001]")
            .link("/proc/11/fd/3", "socket:[1002]")
            .link("/proc/11/fd/4", "/dev/null")
            .file("/proc/11/comm", "sshd\n");
        check(
            fake,
            expect![[r#"
            listening_ports: pid | port | protocol | family | address | process
              11 | 22 | 6 | 2 | 0.0.0.0 | sshd
              10 | 5432 | 6 | 2 | 127.0.0.1 | postgres
              - | 546 | 17 | 10 | fe80::fc:ff:fe00:1 | -
            gap services: tool_missing systemd is not running
        "#]],
        );
        let fake = Fake::new().by_plain_user().file("/proc/net/tcp", TCP);
        check(
            fake,
            expect![[r#"
            listening_ports: pid | port | protocol | family | address | process
              - | 22 | 6 | 2 | 0.0.0.0 | -
              - | 5432 | 6 | 2 | 127.0.0.1 | -
            gap services: tool_missing systemd is not running
            gap listening_ports: needs_root /proc/*/fd
        "#]],
        );
    }

    #[test]
    fn services_of_systemd() {
        let answer = "Id=ssh.service\nDescription=OpenBSD Secure Shell server\nSubState=running\n\
            UnitFileState=enabled\n\nId=e2scrub.service\nDescription=\nSubState=dead\n\
            UnitFileState=static\n\nId=user@1000.service\nDescription=User Manager\n\
            SubState=running\nUnitFileState=\n";
        let booted = || Fake::new().file("/run/systemd/system/inside", "");
        check(
            booted().program("systemctl show *.service", 0, answer),
            expect![[r#"
                services: name | description | state | start_type
                  ssh.service | OpenBSD Secure Shell server | running | enabled
                  user@1000.service | User Manager | running | -
                gap listening_ports: not_readable /proc/net
            "#]],
        );
        check(
            booted().program("systemctl show", 0, ""),
            expect![[r#"
            gap services: not_readable systemctl show *.service
            gap listening_ports: not_readable /proc/net
        "#]],
        );
        check(
            booted().failing("systemctl", RunError::TimedOut),
            expect![[r#"
                gap services: timed_out systemctl show *.service
                gap listening_ports: not_readable /proc/net
            "#]],
        );
        check(
            booted(),
            expect![[r#"
            gap services: tool_missing systemctl show *.service
            gap listening_ports: not_readable /proc/net
        "#]],
        );
    }
}
