//! The on-site inspection (立入検査): a state frozen for an authority, what was shown to it, its
//! remarks (指摘) with the institution's corrections, and marks on answers that it may ask about.
//!
//! An inspector reads what was frozen and nothing that was written since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::answer::Answer;
use crate::evidence::ContentHash;
use crate::ids::{EditionId, EvidenceId, FormId, InstitutionId, ItemId, RecordId};
use crate::register::Record;
use crate::vendor::{OneTimeLink, is_same_name};

/// An inspection with the package that was frozen for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// 検査機関: the health centre or prefecture.
    pub authority: String,
    /// 検査日
    pub inspected_on: Date,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// Where the bytes of the package are kept.
    pub package: EvidenceId,
    /// Of these bytes.
    pub package_hash: ContentHash,
    /// Root of the history in the package's checkpoint, hexadecimal: what remarks name, for a page inside
    /// of the package cannot know the hash of the whole.
    pub root: String,
    /// From then on nothing reaches the inspector any more.
    pub frozen_at: Timestamp,
    /// The address that opens it; none if the inspector was given a file only.
    pub link: Option<OneTimeLink>,
    /// Who took the address back, and when.
    pub revoked: Option<Stamp>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Inspection {
    /// Whether the address opens the package at a moment.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.link.as_ref().is_some_and(|link| now < link.ends_at)
    }
}

/// That an item was brought to the screen in an inspection. Its history says by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownItem {
    /// Which.
    pub item: ItemId,
}

/// A remark (指摘) of an inspector, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectionRemark {
    /// Made in this inspection.
    pub inspection: RecordId,
    /// What the inspector wrote.
    pub said: Remark,
    /// How it came.
    pub source: RemarkSource,
    /// What the institution did; none as long as it did nothing.
    pub correction: Option<Correction>,
    /// What the inspector said about the correction.
    pub recheck: Option<Rechecked>,
}

/// What an inspector wrote about an item, or about the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Made where the remark was written, so that a file taken in twice is one remark.
    pub id: RecordId,
    /// The row; none for a remark on the whole.
    pub item: Option<ItemId>,
    /// In the inspector's words.
    pub text: String,
    /// 是正期限; none if it was not set.
    pub due_on: Option<Date>,
    /// The inspector's name.
    pub by: String,
    /// When it was written, by the clock where it was written.
    pub at: Timestamp,
}

/// How a remark came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkSource {
    /// The inspector wrote it at the address it was given.
    Link,
    /// Somebody of the institution took it from the inspector's file.
    File {
        /// Who took it.
        entered_by: String,
        /// Fingerprint of the key that signed the file; none for an unsigned one.
        signed_by: Option<String>,
        /// 検査機関 as the file names it; none in older records.
        #[serde(default)]
        authority: Option<String>,
    },
    /// Somebody of the institution typed it from a letter.
    Paper {
        /// Who typed it.
        entered_by: String,
    },
}

impl RemarkSource {
    /// The authority that a file names, if it is not the one that inspected.
    pub fn other_authority(&self, inspecting: &str) -> Option<&str> {
        match self {
            Self::File { authority, .. } => authority
                .as_deref()
                .filter(|named| !is_same_name(named, inspecting)),
            Self::Link | Self::Paper { .. } => None,
        }
    }
}

/// What the institution did about a remark (是正).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// In the person's words.
    pub text: String,
    /// 是正日
    pub done_on: Date,
    /// Documents that show it.
    pub documents: Vec<CorrectionDocument>,
    /// Who recorded it.
    pub stamp: Stamp,
}

/// A document that shows a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CorrectionDocument {
    /// As it was when the correction was written, whatever becomes of it.
    AsItWas {
        /// Which.
        id: RecordId,
        /// Where its bytes are kept.
        evidence: EvidenceId,
        /// Of these bytes.
        sha256: ContentHash,
        /// What it was called.
        title: String,
    },
    /// Its id alone: all that older records have.
    Named(RecordId),
}

/// A recheck with how it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rechecked {
    /// What the inspector said.
    pub said: Recheck,
    /// How it came; as much to be believed as the remark itself.
    pub source: RemarkSource,
    /// When it was taken, by the clock of the institution.
    pub taken_at: Timestamp,
}

