//! What a vendor answers once for all customers of a product, and what an institution makes of it item by
//! item. A publication is a statement; it proves nothing, and nobody but a person takes it over.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::ids::{EditionId, FormId, InstitutionId, ItemId, RecordId};
use crate::register::Record;
use crate::signed::{self, NotOpened, PublicKey, Purpose};
use crate::vendor::{VendorLine, is_same_name};

/// What a publication says that it is.
pub const FORMAT: &str = "sonae-vendor-publication";

/// The only way in which a publication was ever written.
pub const VERSION: u32 = 1;

/// 4 MiB: 300 customers with ten rows of their own each are 1 MiB.
pub const PUBLICATION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Of products and people; more is no name.
const NAME_CHARS_MAX: usize = 100;

/// Answers for one version of a product, as they stand in a signed file (製品の回答).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// 製品名
    pub product: String,
    /// 製品の版
    pub product_version: String,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// 回答者
    pub answered_by: String,
    /// When; of two for one product the later one counts.
    pub published_at: Timestamp,
    /// After this day nobody takes it any more.
    pub ends_on: Date,
    /// For every customer.
    pub lines: BTreeMap<ItemId, VendorLine>,
    /// Where it is otherwise for one customer.
    pub customers: Vec<CustomerLines>,
}

/// What is otherwise for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerLines {
    /// 顧客の名称
    pub customer: String,
    /// The number of the institution as its requests say; decides where it is known.
    pub institution: Option<InstitutionId>,
    /// Row by row.
    pub lines: BTreeMap<ItemId, VendorLine>,
}

/// A row as it holds for one institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedLine {
    /// What the vendor says.
    #[serde(flatten)]
    pub line: VendorLine,
    /// It was said for this institution alone.
    pub is_own: bool,
}

/// A publication as an institution keeps it: without a word about other customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPublication {
    /// Who published it.
    pub vendor: RecordId,
    /// 製品名
    pub product: String,
    /// 製品の版
    pub product_version: String,
    /// Whose form.
    pub edition: EditionId,
    /// Which form of it.
    pub form: FormId,
    /// 回答者
    pub answered_by: String,
    /// When.
    pub published_at: Timestamp,
    /// 有効期限
    pub ends_on: Date,
    /// Whose key signed the file.
    pub signed_by: PublicKey,
    /// SHA-256 of the file, lower-case hexadecimal: whoever has it can tell that it is this one.
    pub file_sha256: String,
    /// As they hold for this institution.
    pub lines: BTreeMap<ItemId, PublishedLine>,
    /// What the one before said; none for the first.
    pub before: Option<Before>,
    /// What a person made of them.
    pub decisions: BTreeMap<ItemId, Decision>,
}

/// What a publication said before the one that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// 製品の版
    pub product_version: String,
    /// Rows that say something else now; none where there was no such row.
    pub changed: BTreeMap<ItemId, Option<PublishedLine>>,
}

/// What a person of the institution made of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Taken over, or not.
    pub choice: DecisionChoice,
    /// To what it was narrowed, or why it was refused.
    pub note: Option<String>,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Whether a row is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionChoice {
    /// 採用
    Accepted,
    /// 条件つきで採用
    Narrowed,
    /// 採用しない
    Refused,
}

/// Files of a vendor that came and were not taken; the record has the vendor's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPublications {
    /// In their order.
    pub refused: Vec<RefusedPublication>,
}

/// A file that came and was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPublication {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: PublicationRefused,
}

/// Why a publication was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationRefused {
    /// Nobody signed it.
    Unsigned,
    /// It was changed after it was signed.
    BadSignature,
    /// Another kind of file, or cut off.
    NoPublication,
    /// Larger than any honest one.
    TooLong,
    /// A clock is wrong, here or at the vendor's.
    FromTheFuture,
    /// Past its last day.
    Over,
    /// The same file is here.
    AlreadyTaken,
    /// A newer one of the product is here.
    Older,
    /// It answers the form of another edition.
    OtherEdition,
    /// It is signed by another key than the one by which the vendor is known.
    OtherKey,
    /// A row in it cannot be true.
    ToMend,
}

impl DecisionChoice {
    /// Whether a person has to say what they mean.
    pub fn needs_note(self) -> bool {
        self != Self::Accepted
    }
}

