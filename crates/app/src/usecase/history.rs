//! The journal as people read it: who did what, when, to which thing by the name they know it by.
//! The sentences are the pages'; nothing here can change an entry.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use sonae_domain::edition::Edition;
use sonae_domain::era;
use sonae_domain::ids::{EvidenceId, ItemId};
use sonae_store::{Account, JournalEntry};

use super::answering::day;
use super::checklist::WhichForm;
use super::documents;
use super::failure::Failure;
use super::form::render_failure;
use super::workspace::{Workspace, store_failure};

/// As many as a person reads before they search instead.
pub(crate) const LINES_A_PAGE: usize = 50;

/// Asked for at once.
const CHUNK: u32 = 500;

/// So many entries are searched for one page; then the person is asked to go on.
const SEARCHED_MAX: usize = 5_000;

/// A year of a busy hospital. Whoever needs more narrows the days.
const CSV_LINES_MAX: usize = 100_000;

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JournalQuery {
    /// Part of the name of who did it.
    pub(crate) by: String,
    /// What it is about; none means everything.
    pub(crate) topic: Option<Topic>,
    /// First and last day, in Japan.
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
    /// Only entries before this number.
    pub(crate) before: Option<i64>,
    /// Accounts, logins and editions of the whole installation instead; for those who run it.
    pub(crate) of_installation: bool,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Answers,
    Evidence,
    Ledger,
    /// What people keep by hand: vendors, contracts, explanations.
    Records,
    People,
    Settings,
}

impl Topic {
    pub(crate) const ALL: [Self; 6] = [
        Self::Answers,
        Self::Evidence,
        Self::Ledger,
        Self::Records,
        Self::People,
        Self::Settings,
    ];

    /// The word in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Evidence => "evidence",
            Self::Ledger => "ledger",
            Self::Records => "records",
            Self::People => "people",
            Self::Settings => "settings",
        }
    }

    /// The topic of an action of the journal.
    fn of(action: &str) -> Self {
        let kind = action.split('.').next().unwrap_or_default();
        match kind {
            "answer" => Self::Answers,
            "evidence" => Self::Evidence,
            "record" if action == "record.document" => Self::Evidence,
            "record" => Self::Records,
            "asset" | "mapping" => Self::Ledger,
            "account" | "grant" | "login" | "token" => Self::People,
            _ => Self::Settings,
        }
    }
}

/// A change of one field, both values as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// The word in the store: `name`.
    pub(crate) field: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// An entry with the names that people know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalLine {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    /// What was done, in words of the store joined by `_`: `answer`, `record_vendor_removed`.
    pub(crate) deed: String,
    /// The thing, by its name.
    pub(crate) about: String,
    /// Where the thing is shown.
    pub(crate) link: Option<String>,
    pub(crate) changes: Vec<FieldChange>,
}

/// A page of the journal.
pub(crate) struct JournalPage {
    pub(crate) lines: Vec<JournalLine>,
    /// Where the next page begins; none at the end.
    pub(crate) next: Option<i64>,
}

/// Names of things, looked up once for a page.
struct Names<'a> {
    edition: Option<&'a Edition>,
    /// Name with login, as names can be changed and taken over.
    accounts: BTreeMap<String, String>,
    records: BTreeMap<(String, String), String>,
}