/// What the inspector says about a correction (再確認).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recheck {
    /// When the correction that was looked at was recorded; null if there was none.
    pub correction: Option<Timestamp>,
    /// Whether the remark is settled.
    pub settled: bool,
    /// In the inspector's words.
    pub note: Option<String>,
    /// The inspector's name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a remark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkState {
    /// 期限超過: nothing was done, and the day is past.
    Overdue,
    /// 未対応
    Open,
    /// 再確認待ち: corrected, and the inspector has not looked again.
    Corrected,
    /// 確認済み: the inspector says so; the institution cannot.
    Settled,
}

impl InspectionRemark {
    /// How it stands on a day.
    pub fn state(&self, today: Date) -> RemarkState {
        let corrected = self.correction.as_ref().map(|it| it.stamp.at);
        match (corrected, &self.recheck) {
            (_, Some(recheck)) if recheck.said.settled => RemarkState::Settled,
            // Corrected anew after the inspector was not content with it.
            (Some(at), Some(recheck)) if at > recheck.taken_at => RemarkState::Corrected,
            (Some(_), None) => RemarkState::Corrected,
            _ if self.said.due_on.is_some_and(|due| due < today) => RemarkState::Overdue,
            _ => RemarkState::Open,
        }
    }
}

/// What the file of remarks calls itself.
const FORMAT: &str = "sonae-inspection-remarks";

/// Counts up when a program that knows the former version could not read a file.
const VERSION: u32 = 1;

/// A file is smaller: some dozens of remarks of some hundred words.
pub const REMARK_FILE_BYTES_MAX: usize = 1024 * 1024;

/// More remarks than a form has rows are no inspection.
pub const REMARKS_MAX: usize = 200;

/// As long as a note on the form may be, several times.
pub const REMARK_CHARS_MAX: usize = 2_000;

/// The remarks of an inspector as a file that goes back to the institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemarkFile {
    format: String,
    version: u32,
    /// To whom it goes.
    pub institution: InstitutionId,
    /// Root of the history in the checkpoint of the package that was looked at, hexadecimal.
    pub root: String,
    /// 検査機関
    pub authority: String,
    /// New ones.
    pub remarks: Vec<Remark>,
    /// On remarks that were made before, by their ids.
    pub rechecks: BTreeMap<RecordId, Recheck>,
}

/// Why bytes are no file of remarks.
#[derive(Debug, thiserror::Error)]
pub enum RemarkFileError {
    /// Larger than any that we write.
    #[error("the file is larger than {REMARK_FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// Another format, or broken.
    #[error("the file holds no remarks of an inspection")]
    NoRemarks,
    /// Made by a program that knows more.
    #[error("version {0} of the format is newer than this program")]
    Newer(u32),
    /// A remark is empty, too long, holds signs that nobody types, or there are too many.
    #[error("a remark in the file cannot be one")]
    BadRemark,
}

/// Read before the rest, which may be of a shape that we do not know.
#[derive(Deserialize)]
struct Kind {
    format: String,
    version: u32,
}

impl RemarkFile {
    /// A file without remarks.
    pub fn new(institution: InstitutionId, root: String, authority: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            institution,
            root,
            authority,
            remarks: Vec::new(),
            rechecks: BTreeMap::new(),
        }
    }

    /// Reads a file, strictly.
    ///
    /// # Errors
    /// It is none, or something in it cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, RemarkFileError> {
        if bytes.len() > REMARK_FILE_BYTES_MAX {
            return Err(RemarkFileError::TooLarge);
        }
        let kind: Kind = serde_json::from_slice(bytes).map_err(|_| RemarkFileError::NoRemarks)?;
        match (kind.format.as_str(), kind.version) {
            (FORMAT, VERSION) => {}
            (FORMAT, version) if version > VERSION => return Err(RemarkFileError::Newer(version)),
            _ => return Err(RemarkFileError::NoRemarks),
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| RemarkFileError::NoRemarks)?;
        match file.is_sound() {
            true => Ok(file),
            false => Err(RemarkFileError::BadRemark),
        }
    }

    /// The bytes of the file, in one line, so that they can be signed.
    ///
    /// # Errors
    /// It cannot be written as JSON, which is a mistake of ours.
    pub fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn is_sound(&self) -> bool {
        let ids: BTreeSet<&RecordId> = self.remarks.iter().map(|remark| &remark.id).collect();
        let is_remark = |remark: &Remark| {
            is_words(&remark.text, REMARK_CHARS_MAX) && is_words(&remark.by, REMARK_CHARS_MAX)
        };
        let is_recheck = |recheck: &Recheck| {
            is_words(&recheck.by, REMARK_CHARS_MAX)
                && (recheck.note.as_ref()).is_none_or(|note| is_words(note, REMARK_CHARS_MAX))
        };
        let has_id = |remark: &Remark| is_uuid(remark.id.as_str());
        ids.len() == self.remarks.len()
            && ids.len() + self.rechecks.len() > 0
            && self.remarks.iter().all(has_id)
            && ids.len() + self.rechecks.len() <= REMARKS_MAX
            && self.remarks.iter().all(is_remark)
            && self.rechecks.values().all(is_recheck)
            && is_words(&self.authority, REMARK_CHARS_MAX)
    }
}

