//! Who can use the machine: `users`, `groups`, `user_groups`, `shadow` and `logins`.
//! A password hash is looked at to derive its state, and then dropped.

use std::collections::{BTreeMap, BTreeSet};

use sonae_domain::fact::{FactRows, FactValue};

use super::files::FileError;
use super::machine::Machine;
use super::seen::Seen;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
const SHADOW: &str = "/etc/shadow";

/// A line of the list of accounts.
pub(super) struct Account {
    pub(super) username: String,
    pub(super) uid: i64,
    gid: i64,
    /// `None` when the state is kept in the shadow file, as it should be.
    password_status: Option<&'static str>,
    description: String,
    directory: String,
    shell: String,
}

/// Records the accounts, their groups and the states of their passwords.
pub(super) fn collect(machine: &Machine, seen: &mut Seen) {
    let accounts = match machine.files.text(PASSWD) {
        Ok(text) => accounts(&text, seen),
        Err(error) => {
            seen.gap("users", error, PASSWD);
            Vec::new()
        }
    };
    // Every machine has accounts: an empty list was cut off, not empty.
    if accounts.is_empty() {
        seen.gap("users", FileError::NotReadable, PASSWD);
        seen.gap("user_groups", FileError::NotReadable, PASSWD);
    } else {
        users(&accounts, seen);
    }
    groups(machine, &accounts, seen);
    shadow(machine, &accounts, seen);
}

/// The accounts of the machine, for the parts that speak about each.
pub(super) fn list(machine: &Machine) -> Result<Vec<Account>, FileError> {
    // Bad lines are reported once, by `collect`.
    machine
        .files
        .text(PASSWD)
        .map(|text| accounts(&text, &mut Seen::default()))
}

fn accounts(text: &str, seen: &mut Seen) -> Vec<Account> {
    let mut accounts = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // A sign at the beginning asks a directory, which is not this machine's list.
        if line.trim().is_empty() || line.starts_with(['#', '+', '-']) {
            continue;
        }
        match account(line) {
            Some(account) => accounts.push(account),
            None => seen.gap("users", FileError::NotReadable, at_line(PASSWD, index)),
        }
    }
    accounts
}

fn account(line: &str) -> Option<Account> {
    let fields: Vec<&str> = line.split(':').collect();
    let [username, password, uid, gid, description, directory, shell] = fields[..] else {
        return None;
    };
    Some(Account {
        username: username.to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        password_status: (password != "x").then(|| password_status(password)),
        description: description.to_owned(),
        directory: directory.to_owned(),
        shell: shell.to_owned(),
    })
}

fn users(accounts: &[Account], seen: &mut Seen) {
    let columns = [
        "uid",
        "gid",
        "username",
        "description",
        "directory",
        "shell",
    ];
    let mut rows = FactRows::new("users", &columns);
    for account in accounts {
        rows.rows.push(vec![
            account.uid.into(),
            account.gid.into(),
            account.username.as_str().into(),
            account.description.as_str().into(),
            account.directory.as_str().into(),
            account.shell.as_str().into(),
        ]);
    }
    seen.record(rows);
}

fn groups(machine: &Machine, accounts: &[Account], seen: &mut Seen) {
    let text = match machine.files.text(GROUP) {
        Ok(text) => text,
        Err(error) => {
            for table in ["groups", "user_groups"] {
                seen.gap(table, error, GROUP);
            }
            return;
        }
    };
    let uids: BTreeMap<&str, i64> = accounts
        .iter()
        .map(|account| (account.username.as_str(), account.uid))
        .collect();
    let mut groups = FactRows::new("groups", &["gid", "groupname"]);
    let mut memberships: BTreeSet<(i64, i64)> = accounts
        .iter()
        .map(|account| (account.uid, account.gid))
        .collect();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with(['#', '+', '-']) {
            continue;
        }
        let fields: Vec<&str> = line.split(':').collect();
        let (Some(name), Some(Ok(gid)), Some(members)) = (
            fields.first(),
            fields.get(2).map(|gid| gid.parse::<i64>()),
            fields.get(3),
        ) else {
            seen.gap("groups", FileError::NotReadable, at_line(GROUP, index));
            continue;
        };
        groups.rows.push(vec![gid.into(), (*name).into()]);
        for member in members
            .split(',')
            .map(str::trim)
            .filter(|member| !member.is_empty())
        {
            match uids.get(member) {
                Some(uid) => _ = memberships.insert((*uid, gid)),
                // Somebody of a directory may be an administrator here.
                None => {
                    let detail = format!("{GROUP}: {name}: {member} is not a local account");
                    seen.gap("user_groups", FileError::NotReadable, detail);
                }
            }
        }
    }
    seen.record(groups);
    if !accounts.is_empty() {
        let mut rows = FactRows::new("user_groups", &["uid", "gid"]);
        rows.rows = memberships
            .into_iter()
            .map(|(uid, gid)| vec![uid.into(), gid.into()])
            .collect();
        seen.record(rows);
    }
}

fn shadow(machine: &Machine, accounts: &[Account], seen: &mut Seen) {
    let columns = [
        "username",
        "password_status",
        "last_change",
        "min",
        "max",
        "warning",
        "inactive",
        "expire",
    ];
    let mut rows = FactRows::new("shadow", &columns);
    // Anybody can read these, and with them the hash, or log in without a password.
    for account in accounts {
        if let Some(status) = account.password_status {
            let mut row = vec![account.username.as_str().into(), status.into()];
            row.resize(columns.len(), FactValue::Null);
            rows.rows.push(row);
        }
    }
    match machine.files.text(SHADOW) {
        Ok(text) => {
            for (index, line) in text.lines().enumerate() {
                match shadow_row(line) {
                    Some(row) if rows.rows.iter().all(|known| known[0] != row[0]) => {
                        rows.rows.push(row);
                    }
                    Some(_) => {}
                    None => seen.gap("shadow", FileError::NotReadable, at_line(SHADOW, index)),
                }
            }
            seen.record(rows);
        }
        Err(error) => {
            seen.gap("shadow", error, SHADOW);
            if !rows.rows.is_empty() {
                seen.record(rows);
            }
        }
    }
}