impl Workspace {
    /// A page of the journal, the latest first. It may be short when little matches; then the next
    /// page goes on.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn journal(&self, query: &JournalQuery) -> Result<JournalPage, Failure> {
        let (entries, next) = self.entries(query, LINES_A_PAGE, SEARCHED_MAX).await?;
        let lines = self.journal_lines(&entries).await?;
        Ok(JournalPage { lines, next })
    }

    /// All entries that are wanted.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn whole_journal(
        &self,
        query: &JournalQuery,
    ) -> Result<Vec<JournalLine>, Failure> {
        let (entries, _) = self.entries(query, CSV_LINES_MAX, usize::MAX).await?;
        self.journal_lines(&entries).await
    }

    async fn entries(
        &self,
        query: &JournalQuery,
        n_wanted: usize,
        n_searched_max: usize,
    ) -> Result<(Vec<JournalEntry>, Option<i64>), Failure> {
        let mut found = Vec::new();
        let (mut before, mut n_searched) = (query.before, 0);
        loop {
            let chunk = self.chunk(query.of_installation, before).await?;
            let is_last = chunk.len() < CHUNK as usize;
            for entry in chunk {
                n_searched += 1;
                before = Some(entry.seq);
                if query.wants(&entry) {
                    found.push(entry);
                }
                if found.len() == n_wanted {
                    return Ok((found, before));
                }
            }
            if is_last {
                return Ok((found, None));
            }
            if n_searched >= n_searched_max {
                return Ok((found, before));
            }
        }
    }

    async fn chunk(
        &self,
        of_installation: bool,
        before: Option<i64>,
    ) -> Result<Vec<JournalEntry>, Failure> {
        let chunk = match of_installation {
            true => self.store.installation_journal(before, CHUNK).await,
            false => {
                let institution = &self.institution.id;
                self.store.journal(institution, before, CHUNK).await
            }
        };
        chunk.map_err(store_failure)
    }

    async fn journal_lines(&self, entries: &[JournalEntry]) -> Result<Vec<JournalLine>, Failure> {
        let names = Names {
            edition: self
                .form(&WhichForm::default())
                .ok()
                .map(|(edition, _)| edition),
            accounts: self.account_names(entries).await?,
            records: self.record_names(entries).await?,
        };
        Ok(entries.iter().map(|entry| names.line(entry)).collect())
    }

    async fn account_names(
        &self,
        entries: &[JournalEntry],
    ) -> Result<BTreeMap<String, String>, Failure> {
        if !entries
            .iter()
            .any(|entry| Topic::of(&entry.action) == Topic::People)
        {
            return Ok(BTreeMap::new());
        }
        let accounts = self.store.accounts().await.map_err(store_failure)?;
        let named = accounts.into_iter();
        Ok(named
            .map(|account| {
                let Account {
                    id, name, login, ..
                } = account;
                (id.to_string(), format!("{name} ({login})"))
            })
            .collect())
    }

    /// What records are called now; those taken away keep the name in their entry.
    async fn record_names(
        &self,
        entries: &[JournalEntry],
    ) -> Result<BTreeMap<(String, String), String>, Failure> {
        let mut kinds: Vec<&str> = entries
            .iter()
            .filter_map(|entry| entry.action.strip_prefix("record."))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut names = BTreeMap::new();
        for kind in kinds {
            let records = self.store.records(&self.institution.id, kind).await;
            for record in records.map_err(store_failure)? {
                let body: Value = serde_json::from_str(&record.body).unwrap_or_default();
                if let Some(name) = name_in(&body) {
                    names.insert((kind.to_owned(), record.id.to_string()), name);
                }
            }
        }
        Ok(names)
    }
}

/// A typed day, or none where nothing is typed.
///
/// # Errors
/// Not a day.
pub(crate) fn day_or_none(typed: &str) -> Result<Option<Date>, Failure> {
    match typed.trim() {
        "" => Ok(None),
        typed => day(typed).map(Some),
    }
}

/// A table as a file for spreadsheets.
///
/// # Errors
/// A row has another number of cells than the header.
pub(crate) fn csv(header: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, Failure> {
    sonae_report::table_csv(header, rows).map_err(render_failure)
}

impl JournalQuery {
    fn wants(&self, entry: &JournalEntry) -> bool {
        let by = self.by.trim().to_lowercase();
        let day = era::day_in_japan(entry.at);
        entry.by.to_lowercase().contains(&by)
            && self
                .topic
                .is_none_or(|topic| topic == Topic::of(&entry.action))
            && self.from.is_none_or(|from| from <= day)
            && self.until.is_none_or(|until| day <= until)
    }
}

impl Names<'_> {
    fn line(&self, entry: &JournalEntry) -> JournalLine {
        let (about, link) = self.about(entry);
        JournalLine {
            seq: entry.seq,
            at: entry.at,
            by: entry.by.clone(),
            deed: deed(entry),
            about,
            link,
            changes: changes(entry),
        }
    }

    /// What a thing is called, and where it is shown.
    fn about(&self, entry: &JournalEntry) -> (String, Option<String>) {
        let (subject, detail) = (entry.subject.as_str(), &entry.detail);
        let text = |name: &str| detail.get(name).and_then(Value::as_str);
        match entry.action.as_str() {
            "answer" => self.item(subject),
            "evidence" => {
                let name = text("file_name").unwrap_or(subject);
                let id = EvidenceId::new(subject);
                (name.to_owned(), Some(format!("/evidence/{id}")))
            }
            "asset" => {
                let name = text("name").unwrap_or(subject);
                (name.to_owned(), Some(format!("/ledger/{subject}")))
            }
            "grant" | "grant.revoke" | "token" | "token.revoke" => {
                let account = text("account").unwrap_or_default();
                (self.account(account), None)
            }
            action if action.starts_with("account") || action.starts_with("login") => {
                (self.account(subject), None)
            }
            "institution" | "mapping" => (String::new(), None),
            action => match action.strip_prefix("record.") {
                Some(kind) => self.record(kind, entry),
                None => (subject.to_owned(), None),
            },
        }
    }

    fn item(&self, id: &str) -> (String, Option<String>) {
        let item = self.edition.and_then(|edition| {
            let item = edition.item(&ItemId::new(id))?;
            Some((edition, item))
        });
        match item {
            None => (id.to_owned(), None),
            Some((edition, item)) => {
                let link = format!("/checklist/{}", edition.handle(item));
                (item.number.clone(), Some(link))
            }
        }
    }

    fn account(&self, id: &str) -> String {
        self.accounts.get(id).map_or(id, String::as_str).to_owned()
    }

    fn record(&self, kind: &str, entry: &JournalEntry) -> (String, Option<String>) {
        let id = entry.subject.as_str();
        let known = self.records.get(&(kind.to_owned(), id.to_owned()));
        let is_there = known.is_some();
        let name = known.cloned().or_else(|| name_changed(&entry.detail));
        let link =
            (kind == documents::FORMAT && is_there).then(|| format!("/evidence/documents/{id}"));
        (name.unwrap_or_default(), link)
    }
}