impl Publication {
    /// The publication of a file, and who signed it.
    ///
    /// # Errors
    /// It is none, nobody signed it, or it was changed afterwards.
    pub fn open(bytes: &[u8]) -> Result<(Self, PublicKey), PublicationRefused> {
        use PublicationRefused::{BadSignature, NoPublication, TooLong, Unsigned};
        if bytes.len() > PUBLICATION_BYTES_MAX {
            return Err(TooLong);
        }
        let file = signed::open(Purpose::VendorPublication, bytes).map_err(|why| match why {
            NotOpened::NotSigned => Unsigned,
            NotOpened::BadSignature => BadSignature,
            NotOpened::OtherPurpose | NotOpened::Damaged => NoPublication,
        })?;
        let publication: Self = serde_json::from_str(&file.body).map_err(|_| NoPublication)?;
        let is_ours = publication.format == FORMAT && publication.version == VERSION;
        match is_ours && publication.has_names() {
            true => Ok((publication, file.signer)),
            false => Err(NoPublication),
        }
    }

    fn has_names(&self) -> bool {
        [&self.product, &self.product_version, &self.answered_by]
            .into_iter()
            .all(|name| {
                let n_chars = name.trim().chars().count();
                (1..=NAME_CHARS_MAX).contains(&n_chars) && !name.contains(char::is_control)
            })
    }

    /// The rows as they hold for one institution. A number decides where the vendor knows it; else the
    /// name does.
    pub fn lines_for(
        &self,
        institution: &InstitutionId,
        name: &str,
    ) -> BTreeMap<ItemId, PublishedLine> {
        let is_own = |customer: &&CustomerLines| match &customer.institution {
            Some(id) => id == institution,
            None => is_same_name(&customer.customer, name),
        };
        let with = |line: &VendorLine, is_own| PublishedLine {
            line: line.clone(),
            is_own,
        };
        let all = self.lines.iter();
        let mut lines: BTreeMap<_, _> = all
            .map(|(item, line)| (item.clone(), with(line, false)))
            .collect();
        for customer in self.customers.iter().filter(is_own) {
            let own = customer.lines.iter();
            lines.extend(own.map(|(item, line)| (item.clone(), with(line, true))));
        }
        lines
    }
}

impl PublishedLine {
    /// Whether it says the same as another; to confirm the same later is no change.
    fn says_the_same(&self, other: &Self) -> bool {
        let said = |line: &VendorLine| (line.value, line.target_on, line.note.clone());
        said(&self.line) == said(&other.line)
    }
}

impl KeptPublication {
    /// The same after the one before it: rows that say the same stay decided, the others are open again.
    #[must_use]
    pub fn after(mut self, before: Self) -> Self {
        let mut changed = BTreeMap::new();
        for (item, line) in &self.lines {
            let old = before.lines.get(item);
            if old.is_none_or(|old| !old.says_the_same(line)) {
                changed.insert(item.clone(), old.cloned());
            }
        }
        let gone = |item: &&ItemId| !self.lines.contains_key(*item);
        for item in before.lines.keys().filter(gone) {
            changed.insert(item.clone(), before.lines.get(item).cloned());
        }
        self.decisions = before.decisions;
        self.decisions.retain(|item, _| !changed.contains_key(item));
        self.before = Some(Before {
            product_version: before.product_version,
            changed,
        });
        self
    }

    /// Rows about which a person has to decide.
    pub fn open(&self) -> impl Iterator<Item = &ItemId> {
        let items = self.lines.keys();
        items.filter(|item| !self.decisions.contains_key(*item))
    }

    /// A row as an answer of the vendor's form, once a person took it over.
    pub fn answer(&self, item: &ItemId) -> Option<Answer> {
        let decision = self.decisions.get(item)?;
        let line = &self.lines.get(item)?.line;
        let note = match decision.choice {
            DecisionChoice::Refused => return None,
            DecisionChoice::Accepted => line.note.clone(),
            DecisionChoice::Narrowed => {
                let notes = [&line.note, &decision.note].into_iter().flatten();
                Some(notes.map(String::as_str).collect::<Vec<_>>().join("\n"))
            }
        };
        Some(Answer {
            item: item.clone(),
            round: 1,
            value: line.value,
            confirmed_on: line.confirmed_on?,
            target_on: line.target_on,
            note,
            answered_by: self.answered_by.clone(),
            recorded_at: decision.at,
            basis: None,
        })
    }
}

impl Record for KeptPublication {
    const KIND: &'static str = "vendor_publication";
}

impl Record for RefusedPublications {
    const KIND: &'static str = "refused_publications";
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::answer::AnswerValue::{self, No, Yes};
    use crate::signed::Signer;

    fn line(value: AnswerValue, note: &str) -> VendorLine {
        VendorLine {
            value,
            confirmed_on: Some(date(2026, 11, 1)),
            target_on: None,
            note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        }
    }

    fn lines(lines: &[(&str, VendorLine)]) -> BTreeMap<ItemId, VendorLine> {
        let lines = lines.iter().cloned();
        lines
            .map(|(item, line)| (ItemId::new(item), line))
            .collect()
    }