/// Ids stand in addresses.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Whether a text says something, is not too long, and holds no signs that nobody types.
fn is_words(text: &str, n_chars_max: usize) -> bool {
    let is_typed = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    !text.trim().is_empty() && text.chars().count() <= n_chars_max && text.chars().all(is_typed)
}

/// What an inspector may want to ask about, though it proves nothing: a form that was ticked through
/// looks like this, and so does one that was filled in from a list of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMark {
    /// One person recorded [`BULK_MIN`] answers or more within [`BULK_TIME`].
    Bulk,
    /// The same words stand in the notes of [`SAME_NOTE_MIN`] rows or more.
    SameNote,
}

/// So many answers in so short a time were not thought about one by one.
pub const BULK_MIN: usize = 5;

/// Nobody reads, looks and answers five items in a minute.
pub const BULK_TIME: SignedDuration = SignedDuration::from_secs(60);

/// Two rows may rightly have the same note; a third is asked about.
pub const SAME_NOTE_MIN: usize = 3;

/// Short notes such as 済 are the same by chance.
const SAME_NOTE_CHARS_MIN: usize = 8;

/// A row and a round: what an answer answers.
type Answered<'a> = (&'a ItemId, u8);

/// The marks of each answer that has one.
pub fn answer_marks<'a>(
    answers: impl IntoIterator<Item = &'a Answer>,
) -> BTreeMap<Answered<'a>, BTreeSet<AnswerMark>> {
    let answers: Vec<&Answer> = answers.into_iter().collect();
    let mut marks: BTreeMap<Answered<'_>, BTreeSet<AnswerMark>> = BTreeMap::new();
    let found = (in_bulk(&answers)
        .into_iter()
        .map(|it| (it, AnswerMark::Bulk)))
    .chain(
        with_same_note(&answers)
            .into_iter()
            .map(|it| (it, AnswerMark::SameNote)),
    );
    for (item, mark) in found {
        marks.entry(item).or_default().insert(mark);
    }
    marks
}

fn answered(answer: &Answer) -> Answered<'_> {
    (&answer.item, answer.round)
}

fn in_bulk<'a>(answers: &[&'a Answer]) -> Vec<Answered<'a>> {
    let mut by_person: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        let person = by_person.entry(&answer.answered_by).or_default();
        person.push(answer);
    }
    let mut found = Vec::new();
    for answers in by_person.values_mut() {
        answers.sort_by_key(|answer| answer.recorded_at);
        for window in answers.windows(BULK_MIN) {
            let [first, .., last] = window else { continue };
            if last.recorded_at.duration_since(first.recorded_at) <= BULK_TIME {
                found.extend(window.iter().copied().map(answered));
            }
        }
    }
    found
}

fn with_same_note<'a>(answers: &[&'a Answer]) -> Vec<Answered<'a>> {
    let mut by_note: BTreeMap<String, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        let note = answer.note.as_deref().unwrap_or_default();
        let note: String = note.nfkc().filter(|c| !c.is_whitespace()).collect();
        if note.chars().count() >= SAME_NOTE_CHARS_MIN {
            by_note.entry(note).or_default().push(answer);
        }
    }
    let is_marked = |answers: &Vec<&Answer>| {
        let rows: BTreeSet<&ItemId> = answers.iter().map(|answer| &answer.item).collect();
        rows.len() >= SAME_NOTE_MIN
    };
    let many = by_note.into_values().filter(is_marked);
    many.flatten().map(answered).collect()
}

impl Record for Inspection {
    const KIND: &'static str = "inspection";
}

impl Record for ShownItem {
    const KIND: &'static str = "inspection_shown";
}

