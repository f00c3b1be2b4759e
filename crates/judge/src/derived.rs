//! Tables that the runner makes from facts, so that checks need not repeat who is who.
//! They are facts joined, never judged.

/// A table that is not in `data/facts/`.
pub(crate) struct Derived {
    pub(crate) name: &'static str,
    /// What it is made from: fact tables, or derived tables further up in the list.
    pub(crate) reads: &'static [&'static str],
    pub(crate) sql: &'static str,
}

impl Derived {
    /// The names in its SQL.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.sql
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
    }
}

/// The days of the evidence; filled by the runner.
pub(crate) const EVIDENCE: &str = "evidence";

/// Each after those it reads.
pub(crate) const DERIVED: &[Derived] = &[
    Derived {
        name: EVIDENCE,
        reads: &[],
        sql: "create table evidence (evidence_id text primary key, effective_on text)",
    },
    Derived {
        name: "subject_hosts",
        reads: &["asset_identities", "assets", "host_identities", "hosts"],
        sql: include_str!("derived/subject_hosts.sql"),
    },
    Derived {
        name: "subjects",
        reads: &["assets", "hosts", "subject_hosts"],
        sql: include_str!("derived/subjects.sql"),
    },
];

/// Whether the runner makes this table itself, so that no reader fills it.
pub fn is_derived(table: &str) -> bool {
    DERIVED.iter().any(|derived| derived.name == table)
}
