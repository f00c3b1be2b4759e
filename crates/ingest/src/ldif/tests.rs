//! Files of `fixtures/ldif/`, and the cases that one file cannot show.

use expect_test::{Expect, expect};

use crate::testing::show;

const FORMAT: &str = "ldif";

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&show(FORMAT, "example.ldif", bytes));
}

#[test]
fn reads_a_good_file() {
    check(
        include_bytes!("../../../../fixtures/ldif/good.ldif"),
        expect![[r#"
            source    ldif:dc=hosp,dc=example accounts+computers+policy
            collector ldapsearch
            target    dc=hosp,dc=example
            directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
              "dc=hosp,dc=example" | "alice" | "S-1-5-21-1001-1002-1003-1101" | "有澤 花子" | 1 | 0 | "2025-11-21" | 1 | "2024-04-02" | 1 | 0 | 0 | "2024-04-01" | null | 1 | "1001"
              "dc=hosp,dc=example" | "bob" | "S-1-5-21-1001-1002-1003-1102" | "Bob" | 0 | null | null | 1 | null | 0 | 1 | 0 | "2026-04-01" | "2026-04-01" | 0 | null
            password_policy (host, scope, name, min_length, complexity, max_age_days, history, lockout_attempts, detail)
              null | "domain" | "dc=hosp,dc=example" | 8 | 1 | 90 | 24 | 5 | "minPwdLength=8, pwdProperties=1, maxPwdAge=-77760000000000, pwdHistoryLength=24, lockoutThreshold=5"
            hosts (host, hostname, kind, vendor)
              "directory:S-1-5-21-1001-1002-1003-1301" | "srv01.hosp.example" | "server" | null
              "directory:S-1-5-21-1001-1002-1003-1302" | "PC01" | "terminal" | null
            host_identities (host, kind, value)
              "directory:S-1-5-21-1001-1002-1003-1301" | "directory_id" | "S-1-5-21-1001-1002-1003-1301"
              "directory:S-1-5-21-1001-1002-1003-1301" | "hostname" | "srv01.hosp.example"
              "directory:S-1-5-21-1001-1002-1003-1302" | "directory_id" | "13121110-1514-1716-1819-1a1b1c1d1e1f"
              "directory:S-1-5-21-1001-1002-1003-1302" | "directory_id" | "S-1-5-21-1001-1002-1003-1302"
              "directory:S-1-5-21-1001-1002-1003-1302" | "hostname" | "pc01"
            notice [] Disabled computers (1) were not counted as devices in use.
        "#]],
    );
}

#[test]
fn reads_a_file_with_nothing_in_it() {
    check(
        include_bytes!("../../../../fixtures/ldif/empty.ldif"),
        expect![[r#"
            source    ldif:example.ldif 
            collector ldapsearch
            notice [] There is no entry. Check the search.
        "#]],
    );
}

#[test]
fn a_broken_file() {
    check(
        include_bytes!("../../../../fixtures/ldif/broken.ldif"),
        expect![[r#"
        refused: ldif: damaged at line 31: cut off before the result line
    "#]],
    );
}

#[test]
fn refuses_a_wrong_encoding() {
    check(
        include_bytes!("../../../../fixtures/ldif/wrong_encoding.ldif"),
        expect![[r#"
        refused: ldif: not UTF-8, UTF-16 or CP932
    "#]],
    );
}

#[test]
fn a_newer_version() {
    check(
        include_bytes!("../../../../fixtures/ldif/next_version.ldif"),
        expect![[r#"
        refused: ldif: damaged at line 1: LDIF version 2, not 1
    "#]],
    );
}

#[test]
fn says_that_the_server_stopped() {
    check(
        include_bytes!("../../../../fixtures/ldif/size_limit.ldif"),
        expect![[r#"
            source    ldif:dc=hosp,dc=example accounts
            collector ldapsearch
            target    dc=hosp,dc=example
            directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
              "dc=hosp,dc=example" | "alice" | "S-1-5-21-1001-1002-1003-1101" | "有澤 花子" | 1 | 0 | "2025-11-21" | 1 | "2024-04-02" | 1 | 0 | 0 | "2024-04-01" | null | 1 | "1001"
            unread [55] The server stopped early (4 Size limit exceeded). The export is incomplete. Export again without size limit or in pages.
        "#]],
    );
}

#[test]
fn reads_people_of_other_directories() {
    check(
        include_bytes!("../../../../fixtures/ldif/openldap.ldif"),
        expect![[r#"
            source    ldif:dc=clinic,dc=example accounts
            collector ldif
            target    dc=clinic,dc=example
            directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
              "dc=clinic,dc=example" | "suzuki" | "uid=suzuki,ou=people,dc=clinic,dc=example" | "鈴木 一郎" | null | null | "2026-11-21" | 1 | "2026-04-01" | null | null | null | "2025-04-01" | null | null | "77"
              "dc=clinic,dc=example" | "sato" | "uid=sato,ou=people,dc=clinic,dc=example" | "Sato" | null | 1 | null | 1 | null | null | null | null | null | null | null | null
        "#]],
    );
}

#[test]
fn refuses_password_hashes() {
    check(
        include_bytes!("../../../../fixtures/ldif/secret.ldif"),
        expect![[r#"
        refused: ldif: holds unicodePwd (line 31), which is not stored
    "#]],
    );
}

/// Only what the case is about: the columns from `enabled` on, and the findings.
fn check_users(body: &str, expected: Expect) {
    let text = format!("version: 1\n\n{body}");
    let shown = show(FORMAT, "directory.ldif", text.as_bytes());
    let lines = shown
        .lines()
        .filter(|line| !line.starts_with("source") && !line.starts_with("col"));
    let lines: Vec<&str> = lines
        .map(|line| line.split("null, \"end").next().unwrap_or(line))
        .collect();
    expected.assert_eq(&format!("{}\n", lines.join("\n")));
}

fn user(name: &str, attributes: &str) -> String {
    format!("dn: CN={name},DC=h\nobjectClass: user\nsAMAccountName: {name}\n{attributes}\n")
}

fn group(name: &str, sid: &str, attributes: &str) -> String {
    format!("dn: CN={name},DC=h\nobjectClass: group\nobjectSid: {sid}\n{attributes}\n")
}

#[test]
fn what_is_not_said_stays_unknown() {
    check_users(
        &user("a", ""),
        expect![[r#"
        target    dc=h
        directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
          "dc=h" | "a" | "CN=a,DC=h" | null | null | null | null | 0 | null | null | null | null | null | null | null | null
        notice [] There is no lastLogonTimestamp. Accounts out of use cannot be told.
    "#]],
    );
}

#[test]
fn what_is_unreadable_stays_unknown() {
    check_users(
        &user(
            "a",
            "userAccountControl: many\nlastLogonTimestamp: x\npwdLastSet:: !!\nwhenCreated: 2026\n",
        ),
        expect![[r#"
            target    dc=h
            directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
              "dc=h" | "a" | "CN=a,DC=h" | null | null | null | null | null | null | null | null | null | null | null | null | null
            unread [8 pwdLastSet] This is not base64. The value was not read.
            unread [6 userAccountControl] The value is not readable (many). It counts as unknown.
            unread [7 lastLogonTimestamp] The value is not readable (x). It counts as unknown.
            unread [9 whenCreated] The value is not readable (2026). It counts as unknown.
        "#]],
    );
}

#[test]
fn an_own_logon_of_one_controller_does_not_make_the_others_never() {
    check_users(
        &format!(
            "{}{}",
            user("a", "lastLogon: 134080704000000000\n"),
            user("b", "lastLogon: 0\n")
        ),
        expect![[r#"
            target    dc=h
            directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
              "dc=h" | "a" | "CN=a,DC=h" | null | null | null | "2025-11-20" | 0 | null | null | null | null | null | null | null | null
              "dc=h" | "b" | "CN=b,DC=h" | null | null | null | null | 0 | null | null | null | null | null | null | null | null
            notice [] There is no lastLogonTimestamp. Accounts out of use cannot be told.
        "#]],
    );
}

#[test]
fn locked_is_what_is_certain() {
    let users = [
        "lockoutTime: 134080704000000000",
        "lockoutTime: 0",
        "userAccountControl: 528",
        "msDS-User-Account-Control-Computed: 0",
    ];
    let users: Vec<String> = users.iter().map(|a| user("a", &format!("{a}\n"))).collect();
    check_users(
        &users.concat(),
        expect![[r#"
        target    dc=h
        directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
          "dc=h" | "a" | "CN=a,DC=h" | null | null | null | null | 0 | null | null | null | null | null | null | null | null
          "dc=h" | "a" | "CN=a,DC=h" | null | null | 0 | null | 0 | null | null | null | null | null | null | null | null
          "dc=h" | "a" | "CN=a,DC=h" | null | 1 | 1 | null | 0 | null | 0 | 0 | 0 | null | null | null | null
          "dc=h" | "a" | "CN=a,DC=h" | null | null | 0 | null | 0 | null | null | null | null | null | null | null | null
        notice [] There is no lastLogonTimestamp. Accounts out of use cannot be told.
    "#]],
    );
}

fn check_privileged(entries: &[String], expected: &str) {
    let text = format!("version: 1\n\n{}", entries.concat());
    let input = crate::Input {
        file_name: "d.ldif",
        bytes: text.as_bytes(),
        mapping: None,
    };
    let reading = crate::read(&input).expect("an export");
    let accounts = &reading.facts[0];
    let at = accounts
        .columns
        .iter()
        .position(|c| c == "privileged")
        .expect("the column");
    let shown: Vec<String> = accounts
        .rows
        .iter()
        .map(|row| format!("{:?}", row[at]))
        .collect();
    assert_eq!(shown.join(" "), expected);
}

fn person(more: &str) -> String {
    user("a", &format!("objectSid: S-1-5-21-9-9-9-1100\n{more}"))
}

fn nested(more: &str) -> String {
    group("N", "S-1-5-21-9-9-9-1200", more)
}

#[test]
fn privileged_needs_every_path() {
    let plain = person("primaryGroupID: 513\n");
    let admins = |more: &str| group("DA", "S-1-5-21-9-9-9-512", more);
    let builtin = group("BA", "S-1-5-32-544", "member: CN=DA,DC=h\n");
    // Groups with all their members: who is not among them is not privileged.
    check_privileged(
        &[
            plain.clone(),
            admins("member: CN=N,DC=h\n"),
            builtin.clone(),
            nested(""),
        ],
        "Integer(0)",
    );
    check_privileged(
        &[
            plain.clone(),
            admins("member: CN=N,DC=h\n"),
            builtin.clone(),
            nested("member: CN=A, DC=H\n"),
        ],
        "Integer(1)",
    );
    // A nested group that is not in the export, or only a part of the members: nobody knows.
    check_privileged(
        &[
            plain.clone(),
            admins("member: CN=N,DC=h\n"),
            builtin.clone(),
        ],
        "Null",
    );
    check_privileged(
        &[
            plain.clone(),
            admins("member;range=0-1: CN=N,DC=h\n"),
            builtin.clone(),
            nested(""),
        ],
        "Null",
    );
    check_privileged(
        &[plain.clone(), admins("member:: !!\n"), builtin.clone()],
        "Null",
    );
    // No groups at all; the primary group alone can decide, or be missing.
    check_privileged(std::slice::from_ref(&plain), "Null");
    check_privileged(&[person("primaryGroupID: 512\n")], "Integer(1)");
    check_privileged(
        &[
            person(""),
            admins("member: CN=N,DC=h\n"),
            builtin.clone(),
            nested(""),
        ],
        "Null",
    );
}

#[test]
fn privileged_by_what_members_say() {
    let member = person("primaryGroupID: 1200\nmemberOf: CN=N,DC=h\n");
    check_privileged(&[member.clone(), nested("memberOf: CN=M,DC=h\n")], "Null");
    let part = person("primaryGroupID: 1200\nmemberOf;range=0-1: CN=N,DC=h\n");
    let m = group("M", "S-1-5-21-9-9-9-1201", "");
    check_privileged(&[part, nested("memberOf: CN=M,DC=h\n"), m.clone()], "Null");
    check_privileged(
        &[member.clone(), nested("memberOf: CN=M,DC=h\n"), m.clone()],
        "Integer(0)",
    );
    check_privileged(
        &[
            member,
            nested("memberOf: CN=M,DC=h\n"),
            group("M", "S-1-5-32-551", ""),
        ],
        "Integer(1)",
    );
}

#[test]
fn refuses_secrets_of_any_name() {
    check(
        b"dn: uid=a,dc=h\ndescription: {SSHA}abcdefgh\n",
        expect![[r#"
        refused: ldif: holds description (line 2), which is not stored
    "#]],
    );
    check(
        b"dn: uid=a,dc=h\nmail: a\nUserPassword;x-old: b\n",
        expect![[r#"
        refused: ldif: holds UserPassword;x-old (line 3), which is not stored
    "#]],
    );
    check(
        b"dn: CN=PC,DC=h\nms-Mcs-AdmPwd: x\n",
        expect![[r#"
        refused: ldif: holds ms-Mcs-AdmPwd (line 2), which is not stored
    "#]],
    );
}

#[test]
fn passes_over_what_is_no_entry() {
    check(
        b"dn: CN=a,DC=h\nchangetype: modify\nreplace: cn\n\ndn: CN=b,DC=h\nchangetype: add\nobjectClass: group\njpegPhoto:< file:///a\nnonsense\n",
        expect![[r#"
            source    ldif:dc=h 
            collector ldifde
            target    dc=h
            unread [2] This is a change, not an entry, and was not read.
            unread [8 jpegPhoto] The value stands in another file. Export again with values.
            unread [9] This is no line of LDIF. It was not read.
        "#]],
    );
    check(b"dn: CN=gmsa,DC=h\nobjectClass: computer\nobjectClass: msDS-GroupManagedServiceAccount\n\ndn: CN=T$,DC=h\nobjectClass: user\nuserAccountControl: 2080\nsAMAccountName: T$\n", expect![[r#"
        source    ldif:example.ldif 
        collector ldif
    "#]]);
    check(b"dn: CN=a,DC=h\nsAMAccountName: a\n\ndn: CN=b,DC=h\nobjectClass: user\n\ndn: CN=c,DC=h\nobjectClass: computer\n", expect![[r#"
        source    ldif:dc=h accounts+computers
        collector ldif
        target    dc=h
        unread [1] Without objectClass it is not known whether this is a user. Export objectClass, too.
        notice [] There is no lastLogonTimestamp. Accounts out of use cannot be told.
        unread [4] This account has no name and was not read.
        unread [7] This computer has neither objectSid nor objectGUID and was not recorded.
    "#]]);
    check(
        b"dn: CN=p,DC=h\nobjectClass: msDS-PasswordSettings\n\n# returned 3 records\n",
        expect![[r#"
            source    ldif:dc=h 
            collector ldif
            target    dc=h
            unread [4] The tool announced entries: 3, the file holds: 1. The export is incomplete.
            unread [1] The separate password policy CN=p,DC=h was not read; only the one of the domain was.
        "#]],
    );
}

#[test]
fn an_export_may_be_empty_without_comments() {
    check(
        b"version: 1

",
        expect![[r#"
            source    ldif:example.ldif 
            collector ldif
            notice [] There is no entry. Check the search.
        "#]],
    );
    let other = crate::Input {
        file_name: "compose.yml",
        bytes: b"version: 3
services:
",
        mapping: None,
    };
    assert!(crate::detect(&other).is_none_or(|reader| reader.format != FORMAT));
}

#[test]
fn policy_of_a_domain() {
    let domain = |more: &str| format!("dn: DC=h\nobjectClass: domainDNS\n{more}");
    check_users(
        &domain("minPwdLength: 0\nmaxPwdAge: -9223372036854775808\n"),
        expect![[r#"
        target    dc=h
        password_policy (host, scope, name, min_length, complexity, max_age_days, history, lockout_attempts, detail)
          null | "domain" | "dc=h" | 0 | null | 0 | null | null | "minPwdLength=0, maxPwdAge=-9223372036854775808"
    "#]],
    );
    check_users(
        &domain("maxPwdAge: -1\npwdProperties: x\n"),
        expect![[r#"
        target    dc=h
        password_policy (host, scope, name, min_length, complexity, max_age_days, history, lockout_attempts, detail)
          null | "domain" | "dc=h" | null | null | 1 | null | null | "pwdProperties=x, maxPwdAge=-1"
        unread [6 pwdProperties] The value is not readable (x). It counts as unknown.
    "#]],
    );
    check_users(
        &domain("maxPwdAge: 5\n"),
        expect![[r#"
        target    dc=h
        password_policy (host, scope, name, min_length, complexity, max_age_days, history, lockout_attempts, detail)
          null | "domain" | "dc=h" | null | null | null | null | null | "maxPwdAge=5"
        unread [3 maxPwdAge] The value is not readable (5). It counts as unknown.
    "#]],
    );
    check_users(
        &domain(""),
        expect![[r#"
        target    dc=h
    "#]],
    );
}

#[test]
fn lines_are_unfolded() {
    let folded = "# a comment\n  that goes on\n";
    check_users(
        &format!(
            "{folded}{}",
            user("a", "displayName: Long\n  Name\n# numEntries: 9\n")
        ),
        expect![[r#"
        target    dc=h
        directory_accounts (domain, account, directory_id, name, enabled, locked, last_logon_on, last_logon_known, password_set_on, password_never_expires, password_not_required, smartcard_required, created_on, expires_on, privileged, employee_id)
          "dc=h" | "a" | "CN=a,DC=h" | "Long Name" | null | null | null | 0 | null | null | null | null | null | null | null | null
        unread [11] The tool announced entries: 9, the file holds: 1. The export is incomplete.
        notice [] There is no lastLogonTimestamp. Accounts out of use cannot be told.
    "#]],
    );
}