/// Name, state, and the six numbers; an empty number is not set.
fn shadow_row(line: &str) -> Option<Vec<FactValue>> {
    let fields: Vec<&str> = line.split(':').collect();
    let (username, password) = (fields.first()?, fields.get(1)?);
    let mut row = vec![(*username).into(), password_status(password).into()];
    for number in fields.get(2..8)? {
        row.push(if number.is_empty() {
            FactValue::Null
        } else {
            number.parse::<i64>().ok()?.into()
        });
    }
    Some(row)
}

/// What a password field says, in osquery's words. Only a mark makes it locked.
fn password_status(field: &str) -> &'static str {
    match field {
        "" => "empty",
        "!!" => "not_set",
        // `x` is no hash of any kind, so nothing that is typed can match it.
        _ if field.starts_with(['!', '*']) || field == "x" => "locked",
        _ => "active",
    }
}

fn at_line(path: &str, index: usize) -> String {
    format!("{path}: line {}", index + 1)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::testing::{Fake, check_part};

    fn check(fake: Fake, expected: Expect) {
        check_part(super::collect, fake, expected);
    }

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\nsato:x:1000:1000:,,,:/home/sato:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nsudo:x:27:sato\nsato:x:1000:\n";

    #[test]
    fn states_of_passwords_without_the_passwords() {
        let shadow = "root:*:19000:0:99999:7:::\nsato:$y$j9T$salt$hash:20000:0:90:7:30:21000:\n\
             guest::20000:::::1:\nnew:!!:20000:0:99999:7:::\noff:!$6$a$b:20000:0:99999:7:::\n";
        let fake = Fake::new()
            .file("/etc/passwd", PASSWD)
            .file("/etc/group", GROUP)
            .file("/etc/shadow", shadow);
        check(
            fake,
            expect![[r#"
            users: uid | gid | username | description | directory | shell
              0 | 0 | root | root | /root | /bin/bash
              1000 | 1000 | sato | ,,, | /home/sato | /bin/sh
            groups: gid | groupname
              0 | root
              27 | sudo
              1000 | sato
            user_groups: uid | gid
              0 | 0
              1000 | 27
              1000 | 1000
            shadow: username | password_status | last_change | min | max | warning | inactive | expire
              root | locked | 19000 | 0 | 99999 | 7 | - | -
              sato | active | 20000 | 0 | 90 | 7 | 30 | 21000
              guest | empty | 20000 | - | - | - | - | 1
              new | not_set | 20000 | 0 | 99999 | 7 | - | -
              off | locked | 20000 | 0 | 99999 | 7 | - | -
        "#]],
        );
    }

    #[test]
    fn a_plain_user_sees_no_states_but_those_in_the_open() {
        let fake = Fake::new()
            .by_plain_user()
            .file(
                "/etc/passwd",
                &format!("{PASSWD}kiosk::1001:1001::/home/kiosk:/bin/sh\n"),
            )
            .file("/etc/group", GROUP)
            .unreadable("/etc/shadow");
        check(
            fake,
            expect![[r#"
            users: uid | gid | username | description | directory | shell
              0 | 0 | root | root | /root | /bin/bash
              1000 | 1000 | sato | ,,, | /home/sato | /bin/sh
              1001 | 1001 | kiosk | "" | /home/kiosk | /bin/sh
            groups: gid | groupname
              0 | root
              27 | sudo
              1000 | sato
            user_groups: uid | gid
              0 | 0
              1000 | 27
              1000 | 1000
              1001 | 1001
            shadow: username | password_status | last_change | min | max | warning | inactive | expire
              kiosk | empty | - | - | - | - | - | -
            gap shadow: not_readable /etc/shadow
        "#]],
        );
    }

    #[test]
    fn bad_lines_cost_only_themselves() {
        let fake = Fake::new()
            .file(
                "/etc/passwd",
                &format!("{PASSWD}broken\nalso:x:one:1::/:/bin/sh\n+::::::\n"),
            )
            .file("/etc/group", "sudo:x:27:sato,CORP\\suzuki\nbroken:x\n")
            .file("/etc/shadow", "sato:$6$a$b:today:0:90:7:::\nroot:*\n");
        check(
            fake,
            expect![[r#"
            users: uid | gid | username | description | directory | shell
              0 | 0 | root | root | /root | /bin/bash
              1000 | 1000 | sato | ,,, | /home/sato | /bin/sh
            groups: gid | groupname
              27 | sudo
            user_groups: uid | gid
              0 | 0
              1000 | 27
              1000 | 1000
            shadow: username | password_status | last_change | min | max | warning | inactive | expire
            gap users: not_readable /etc/passwd: line 3
            gap users: not_readable /etc/passwd: line 4
            gap user_groups: not_readable /etc/group: sudo: CORP\suzuki is not a local account
            gap groups: not_readable /etc/group: line 2
            gap shadow: not_readable /etc/shadow: line 1
            gap shadow: not_readable /etc/shadow: line 2
        "#]],
        );
    }

    #[test]
    fn nothing_there_is_not_no_accounts() {
        check(
            Fake::new(),
            expect![[r#"
            gap users: not_readable /etc/passwd
            gap user_groups: not_readable /etc/passwd
            gap groups: not_readable /etc/group
            gap user_groups: not_readable /etc/group
            gap shadow: not_readable /etc/shadow
        "#]],
        );
    }
}
