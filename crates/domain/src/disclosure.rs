//! What vendors disclose about the security of a product or service (MDS/SDS), and what people make
//! of each いいえ. How a file is read is not known here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::edition::Text;
use crate::evidence::{Finding, Severity};
use crate::ids::{EvidenceId, RecordId};
use crate::register::Record;

/// Whether a statement is about a product or a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisclosureKind {
    /// 製造業者による医療情報セキュリティ開示書（MDS）: of a product.
    Mds,
    /// サービス事業者による医療情報セキュリティ開示書（SDS）: of a service.
    Sds,
}

impl DisclosureKind {
    /// As everybody says.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mds => "MDS",
            Self::Sds => "SDS",
        }
    }
}

/// The edition of the form that a statement was written on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisclosureEdition {
    /// JAHIS標準20-005
    Ver4,
    /// JAHIS標準24-005
    Ver5,
    /// Neither of the two.
    Other,
    /// The file does not say, and nobody did.
    #[default]
    Unknown,
}

/// What a vendor answered to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisclosureAnswer {
    /// はい
    Yes,
    /// いいえ
    No,
    /// 対象外
    NotApplicable,
    /// Nobody can tell from the file: no mark, two marks, something else.
    Unread,
}

/// One question of a statement, in the vendor's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureRow {
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// From 1, as the user's program shows it.
    pub row: u32,
    /// As printed; empty if none is.
    pub number: String,
    /// The question.
    pub question: String,
    /// What was answered.
    pub answer: DisclosureAnswer,
    /// Why the answer was not read.
    pub why: Option<Text>,
    /// 備考
    pub note: Option<String>,
}

/// A statement (製造業者/サービス事業者による医療情報セキュリティ開示書, MDS/SDS) about one version of
/// a product or service. A newer one stands beside it and names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureStatement {
    /// MDS or SDS.
    pub kind: DisclosureKind,
    /// Of the form.
    pub edition: DisclosureEdition,
    /// 作成日
    pub stated_on: Option<Date>,
    /// Whose statement it is.
    pub vendor: RecordId,
    /// 製品名・サービス名
    pub product: String,
    /// バージョン
    pub product_version: Option<String>,
    /// The systems in use that it speaks about.
    pub systems: Vec<RecordId>,
    /// The older statement that it takes the place of.
    pub replaces: Option<RecordId>,
    /// The file, kept as a document.
    pub evidence: EvidenceId,
    /// What was read in it; empty for a file that only people can read.
    pub rows: Vec<DisclosureRow>,
    /// What was not read, beside rows.
    pub findings: Vec<Finding>,
    /// 備考
    pub note: Option<String>,
}

/// What a person makes of a question that was not answered はい or 対象外 (リスクアセスメント).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureRisk {
    /// The statement.
    pub statement: RecordId,
    /// Position of the question in the statement, from 0.
    pub position: usize,
    /// What may happen.
    pub risk: String,
    /// What is done about it.
    pub measure: String,
    /// Who assessed it.
    pub assessed_by: String,
    /// When.
    pub assessed_on: Date,
}

impl Record for DisclosureStatement {
    const KIND: &'static str = "disclosure_statement";
}

impl Record for DisclosureRisk {
    const KIND: &'static str = "disclosure_risk";
}

/// How often each answer was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DisclosureCounts {
    /// はい
    pub n_yes: usize,
    /// いいえ
    pub n_no: usize,
    /// 対象外
    pub n_not_applicable: usize,
    /// Not read.
    pub n_unread: usize,
}

/// What guideline 7.0 asks for (保守委託機関編10章): はい or 対象外 everywhere, or a risk assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiskAssessment {
    /// Every question was read, and answered はい or 対象外.
    NotNeeded,
    /// Positions of the questions that need one: いいえ, and what nobody could read.
    Needed(Vec<usize>),
    /// No question was read, or not all of the file: only a person can tell.
    Unknown,
}

/// A question whose answer differs between two statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureChange {
    /// As printed in the newer one, in the older one if it is only there.
    pub number: String,
    /// The question.
    pub question: String,
    /// None if the older one does not ask.
    pub before: Option<DisclosureAnswer>,
    /// None if the newer one no longer asks.
    pub after: Option<DisclosureAnswer>,
}

impl DisclosureCounts {
    /// Counts rows by their answer.
    pub fn of(rows: &[DisclosureRow]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            *match row.answer {
                DisclosureAnswer::Yes => &mut counts.n_yes,
                DisclosureAnswer::No => &mut counts.n_no,
                DisclosureAnswer::NotApplicable => &mut counts.n_not_applicable,
                DisclosureAnswer::Unread => &mut counts.n_unread,
            } += 1;
        }
        counts
    }
}

impl DisclosureStatement {
    /// How often each answer was given.
    pub fn counts(&self) -> DisclosureCounts {
        DisclosureCounts::of(&self.rows)
    }

    /// Whether a risk assessment is needed. What was not read never counts as good.
    pub fn risk_assessment(&self) -> RiskAssessment {
        let open = self.rows.iter().enumerate().filter(|(_, row)| {
            matches!(row.answer, DisclosureAnswer::No | DisclosureAnswer::Unread)
        });
        let open: Vec<usize> = open.map(|(position, _)| position).collect();
        let mut findings = self.findings.iter();
        let is_whole = findings.all(|finding| finding.severity != Severity::Unread);
        match (open.is_empty(), self.rows.is_empty()) {
            (false, _) => RiskAssessment::Needed(open),
            (true, false) if is_whole => RiskAssessment::NotNeeded,
            (true, _) => RiskAssessment::Unknown,
        }
    }