impl Record for InspectionRemark {
    const KIND: &'static str = "inspection_remark";
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::answer::AnswerValue;

    const TODAY: Date = date(2026, 11, 21);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn remark(due_on: Option<Date>) -> Remark {
        Remark {
            id: RecordId::new("0199c0de-0000-7000-8000-000000000001"),
            item: Some(ItemId::new("fy2025/facility/asset-ledger")),
            text: "台帳に3台がありません。".to_owned(),
            due_on,
            by: "検査 一郎".to_owned(),
            at: at(0),
        }
    }

    #[test]
    fn a_remark_is_settled_by_the_inspector_alone() {
        use RemarkState::{Corrected, Open, Overdue, Settled};
        let check = |due_on, corrected: Option<i64>, rechecked: Option<(i64, bool)>, expected| {
            let remark = InspectionRemark {
                inspection: RecordId::new("i"),
                said: remark(due_on),
                source: RemarkSource::Link,
                correction: corrected.map(|second| Correction {
                    text: "追加しました。".to_owned(),
                    done_on: TODAY,
                    documents: Vec::new(),
                    stamp: Stamp {
                        by: "備え 花子".to_owned(),
                        at: at(second),
                    },
                }),
                recheck: rechecked.map(|(second, settled)| Rechecked {
                    said: Recheck {
                        correction: corrected.map(at),
                        settled,
                        note: None,
                        by: "検査 一郎".to_owned(),
                        // The inspector's clock decides nothing.
                        at: at(1_000),
                    },
                    source: RemarkSource::Link,
                    taken_at: at(second),
                }),
            };
            assert_eq!(remark.state(TODAY), expected, "{remark:?}");
        };
        let past = Some(date(2026, 11, 20));
        check(None, None, None, Open);
        check(Some(TODAY), None, None, Open);
        check(past, None, None, Overdue);
        check(past, Some(1), None, Corrected);
        check(past, Some(1), Some((2, true)), Settled);
        check(None, Some(1), Some((2, false)), Open);
        check(past, Some(1), Some((2, false)), Overdue);
        check(past, Some(3), Some((2, false)), Corrected);
        check(past, None, Some((2, true)), Settled);
    }

