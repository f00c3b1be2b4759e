//! Runs checks on facts and hands their rows to the domain, which ages them and takes the worst.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::fact::{FactRows, FactTable, FactValue};
use sonae_domain::ids::{CheckId, EvidenceId, Subject};
use sonae_domain::verdict::{CheckRow, CheckVerdict, EvidenceDates, Reason, Verdict};
use thiserror::Error;

use crate::check::{AS_OF, Check};
use crate::database::{COLUMNS, Database, RawRow};
use crate::derived::{DERIVED, is_derived};

/// 1,000 million steps of SQLite's machine, some ten seconds. A hospital with 3,000 hosts and
/// 300,000 packages needs 16 million at most for one check. Counted, not timed: a slow computer
/// gives the same answer.
const EFFORT_MAX: u32 = 10_000;

/// Why nothing could be judged. Each is a fault of the product or its data, never of the evidence.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// A check reads a table that is neither a fact table nor made by the runner.
    #[error("check {check} reads table {table}, which is not in data/facts")]
    UnknownTable {
        /// Which check.
        check: CheckId,
        /// The name in `reads`.
        table: String,
    },
    /// A reader made facts that do not fit their table.
    #[error("facts of evidence {evidence}: {misfit}")]
    Misfit {
        /// Whose facts.
        evidence: EvidenceId,
        /// What does not fit.
        misfit: String,
    },
    /// The database itself failed.
    #[error("the database in memory")]
    Database(#[source] sqlx::Error),
    /// SQLite refused the SQL or stopped it.
    #[error("check {check}, check.sql")]
    Sql {
        /// Which check.
        check: CheckId,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// The SQL returns other columns.
    #[error("check {check} returns columns {columns:?}, not subject, verdict, reason, evidence_id")]
    Columns {
        /// Which check.
        check: CheckId,
        /// What it returns.
        columns: Vec<String>,
    },
    /// A word that is no verdict of a check.
    #[error("check {check}, subject {subject}: no verdict `{word}`")]
    UnknownVerdict {
        /// Which check.
        check: CheckId,
        /// Which row.
        subject: String,
        /// The word.
        word: String,
    },
    /// A reason without a sentence.
    #[error("check {check}, subject {subject}: reason `{reason}` is not in [reasons]")]
    UnknownReason {
        /// Which check.
        check: CheckId,
        /// Which row.
        subject: String,
        /// The reason as returned.
        reason: String,
    },
    /// Counting a subject twice would bend every percentage.
    #[error("check {check} returns subject {subject} twice")]
    SubjectTwice {
        /// Which check.
        check: CheckId,
        /// Which subject.
        subject: String,
    },
}

/// Reason code of a row that stands for something that could not be read. No check has it: it is
/// about the evidence, not about what a check found in it.
pub const INCOMPLETE: &str = "incomplete_evidence";

/// A table that a piece of evidence fills only in part: a cut-off file, an unreadable line, something
/// that the collector was not allowed to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Where it is missing.
    pub evidence: EvidenceId,
    /// What is missing: rows of this table.
    pub table: String,
    /// The host it is about, else the evidence.
    pub subject: Subject,
    /// File, line or command.
    pub detail: String,
}

/// What is missing counts as unknown for every check that reads its table, once a subject.
fn gap_rows(check: &Check, gaps: &[Gap]) -> Vec<CheckRow> {
    let mut subjects = BTreeSet::new();
    let reads = &check.head().reads;
    gaps.iter()
        .filter(|gap| reads.contains(&gap.table) && subjects.insert(&gap.subject))
        .map(|gap| CheckRow {
            subject: gap.subject.clone(),
            verdict: Verdict::Unknown,
            reason: Reason {
                code: INCOMPLETE.to_owned(),
                args: BTreeMap::from([
                    ("table".to_owned(), gap.table.as_str().into()),
                    ("detail".to_owned(), gap.detail.as_str().into()),
                ]),
            },
            evidence_id: Some(gap.evidence.clone()),
        })
        .collect()
}

/// Checks with the facts they are to judge. Facts are loaded table by table, so that a hospital's
/// facts never lie in memory all at once beside the database.
pub struct Judgement {
    checks: Vec<Check>,
    /// All columns, to see whether facts fit.
    tables: Vec<FactTable>,
    /// Only the columns that somebody reads.
    wanted: Vec<FactTable>,
    derived: BTreeSet<&'static str>,
    database: Database,
}

impl Judgement {
    /// Opens a database for the facts that these checks read.
    ///
    /// # Errors
    /// A check reads a table that is not there.
    pub async fn begin(checks: Vec<Check>, tables: &[FactTable]) -> Result<Self, JudgeError> {
        let (wanted, derived) = tables_of(&checks, tables)?;
        let mut database = Database::open(EFFORT_MAX)
            .await
            .map_err(JudgeError::Database)?;
        database
            .create(&wanted)
            .await
            .map_err(JudgeError::Database)?;
        Ok(Self {
            checks,
            tables: tables.to_vec(),
            wanted,
            derived,
            database,
        })
    }

