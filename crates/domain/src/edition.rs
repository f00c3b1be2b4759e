//! Editions of the official checklist as data: forms, sections, groups and items, word for word.
//! Nothing here knows how an item is judged; that is the control's business.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{ControlId, EditionId, FormId, ItemId};

/// Text in both languages of the product; Japanese comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// What the user reads.
    pub ja: String,
    /// The same for a reader of English.
    pub en: String,
}

/// How sure we are that a wording is the official one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Compared with an official document that is at hand.
    Verified,
    /// Follows from official statements, not read on the form itself.
    Inferred,
    /// Must still be compared with the official file (要照合).
    ToVerify,
}

/// An official wording and how sure we are of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Verbatim, never corrected.
    pub text: String,
    /// Whether this was read on an official document.
    pub verification: Verification,
    /// Document and place; why it is inferred or 要照合.
    pub source: String,
}

/// Where an edition stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditionStatus {
    /// Read from a file, not yet released by a person.
    Draft,
    /// The one to be answered now.
    InForce,
    /// Kept for history; a later edition exists.
    Replaced,
}

/// `edition.toml`: an edition (年度版) and the frame of its forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionHead {
    /// Gregorian and marked: `fy2025`.
    pub id: EditionId,
    /// 令和7年度版 and so on.
    pub label: String,
    /// Who issued it.
    pub issuer: String,
    /// First calendar year of the fiscal year (年度) it belongs to.
    pub fiscal_year: i16,
    /// Day of publication, where known.
    pub published_on: Option<Date>,
    /// Draft, in force or replaced.
    pub status: EditionStatus,
    /// The edition before.
    pub replaces: Option<EditionId>,
    /// What a user must know before using this edition.
    pub remark: Text,
    /// The documents it was taken from.
    #[serde(rename = "source")]
    pub sources: Vec<SourceDocument>,
    /// The forms in their official order.
    #[serde(rename = "form")]
    pub forms: Vec<Form>,
}

/// An official document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDocument {
    /// What it is, or its name as a file.
    pub title: String,
    /// Where its issuer keeps it.
    pub url: Option<String>,
    /// Of its bytes, lower-case hexadecimal; known only for a file that somebody held.
    pub sha256: Option<String>,
    /// Whether the wording was read in this very document, whole.
    pub read: bool,
}

/// `data/official_files.toml`: files of editions that do not ship, to recognise them by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialFiles {
    /// In the order of their editions.
    #[serde(rename = "file")]
    pub files: Vec<OfficialFile>,
}

/// A file that an issuer published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialFile {
    /// The edition it belongs to.
    pub edition: EditionId,
    /// What it holds.
    pub title: String,
    /// Where its issuer keeps it.
    pub url: String,
    /// Size.
    pub n_bytes: u64,
    /// Of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// Who answers a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// 医療機関確認用
    Facility,
    /// 薬局確認用
    Pharmacy,
    /// 医療機関・薬局確認用, one form for both (from fy2026 on)
    Organisation,
    /// 事業者確認用
    Vendor,
}

/// One form (様式) without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// `facility`, `pharmacy`, `vendor`.
    pub id: FormId,
    /// Who answers it.
    pub audience: Audience,
    /// The short official name: 医療機関確認用.
    pub label: String,
    /// Printed on top.
    pub title: Wording,
    /// The lines under the title, in order.
    #[serde(default, rename = "note")]
    pub notes: Vec<Wording>,
    /// How many rounds (回) of confirmation the form has columns for.
    pub rounds: u8,
    /// Whether the form has the column 備考.
    pub has_note_column: bool,
    /// The categories on the left side, in order.
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
    /// The header lines between rows, in order.
    #[serde(default, rename = "group")]
    pub groups: Vec<Group>,
}

/// A category on the form: `1 体制構築`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Key within the form; items name it.
    pub id: String,
    /// As printed.
    pub title: Wording,
}

/// A header line above some rows: `サーバについて、以下を実施している。`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Key within the form; items name it.
    pub id: String,
    /// As printed.
    pub title: Wording,
}

/// `items.toml`: the rows of all forms of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemFile {
    /// In the order of the forms.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// One row of a form (チェック項目).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable: `fy2025/facility/asset-ledger`. Never reused.
    pub id: ItemId,
    /// The form it stands on.
    pub form: FormId,
    /// The section it belongs to.
    pub section: String,
    /// The group header above it, if any.
    pub group: Option<String>,
    /// The official number, a label only: R7 has two rows `2-⑫`.
    pub number: String,
    /// The official wording without number and remark.
    pub wording: Wording,
    /// The official remark beginning with ※, if any.
    pub remark: Option<String>,
    /// The inspector looks at the original itself (現物): its name.
    pub original: Option<String>,
    /// May be left blank (記入不要) without a contract with a vendor.
    #[serde(default)]
    pub exempt_without_vendor: bool,
    /// What this edition added or changed, for the reader.
    pub changed: Option<Text>,
    /// Sections of the guideline for safe management (安全管理ガイドライン), as the manual names them.
    #[serde(default)]
    pub guideline: Vec<GuidelineReference>,
}