    #[test]
    fn a_file_that_names_another_authority_is_told() {
        let check = |authority: &str, expected: Option<&str>| {
            let json =
                format!(r#"{{"file":{{"entered_by":"備え 花子","signed_by":null{authority}}}}}"#);
            let source: RemarkSource = serde_json::from_str(&json).unwrap();
            assert_eq!(source.other_authority("備前保健所"), expected, "{json}");
        };
        // As older records have it.
        check("", None);
        check(r#","authority":"備前 保健所""#, None);
        check(r#","authority":"備中保健所""#, Some("備中保健所"));
    }

    #[test]
    fn a_correction_of_an_older_record_names_its_documents() {
        let check = |documents: &str, expected: &[CorrectionDocument]| {
            let json = format!(
                r#"{{"text":"t","done_on":"2026-11-21","documents":{documents},
                    "stamp":{{"by":"備え 花子","at":"2026-11-21T03:00:00Z"}}}}"#
            );
            let correction: Correction = serde_json::from_str(&json).unwrap();
            assert_eq!(correction.documents, expected);
        };
        check("[]", &[]);
        check(r#"["d"]"#, &[CorrectionDocument::Named(RecordId::new("d"))]);
        check(
            r#"[{"id":"d","evidence":"e","sha256":"00ff","title":"台帳の写し"}]"#,
            &[CorrectionDocument::AsItWas {
                id: RecordId::new("d"),
                evidence: EvidenceId::new("e"),
                sha256: ContentHash("00ff".to_owned()),
                title: "台帳の写し".to_owned(),
            }],
        );
    }

    #[test]
    fn an_address_opens_until_its_end_or_until_it_is_taken_back() {
        let check = |ends_at: Option<i64>, revoked: bool, expected| {
            let link = |second| OneTimeLink {
                code_hash: String::new(),
                ends_at: at(second),
            };
            let inspection = Inspection {
                authority: "備前保健所".to_owned(),
                inspected_on: TODAY,
                edition: EditionId::new("fy2025"),
                form: FormId::new("facility"),
                package: EvidenceId::new("e"),
                package_hash: ContentHash::of(b""),
                root: String::new(),
                frozen_at: at(0),
                link: ends_at.map(link),
                revoked: revoked.then(|| Stamp {
                    by: "備え 花子".to_owned(),
                    at: at(5),
                }),
            };
            assert_eq!(inspection.is_open(at(10)), expected, "{inspection:?}");
        };
        check(Some(11), false, true);
        check(Some(10), false, false);
        check(Some(11), true, false);
        check(None, false, false);
    }

    #[test]
    fn a_file_of_remarks_is_read_strictly() {
        let institution = InstitutionId::new("i");
        let mut file = RemarkFile::new(institution, "00ff".to_owned(), "備前保健所".to_owned());
        file.remarks.push(remark(Some(TODAY)));
        let good = String::from_utf8(file.write().unwrap()).unwrap();
        assert_eq!(RemarkFile::read(good.as_bytes()).unwrap(), file);
        let check = |bytes: &str, expected: &str| {
            let said = RemarkFile::read(bytes.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}: {bytes}");
        };
        check("", "holds no remarks");
        check(&good[..good.len() / 2], "holds no remarks");
        check(
            &good.replace(FORMAT, "sonae-vendor-answer"),
            "holds no remarks",
        );
        check(&good.replace("\"version\":1", "\"version\":2"), "is newer");
        check(
            &good.replace("authority", "authorities"),
            "holds no remarks",
        );
        check(
            &good.replace("台帳に3台がありません。", " "),
            "cannot be one",
        );
        check(&good.replace("台帳に", "\\u0000"), "cannot be one");
        check(
            &good.replace("0199c0de-0000", "../../../0000"),
            "cannot be one",
        );
        let long = "長".repeat(REMARK_CHARS_MAX + 1);
        check(&good.replace("台帳に", &long), "cannot be one");
        check(&" ".repeat(REMARK_FILE_BYTES_MAX + 1), "larger than");
        file.remarks.push(remark(None));
        let doubled = String::from_utf8(file.write().unwrap()).unwrap();
        check(&doubled, "cannot be one");
    }

    fn answer(n: usize, second: i64, by: &str, note: &str) -> Answer {
        Answer {
            item: ItemId::new(format!("fy2025/facility/{n}")),
            round: 1,
            value: AnswerValue::Yes,
            confirmed_on: TODAY,
            target_on: None,
            note: Some(note.to_owned()),
            answered_by: by.to_owned(),
            recorded_at: at(second),
            basis: None,
        }
    }

    /// How many of the answers have a mark.
    fn n_marked(answers: &[Answer], mark: AnswerMark) -> usize {
        let marks = answer_marks(answers);
        marks.values().filter(|marks| marks.contains(&mark)).count()
    }

    #[test]
    fn answers_given_in_one_go_are_marked() {
        let check = |seconds: &[i64], people: &[&str], expected| {
            let answers = seconds.iter().enumerate().map(|(n, second)| {
                let by = people[n % people.len()];
                answer(n, *second, by, "")
            });
            let answers: Vec<Answer> = answers.collect();
            assert_eq!(
                n_marked(&answers, AnswerMark::Bulk),
                expected,
                "{seconds:?}"
            );
        };
        check(&[0, 10, 20, 30, 60], &["a"], 5);
        check(&[60, 30, 20, 10, 0], &["a"], 5);
        check(&[0, 10, 20, 30, 61], &["a"], 0);
        check(&[0, 1, 2, 3], &["a"], 0);
        check(&[0, 1, 2, 3, 4, 5], &["a", "b"], 0);
        // A sixth and a seventh long after are answers of their own.
        check(&[0, 1, 2, 3, 4, 500, 900], &["a"], 5);
        check(&[0, 20, 40, 60, 60, 80, 100], &["a"], 7);
    }

    #[test]
    fn rows_with_the_same_words_are_marked() {
        let check = |notes: &[&str], expected| {
            let answers = notes.iter().enumerate();
            let answers = answers.map(|(n, note)| answer(n, 1_000 * n as i64, "a", note));
            let answers: Vec<Answer> = answers.collect();
            assert_eq!(
                n_marked(&answers, AnswerMark::SameNote),
                expected,
                "{notes:?}"
            );
        };
        check(&["委託先に確認済みです", "委託先に確認済みです"], 0);
        check(
            &[
                "委託先に確認済みです",
                "委託先に 確認済みです",
                "委託先に確認済みです",
            ],
            3,
        );
        check(&["確認済", "確認済", "確認済"], 0);
        check(&["", "", "", ""], 0);
    }
}