    /// The fact tables that are to be loaded.
    pub fn tables(&self) -> Vec<String> {
        let tables = self.wanted.iter().map(|table| table.table.clone());
        tables.collect()
    }

    /// Loads facts; those of tables that no check reads are passed over.
    ///
    /// # Errors
    /// Rows do not fit their table.
    pub async fn load(&mut self, facts: &[(EvidenceId, FactRows)]) -> Result<(), JudgeError> {
        for (evidence, rows) in facts {
            let table = self.tables.iter().find(|table| table.table == rows.table);
            if let Some(misfit) = table.and_then(|table| rows.misfit(table)) {
                let evidence = evidence.clone();
                return Err(JudgeError::Misfit { evidence, misfit });
            }
        }
        for table in &self.wanted {
            let rows = facts
                .iter()
                .filter(|(_, rows)| rows.table == table.table)
                .map(|(evidence, rows)| (evidence, rows));
            self.database
                .load(table, rows)
                .await
                .map_err(JudgeError::Database)?;
        }
        Ok(())
    }

    /// Runs the checks as of a day. The verdicts are in the order of the checks.
    ///
    /// # Errors
    /// A check does not return what a check returns.
    pub async fn judge(
        mut self,
        gaps: &[Gap],
        dates: &EvidenceDates,
        as_of: Date,
    ) -> Result<Vec<CheckVerdict>, JudgeError> {
        self.database
            .close(dates, &self.derived)
            .await
            .map_err(JudgeError::Database)?;
        let mut verdicts = Vec::new();
        for check in &self.checks {
            let mut rows = run(&mut self.database, check, as_of).await?;
            rows.extend(gap_rows(check, gaps));
            let head = check.head();
            let verdict = CheckVerdict::of(head.id.clone(), rows, dates, head.valid_days, as_of);
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }
}

/// Judges facts that are all at hand.
///
/// # Errors
/// Checks, tables and facts do not fit each other.
pub async fn judge(
    checks: &[Check],
    tables: &[FactTable],
    facts: &[(EvidenceId, FactRows)],
    dates: &EvidenceDates,
    as_of: Date,
) -> Result<Vec<CheckVerdict>, JudgeError> {
    let mut judgement = Judgement::begin(checks.to_vec(), tables).await?;
    judgement.load(facts).await?;
    judgement.judge(&[], dates, as_of).await
}

/// The least of the fact tables with which these checks say what they say: tables and columns that no
/// check reads are left out.
///
/// # Errors
/// A check reads a table that is not there.
pub fn needed_tables(checks: &[Check], tables: &[FactTable]) -> Result<Vec<FactTable>, JudgeError> {
    Ok(tables_of(checks, tables)?.0)
}

/// The fact tables and the derived tables that these checks need.
///
/// A column that no reader of its table names is left out, which halves the time for long tables.
fn tables_of(
    checks: &[Check],
    tables: &[FactTable],
) -> Result<(Vec<FactTable>, BTreeSet<&'static str>), JudgeError> {
    let mut words_by_table: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for check in checks {
        for table in &check.head().reads {
            if !is_derived(table) && tables.iter().all(|known| known.table != *table) {
                let check = check.head().id.clone();
                let table = table.clone();
                return Err(JudgeError::UnknownTable { check, table });
            }
            let words = words_by_table.entry(table).or_default();
            words.extend(check.select().words.iter().map(String::as_str));
        }
    }
    for derived in DERIVED.iter().rev() {
        if words_by_table.contains_key(derived.name) {
            for table in derived.reads {
                let words = words_by_table.entry(table).or_default();
                words.extend(derived.words());
            }
        }
    }
    let mut wanted: Vec<FactTable> = Vec::new();
    for table in tables {
        if let Some(words) = words_by_table.get(table.table.as_str()) {
            let mut table = table.clone();
            table
                .columns
                .retain(|column| words.contains(column.name.as_str()));
            wanted.push(table);
        }
    }
    let derived = DERIVED.iter().map(|derived| derived.name);
    let derived = derived.filter(|name| words_by_table.contains_key(name));
    Ok((wanted, derived.collect()))
}

async fn run(
    database: &mut Database,
    check: &Check,
    as_of: Date,
) -> Result<Vec<CheckRow>, JudgeError> {
    let head = check.head();
    let refused = |source| JudgeError::Sql {
        check: head.id.clone(),
        source,
    };
    let columns = database.columns(check.select()).await.map_err(refused)?;
    if columns != COLUMNS {
        return Err(JudgeError::Columns {
            check: head.id.clone(),
            columns,
        });
    }
    let value_of = |name: &str| match name {
        AS_OF => Some(FactValue::Text(as_of.to_string())),
        _ => head
            .settings
            .get(name)
            .map(|number| FactValue::Integer(*number)),
    };
    let raw = database
        .ask(check.select(), value_of)
        .await
        .map_err(refused)?;
    let mut seen = BTreeSet::new();
    let mut rows = Vec::with_capacity(raw.len());
    for row in raw {
        if !seen.insert(row.subject.clone()) {
            let subject = row.subject;
            return Err(JudgeError::SubjectTwice {
                check: head.id.clone(),
                subject,
            });
        }
        rows.push(understand(check, row)?);
    }
    Ok(rows)
}

fn understand(check: &Check, row: RawRow) -> Result<CheckRow, JudgeError> {
    let head = check.head();
    let verdict = match row.verdict.as_str() {
        "met" => Verdict::Met,
        "not_met" => Verdict::NotMet,
        "conditional" => Verdict::Conditional,
        "not_applicable" => Verdict::NotApplicable,
        "unknown" => Verdict::Unknown,
        // `stale` too: only the domain ages.
        _ => {
            let (subject, word) = (row.subject, row.verdict);
            return Err(JudgeError::UnknownVerdict {
                check: head.id.clone(),
                subject,
                word,
            });
        }
    };
    let reason = reason(&row.reason).filter(|reason| head.reasons.contains_key(&reason.code));
    let Some(reason) = reason else {
        let (subject, reason) = (row.subject, row.reason);
        return Err(JudgeError::UnknownReason {
            check: head.id.clone(),
            subject,
            reason,
        });
    };
    let evidence_id = row.evidence_id.map(EvidenceId::new);
    Ok(CheckRow {
        subject: Subject::new(row.subject),
        verdict,
        reason,
        evidence_id,
    })
}

/// `{"code": "old", "days": 12}`, or the bare code.
fn reason(text: &str) -> Option<Reason> {
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    Some(Reason {
        code: text.to_owned(),
        args: Default::default(),
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use jiff::civil::date;

    use super::*;

    const TABLE: &str = r#"
table = "users"
osquery = true
filled_by = ["test"]
title = { ja = "x", en = "x" }
row = { ja = "x", en = "x" }

[[column]]
name = "username"
type = "text"
tells = "nothing"
ja = "x"
en = "x"

[[column]]
name = "uid"
type = "integer"
tells = "nothing"
ja = "x"
en = "x"

[[column]]
name = "seen_on"
type = "date"
tells = "nothing"
ja = "x"
en = "x"
"#;

    const HEAD: &str = r#"
id = "c"
title = { ja = "x", en = "x" }
explanation = { ja = "x", en = "x" }
reads = ["users"]
valid_days = 30
source = "x"

[reasons]
x = { ja = "x", en = "x" }
"#;

    fn say(error: &dyn std::error::Error) -> String {
        let mut said = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            let _ = write!(said, ": {error}");
            source = error.source();
        }
        said
    }

    fn run_on(head: &str, sql: &str, facts: FactRows) -> Result<String, String> {
        let check = Check::from_texts(head, sql).map_err(|error| say(&error))?;
        let table = FactTable::from_toml(TABLE).expect("a table");
        let id = EvidenceId::new("e");
        let dates = EvidenceDates::from([(id.clone(), date(2026, 11, 1))]);
        let (checks, tables, facts) = ([check], [table], [(id, facts)]);
        let judging = judge(&checks, &tables, &facts, &dates, date(2026, 11, 21));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let verdicts = runtime.block_on(judging).map_err(|error| say(&error))?;
        let rows = verdicts[0].rows.iter();
        let rows: Vec<String> = rows
            .map(|row| format!("{} {:?} {:?}", row.subject, row.verdict, row.reason.args))
            .collect();
        Ok(rows.join(" | "))
    }

    fn two_users() -> FactRows {
        let mut facts = FactRows::new("users", &["uid", "username"]);
        facts.rows = vec![vec![1.into(), "a".into()], vec!["many".into(), "b".into()]];
        facts
    }

    fn check(sql: &str, expected: Expect) {
        expected.assert_eq(&run_on(HEAD, sql, two_users()).unwrap_or_else(|error| error));
    }

    #[test]
    fn what_could_not_be_read_is_unknown_for_each_check_that_reads_it() {
        let sql =
            "select username as subject, 'met' as verdict, 'x' as reason, evidence_id from users";
        let check = Check::from_texts(HEAD, sql).expect("a check");
        let gap = |table: &str, subject: &str| Gap {
            evidence: EvidenceId::new("e"),
            table: table.to_owned(),
            subject: Subject::new(subject),
            detail: "line 3".to_owned(),
        };
        let gaps = [
            gap("users", "a"),
            gap("users", "a"),
            gap("users", "b"),
            gap("hosts", "c"),
        ];
        let subjects: Vec<String> = gap_rows(&check, &gaps)
            .iter()
            .map(|row| row.subject.to_string())
            .collect();
        assert_eq!(subjects, ["a", "b"]);
        assert!(
            gap_rows(&check, &gaps)
                .iter()
                .all(|row| row.verdict == Verdict::Unknown)
        );
    }

    #[test]
    fn rows_become_verdicts() {
        check(
            "select username as subject, case when uid = 1 then 'met' else 'unknown' end as verdict,
             json_object('code', 'x', 'uid', uid, 'on', :as_of) as reason, evidence_id from users",
            expect![[
                r#"b Unknown {"on": String("2026-11-21"), "uid": Null} | a Met {"on": String("2026-11-21"), "uid": Number(1)}"#
            ]],
        );
    }

    #[test]
    fn the_contract_is_strict() {
        let row = |verdict: &str, reason: &str| {
            format!(
                "select 'a' as subject, {verdict} as verdict, {reason} as reason, null as evidence_id"
            )
        };
        check(
            &row("'stale'", "'x'"),
            expect!["check c, subject a: no verdict `stale`"],
        );
        check(
            &row("'Met'", "'x'"),
            expect!["check c, subject a: no verdict `Met`"],
        );
        check(
            &row("null", "'x'"),
            expect![
                "check c, check.sql: error occurred while decoding column verdict: it is null: it is null"
            ],
        );
        check(
            &row("'met'", "'y'"),
            expect!["check c, subject a: reason `y` is not in [reasons]"],
        );
        check(
            &row("'met'", "'{'"),
            expect!["check c, subject a: reason `{` is not in [reasons]"],
        );
        check(
            "select 1 as subject, 2 as verdict",
            expect![[
                r#"check c returns columns ["subject", "verdict"], not subject, verdict, reason, evidence_id"#
            ]],
        );
        check(
            "select 'a' as subject, 'met' as verdict, 'x' as reason, evidence_id from users",
            expect!["check c returns subject a twice"],
        );
        check(
            "select :days as subject",
            expect!["check c: `:days` is not in [settings]"],
        );
    }

    #[test]
    fn facts_must_fit_their_table() {
        let mut facts = FactRows::new("users", &["shoe_size"]);
        facts.rows = vec![vec![1.into()]];
        let sql = "select 'a' as subject, 'met' as verdict, 'x' as reason, '' as evidence_id";
        let said = run_on(HEAD, sql, facts).unwrap_or_else(|error| error);
        expect!["facts of evidence e: table users has no column shoe_size"].assert_eq(&said);
    }

    #[test]
    fn what_is_not_in_the_database_cannot_be_reached() {
        check(
            "select * from staff",
            expect![[
                r#"check c, check.sql: error returned from database: (code: 1) no such table: staff: (code: 1) no such table: staff"#
            ]],
        );
        let head = HEAD.replace("\"users\"", "\"secrets\"");
        let said = run_on(&head, "select 1", two_users()).unwrap_or_else(|error| error);
        expect!["check c reads table secrets, which is not in data/facts"].assert_eq(&said);
        check(
            "with a as (select 1) delete from users returning 1, 2, 3, 4",
            expect![[
                r#"check c returns columns ["1", "2", "3", "4"], not subject, verdict, reason, evidence_id"#
            ]],
        );
        check(
            "select load_extension('x')",
            expect![[
                r#"check c, check.sql: `load_extension` is not for checks; the day is `:as_of`"#
            ]],
        );
        check(
            "select writefile('/tmp/x', 'y')",
            expect![
                "check c, check.sql: error returned from database: (code: 1) no such function: writefile: (code: 1) no such function: writefile"
            ],
        );
    }

    #[test]
    fn what_does_not_fit_its_column_was_not_read() {
        let mut facts = FactRows::new("users", &["username", "uid", "seen_on"]);
        facts.rows = vec![
            vec!["a".into(), "13".into(), "2026-02-30".into()],
            vec![7.into(), 13.into(), "2026-02-03".into()],
        ];
        let sql = "select username as subject, 'unknown' as verdict,
                   json_object('code', 'x', 'uid', uid, 'on', seen_on) as reason, evidence_id
                   from users";
        let said = run_on(HEAD, sql, facts).unwrap_or_else(|error| error);
        expect![[r#"7 Unknown {"on": String("2026-02-03"), "uid": Number(13)} | a Unknown {"on": Null, "uid": Null}"#]].assert_eq(&said);
    }
}