/// A place in the guideline 第6.0版, and how sure we are of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidelineReference {
    /// 概説編, 経営管理編, 企画管理編, システム運用編.
    pub volume: String,
    /// As printed in the manual: `3.1.2②`.
    pub section: String,
    /// Whether the manual names it.
    pub verification: Verification,
}

/// `mapping.toml`: which control an item asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingFile {
    /// One entry an item and control.
    #[serde(rename = "mapping")]
    pub mappings: Vec<Mapping>,
}

/// An item and a control it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The row.
    pub item: ItemId,
    /// What it asks for.
    pub control: ControlId,
    /// How far the control answers it.
    pub relation: Relation,
}

/// How far a control answers an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Evidence for the control proves or contradicts the answer.
    Answers,
    /// Worth showing beside the item, but proves nothing about it.
    Supports,
}

/// An edition, whole: frame, rows and mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Frame of the forms.
    pub head: EditionHead,
    /// Rows of all forms.
    pub items: Vec<Item>,
    /// Item to control.
    pub mappings: Vec<Mapping>,
}

/// Why a set of edition files is not an edition.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// The file is not what the format asks for.
    #[error("{file}: not readable")]
    Syntax {
        /// `edition.toml`, `items.toml` or `mapping.toml`.
        file: &'static str,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// The files do not fit together.
    #[error("edition {edition}: {problems}")]
    Inconsistent {
        /// Which edition.
        edition: EditionId,
        /// All that does not fit, joined by `; `.
        problems: String,
    },
}

impl Edition {
    /// Reads the three files of an edition and checks that they fit together.
    ///
    /// # Errors
    /// A file that does not follow the format, or rows that name what does not exist.
    pub fn from_toml(edition: &str, items: &str, mapping: &str) -> Result<Self, EditionError> {
        let syntax = |file| move |source| EditionError::Syntax { file, source };
        let head: EditionHead = toml::from_str(edition).map_err(syntax("edition.toml"))?;
        let items: ItemFile = toml::from_str(items).map_err(syntax("items.toml"))?;
        let mapping: MappingFile = toml::from_str(mapping).map_err(syntax("mapping.toml"))?;
        let edition = Self {
            head,
            items: items.items,
            mappings: mapping.mappings,
        };
        let problems = edition.problems();
        if problems.is_empty() {
            return Ok(edition);
        }
        Err(EditionError::Inconsistent {
            edition: edition.head.id,
            problems: problems.join("; "),
        })
    }

    /// The form with this id.
    pub fn form(&self, id: &FormId) -> Option<&Form> {
        self.head.forms.iter().find(|form| form.id == *id)
    }

    /// The rows of a form in their official order.
    pub fn items_of<'a>(&'a self, form: &'a FormId) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.form == *form)
    }

    /// The row with this id.
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// The controls that answer an item.
    pub fn controls_of<'a>(&'a self, item: &'a ItemId) -> impl Iterator<Item = &'a ControlId> {
        self.mappings
            .iter()
            .filter(move |m| m.item == *item && m.relation == Relation::Answers)
            .map(|m| &m.control)
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for item in &self.items {
            if !seen.insert(&item.id) {
                problems.push(format!("{} stands twice", item.id));
            }
            if !item
                .id
                .as_str()
                .starts_with(&format!("{}/{}/", self.head.id, item.form))
            {
                problems.push(format!("{} does not begin with edition and form", item.id));
            }
            let Some(form) = self.form(&item.form) else {
                problems.push(format!(
                    "{} names form {}, which is not there",
                    item.id, item.form
                ));
                continue;
            };
            if !form.sections.iter().any(|s| s.id == item.section) {
                problems.push(format!("{} names section {}", item.id, item.section));
            }
            if let Some(group) = &item.group
                && !form.groups.iter().any(|g| g.id == *group)
            {
                problems.push(format!("{} names group {group}", item.id));
            }
        }
        for mapping in &self.mappings {
            if !seen.contains(&mapping.item) {
                problems.push(format!(
                    "mapping names {}, which is not there",
                    mapping.item
                ));
            }
        }
        problems
    }
}