/// The name of the words for what was done.
fn deed(entry: &JournalEntry) -> String {
    let detail = &entry.detail;
    let is = |name: &str| detail.get(name).and_then(Value::as_bool);
    let deed = entry.action.replace('.', "_");
    match entry.action.as_str() {
        "asset" if is("retired") == Some(true) => format!("{deed}_retired"),
        "evidence" if is_document(detail) => format!("{deed}_document"),
        "evidence" if is("current") == Some(false) => format!("{deed}_older"),
        action if action.starts_with("record.") && is("removed") == Some(true) => {
            format!("{deed}_removed")
        }
        _ => deed,
    }
}

fn is_document(detail: &Value) -> bool {
    let source = detail.get("source").and_then(Value::as_str);
    source.is_some_and(|source| source.starts_with(documents::FORMAT))
}

/// What changed: of an answer or a setting the value, of a record or an account each field.
fn changes(entry: &JournalEntry) -> Vec<FieldChange> {
    let detail = &entry.detail;
    let fields = match entry.action.as_str() {
        "answer" => return answer_changes(detail),
        "setting" => return vec![change("value", detail)],
        "account.rename" => return detail.get("name").map(renamed).into_iter().collect(),
        "institution" => Some(detail),
        action if action.starts_with("record.") => detail.get("changed"),
        _ => None,
    };
    let fields = fields.and_then(Value::as_object).into_iter().flatten();
    fields
        .map(|(field, values)| change(field, values))
        .filter(|change| change.before != change.after)
        .collect()
}

fn renamed(values: &Value) -> FieldChange {
    change("name", values)
}

/// In the order of the page of an item. Entries of earlier versions know the value only.
fn answer_changes(detail: &Value) -> Vec<FieldChange> {
    let Some(changed) = detail.get("changed") else {
        return vec![change("value", detail)];
    };
    let fields = ["value", "target_on", "confirmed_on", "note"].into_iter();
    fields
        .filter_map(|field| Some(change(field, changed.get(field)?)))
        .collect()
}

fn change(field: &str, values: &Value) -> FieldChange {
    let value = |name: &str| values.get(name).and_then(text_of);
    FieldChange {
        field: field.to_owned(),
        before: value("before"),
        after: value("after"),
    }
}

/// A value in one line; nothing for what is not there.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(values) if values.is_empty() => None,
        // Parts with fields of their own are no line; how many there are is.
        Value::Array(values) if values.iter().all(Value::is_object) => {
            Some(values.len().to_string())
        }
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().filter_map(text_of).collect();
            Some(texts.join(", "))
        }
        other => Some(other.to_string()),
    }
}

/// The fields by which people call a record.
const NAMES: [&str; 3] = ["title", "name", "product"];

fn name_in(body: &Value) -> Option<String> {
    let mut named = NAMES.iter().filter_map(|name| body.get(*name));
    named.next().and_then(Value::as_str).map(ToOwned::to_owned)
}

fn name_changed(detail: &Value) -> Option<String> {
    let changed = detail.get("changed")?;
    let named = NAMES.iter().find_map(|name| changed.get(*name))?;
    named
        .get("after")
        .and_then(text_of)
        .or_else(|| named.get("before").and_then(text_of))
}