    fn kept(version: &str, published: &[(&str, VendorLine)]) -> KeptPublication {
        let published = lines(published).into_iter();
        KeptPublication {
            vendor: RecordId::new("v"),
            product: "電子カルテ".to_owned(),
            product_version: version.to_owned(),
            edition: EditionId::new("e"),
            form: FormId::new("vendor"),
            answered_by: "青葉 太郎".to_owned(),
            published_at: Timestamp::UNIX_EPOCH,
            ends_on: date(2027, 11, 1),
            signed_by: Signer::new("青葉", &[1; 32]).unwrap().public(),
            file_sha256: String::new(),
            lines: published
                .map(|(item, line)| {
                    (
                        item,
                        PublishedLine {
                            line,
                            is_own: false,
                        },
                    )
                })
                .collect(),
            before: None,
            decisions: BTreeMap::new(),
        }
    }

    fn decided(mut kept: KeptPublication, choice: DecisionChoice) -> KeptPublication {
        for item in kept.lines.keys() {
            let decision = Decision {
                choice,
                note: Some("夜間のみ".to_owned()),
                by: "備え 花子".to_owned(),
                at: Timestamp::UNIX_EPOCH,
            };
            kept.decisions.insert(item.clone(), decision);
        }
        kept
    }

    #[test]
    fn what_holds_for_one_customer_is_told_to_no_other() {
        let customer = |name: &str, institution: Option<&str>, note: &str| CustomerLines {
            customer: name.to_owned(),
            institution: institution.map(InstitutionId::new),
            lines: lines(&[("b", line(No, note))]),
        };
        let publication = Publication {
            format: FORMAT.to_owned(),
            version: VERSION,
            product: String::new(),
            product_version: String::new(),
            edition: EditionId::new("e"),
            form: FormId::new("vendor"),
            answered_by: String::new(),
            published_at: Timestamp::UNIX_EPOCH,
            ends_on: date(2027, 11, 1),
            lines: lines(&[("a", line(Yes, "")), ("b", line(Yes, ""))]),
            customers: vec![
                customer("備え医院", Some("i-1"), "番号で"),
                customer("若葉 医院", None, "名前で"),
            ],
        };
        let check = |id: &str, name: &str, expected: Option<&str>| {
            let told = publication.lines_for(&InstitutionId::new(id), name);
            assert_eq!(told[&ItemId::new("a")].line.value, Yes);
            let of_b = &told[&ItemId::new("b")];
            assert_eq!(of_b.line.note.as_deref(), expected, "{id} {name}");
            assert_eq!(of_b.is_own, expected.is_some());
        };
        check("i-1", "", Some("番号で"));
        check("i-1", "別の名前", Some("番号で"));
        check("i-2", "備え医院", None);
        check("i-2", "若葉医院", Some("名前で"));
        check("i-2", "青葉医院", None);
    }

    #[test]
    fn only_what_says_something_else_is_open_again() {
        let old = kept(
            "1",
            &[
                ("a", line(Yes, "")),
                ("b", line(Yes, "")),
                ("d", line(Yes, "")),
            ],
        );
        let old = decided(old, DecisionChoice::Accepted);
        let mut later = line(Yes, "");
        later.confirmed_on = Some(date(2027, 1, 1));
        let new = kept(
            "2",
            &[("a", later), ("b", line(No, "")), ("c", line(Yes, ""))],
        );
        let new = new.after(old);
        let open: Vec<_> = new.open().map(ItemId::as_str).collect();
        assert_eq!(open, ["b", "c"]);
        let before = new.before.as_ref().unwrap();
        let changed: Vec<_> = before.changed.keys().map(ItemId::as_str).collect();
        assert_eq!(changed, ["b", "c", "d"]);
        assert_eq!(before.changed[&ItemId::new("c")], None);
        assert_eq!(before.product_version, "1");
        assert!(!new.decisions.contains_key(&ItemId::new("d")));
    }

    #[test]
    fn a_row_is_an_answer_once_a_person_took_it_over() {
        use DecisionChoice::{Accepted, Narrowed, Refused};
        let open = kept("1", &[("a", line(Yes, "常時"))]);
        let item = ItemId::new("a");
        assert_eq!(open.answer(&item), None);
        let check = |choice, expected: Option<&str>| {
            let answer = decided(open.clone(), choice).answer(&item);
            let note = answer.map(|answer| answer.note.unwrap_or_default());
            assert_eq!(note.as_deref(), expected, "{choice:?}");
        };
        check(Accepted, Some("常時"));
        check(Narrowed, Some("常時\n夜間のみ"));
        check(Refused, None);
    }
}