    /// The questions whose answer is another than in an older statement, in the order of this one;
    /// then those that it no longer asks. A question is known by its words, and by its number where
    /// both stand on the same edition of the form.
    pub fn changes_since(&self, older: &Self) -> Vec<DisclosureChange> {
        let same_form = self.edition == older.edition && self.edition != DisclosureEdition::Unknown;
        let mut left: Vec<&DisclosureRow> = older.rows.iter().collect();
        let mut before: Vec<Option<&DisclosureRow>> = Vec::new();
        for row in &self.rows {
            before.push(take(&mut left, |old| {
                same_words(&old.question, &row.question)
            }));
        }
        for (row, before) in self.rows.iter().zip(&mut before) {
            if before.is_none() && same_form && !row.number.is_empty() {
                *before = take(&mut left, |old| old.number == row.number);
            }
        }
        let now = self
            .rows
            .iter()
            .zip(before)
            .map(|(row, before)| DisclosureChange {
                number: row.number.clone(),
                question: row.question.clone(),
                before: before.map(|before| before.answer),
                after: Some(row.answer),
            });
        let gone = left.into_iter().map(|row| DisclosureChange {
            number: row.number.clone(),
            question: row.question.clone(),
            before: Some(row.answer),
            after: None,
        });
        let all = now.chain(gone);
        all.filter(|change| change.before != change.after).collect()
    }
}

/// Takes out the first row that fits.
fn take<'a>(
    rows: &mut Vec<&'a DisclosureRow>,
    fits: impl Fn(&DisclosureRow) -> bool,
) -> Option<&'a DisclosureRow> {
    let at = rows.iter().position(|row| fits(row))?;
    Some(rows.remove(at))
}

/// Blanks and line ends do not count.
fn same_words(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String { text.split_whitespace().collect() };
    !a.is_empty() && plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Place;

    /// A statement on the form Ver.5 of questions as `number question answer`.
    fn statement(rows: &[&str]) -> DisclosureStatement {
        let row = |(at, line): (usize, &&str)| {
            let mut parts = line.split(' ');
            let mut part = || parts.next().expect("three parts").to_owned();
            let (number, question) = (part(), part());
            DisclosureRow {
                sheet: None,
                row: u32::try_from(at).expect("few") + 1,
                number,
                question,
                answer: match part().as_str() {
                    "yes" => DisclosureAnswer::Yes,
                    "no" => DisclosureAnswer::No,
                    "none" => DisclosureAnswer::NotApplicable,
                    _ => DisclosureAnswer::Unread,
                },
                why: None,
                note: None,
            }
        };
        DisclosureStatement {
            kind: DisclosureKind::Mds,
            edition: DisclosureEdition::Ver5,
            stated_on: None,
            vendor: RecordId::new("v"),
            product: "records".to_owned(),
            product_version: None,
            systems: Vec::new(),
            replaces: None,
            evidence: EvidenceId::new("e"),
            rows: rows.iter().enumerate().map(row).collect(),
            findings: Vec::new(),
            note: None,
        }
    }

    #[test]
    fn only_yes_and_not_applicable_need_no_assessment() {
        let check = |rows: &[&str], expected: RiskAssessment| {
            assert_eq!(statement(rows).risk_assessment(), expected, "{rows:?}");
        };
        check(&["1 a yes", "2 b none"], RiskAssessment::NotNeeded);
        check(&["1 a yes", "2 b no"], RiskAssessment::Needed(vec![1]));
        check(&["1 a unread", "2 b yes"], RiskAssessment::Needed(vec![0]));
        check(&[], RiskAssessment::Unknown);
        let mut torn = statement(&["1 a yes"]);
        torn.findings.push(Finding {
            severity: Severity::Unread,
            place: Place::default(),
            text: Text {
                ja: String::new(),
                en: String::new(),
            },
        });
        assert_eq!(torn.risk_assessment(), RiskAssessment::Unknown);
    }

    #[test]
    fn counts_each_answer() {
        let counts = statement(&["1 a yes", "2 b no", "3 c none", "4 d ?", "5 e no"]).counts();
        let shown = (
            counts.n_yes,
            counts.n_no,
            counts.n_not_applicable,
            counts.n_unread,
        );
        assert_eq!(shown, (1, 2, 1, 1));
    }

    #[test]
    fn finds_what_changed_by_words_first_and_by_number_within_an_edition() {
        let check = |before: &[&str], after: &[&str], edition, expected: &[&str]| {
            let older = DisclosureStatement {
                edition,
                ..statement(before)
            };
            let changes = statement(after).changes_since(&older);
            let word = |answer: Option<DisclosureAnswer>| match answer {
                Some(DisclosureAnswer::Yes) => "yes",
                Some(DisclosureAnswer::No) => "no",
                Some(DisclosureAnswer::NotApplicable) => "none",
                Some(DisclosureAnswer::Unread) => "unread",
                None => "-",
            };
            let line = |change: &DisclosureChange| {
                let (before, after) = (word(change.before), word(change.after));
                format!("{} {} {before}>{after}", change.number, change.question)
            };
            let shown: Vec<String> = changes.iter().map(line).collect();
            assert_eq!(shown, expected);
        };
        let (ver4, ver5) = (DisclosureEdition::Ver4, DisclosureEdition::Ver5);
        check(&["1 a yes"], &["1 a yes"], ver5, &[]);
        check(&["1 a no"], &["1 a yes"], ver5, &["1 a no>yes"]);
        check(&["1 a no"], &["3 a yes"], ver4, &["3 a no>yes"]);
        check(&["1 a no"], &["1 b yes"], ver5, &["1 b no>yes"]);
        let apart = ["1 b ->yes", "1 a no>-"];
        check(&["1 a no"], &["1 b yes"], ver4, &apart);
        check(
            &["1 a yes", "2 a no"],
            &["1 a yes", "2 a yes"],
            ver5,
            &["2 a no>yes"],
        );
    }
}
