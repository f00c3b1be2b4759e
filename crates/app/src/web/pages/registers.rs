//! Vendors, systems and contracts: listed, added, changed, taken away. One pair of pages for all
//! three; each says only what its fields are.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use jiff::civil::Date;
use sonae_domain::ids::RecordId;
use sonae_domain::labels::Label;
use sonae_domain::ledger::RemoteMaintenance;
use sonae_domain::people::Role;
use sonae_domain::register::{Contract, System, Vendor};

use super::setup::Choice;
use crate::usecase::failure::Failure;
use crate::usecase::register_forms::{Filled, Typed};
use crate::usecase::registers::{Kept, Saved, Seen};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;
use crate::web::words::Words;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/vendors", list::<Vendor>)
        .get("/settings/vendors/new", new::<Vendor>)
        .post("/settings/vendors/new", add::<Vendor>)
        .get("/settings/vendors/{record}", show::<Vendor>)
        .post("/settings/vendors/{record}", change::<Vendor>)
        .post("/settings/vendors/{record}/remove", remove_vendor)
        .get("/settings/systems", list::<System>)
        .get("/settings/systems/new", new::<System>)
        .post("/settings/systems/new", add::<System>)
        .get("/settings/systems/{record}", show::<System>)
        .post("/settings/systems/{record}", change::<System>)
        .post("/settings/systems/{record}/remove", remove::<System>)
        .get("/settings/contracts", list::<Contract>)
        .get("/settings/contracts/new", new::<Contract>)
        .post("/settings/contracts/new", add::<Contract>)
        .get("/settings/contracts/{record}", show::<Contract>)
        .post("/settings/contracts/{record}", change::<Contract>)
        .post("/settings/contracts/{record}/remove", remove::<Contract>)
}

/// What a field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Text,
    Phone,
    Mail,
    Area,
    Day,
    /// One of several.
    One,
    /// Any of several.
    Any,
}

/// A field of a form, by its name and the keys of its words.
struct FieldOf {
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    control: Control,
    required: bool,
}

const fn field(name: &'static str, label: &'static str, control: Control) -> FieldOf {
    FieldOf {
        name,
        label,
        hint: None,
        control,
        required: false,
    }
}

impl FieldOf {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn hint(mut self, key: &'static str) -> Self {
        self.hint = Some(key);
        self
    }
}

/// A register as its pages show it.
trait Register: Filled {
    const PATH: &'static str;
    /// Keys of the title, of what it is for, of the page for a new one.
    const WORDS: [&'static str; 3];
    const FIELDS: &'static [FieldOf];
    /// Names of the fields that the list shows beside the name.
    const COLUMNS: &'static [&'static str];
    /// What more can be done with one: the end of its address, and the key of the word.
    const MORE: &'static [(&'static str, &'static str)] = &[];
}

impl Register for Vendor {
    const PATH: &'static str = "/settings/vendors";
    const WORDS: [&'static str; 3] = ["vendors.title", "vendors.lead", "vendors.new"];
    const FIELDS: &'static [FieldOf] = &[
        field("name", "vendors.name", Control::Text)
            .hint("vendors.name_hint")
            .required(),
        field("contact", "vendors.contact", Control::Text),
        field("phone", "vendors.phone", Control::Phone),
        field("mail", "vendors.mail", Control::Mail),
        field("note", "registers.note", Control::Area),
    ];
    const COLUMNS: &'static [&'static str] = &["contact", "phone"];
    const MORE: &'static [(&'static str, &'static str)] = &[
        ("request", "requests.new"),
        ("publications", "publications.title"),
    ];
}

impl Register for System {
    const PATH: &'static str = "/settings/systems";
    const WORDS: [&'static str; 3] = ["systems.title", "systems.lead", "systems.new"];
    const FIELDS: &'static [FieldOf] = &[
        field("name", "systems.name", Control::Text)
            .hint("systems.name_hint")
            .required(),
        field("preset", "systems.preset", Control::One).hint("systems.preset_hint"),
        field("vendor", "systems.vendor", Control::One),
        field("note", "registers.note", Control::Area),
    ];
    const COLUMNS: &'static [&'static str] = &["vendor"];
}

impl Register for Contract {
    const PATH: &'static str = "/settings/contracts";
    const WORDS: [&'static str; 3] = ["contracts.title", "contracts.lead", "contracts.new"];
    const FIELDS: &'static [FieldOf] = &[
        field("title", "contracts.name", Control::Text).required(),
        field("vendor", "systems.vendor", Control::One).required(),
        field("systems", "contracts.systems", Control::Any),
        field("begins_on", "contracts.begins_on", Control::Day),
        field("ends_on", "contracts.ends_on", Control::Day).hint("contracts.ends_on_hint"),
        field("maintenance", "contracts.maintenance", Control::Area)
            .hint("contracts.maintenance_hint"),
        field("remote_maintenance", "contracts.remote", Control::One).hint("contracts.remote_hint"),
        field("updates_by", "contracts.updates_by", Control::Text)
            .hint("contracts.updates_by_hint"),
        field("subcontractors", "contracts.subcontractors", Control::Area),
        field("note", "registers.note", Control::Area),
    ];
    const COLUMNS: &'static [&'static str] = &["vendor", "ends_on", "remote_maintenance"];
}

/// What can be chosen in fields, by their names.
struct Options {
    vendors: Vec<(String, String)>,
    systems: Vec<(String, String)>,
    presets: Vec<(String, String)>,
    remote: Vec<(String, String)>,
}

impl Options {
    async fn of(visit: &Visit) -> Result<Self, Problem> {
        let language = visit.language;
        let presets = visit.workspace.catalog.systems.iter();
        let remote = [
            RemoteMaintenance::Yes,
            RemoteMaintenance::No,
            RemoteMaintenance::Unconfirmed,
        ];
        let named =
            |word: RemoteMaintenance| (word.as_str().to_owned(), word.label(language).to_owned());
        Ok(Self {
            vendors: named_records(&visit.workspace.kept::<Vendor>().await?),
            systems: named_records(&visit.workspace.kept::<System>().await?),
            presets: presets
                .map(|preset| (preset.id.clone(), preset.name.get(language).to_owned()))
                .collect(),
            remote: remote.map(named).into(),
        })
    }

    fn of_field(&self, name: &str) -> &[(String, String)] {
        match name {
            "vendor" => &self.vendors,
            "systems" => &self.systems,
            "preset" => &self.presets,
            "remote_maintenance" => &self.remote,
            _ => &[],
        }
    }

    /// What a value is called; itself where it was typed.
    fn called(&self, field: &FieldOf, value: &str, words: Words) -> String {
        if field.control == Control::Day {
            let day: Option<Date> = value.parse().ok();
            return day.map(|day| words.day(day)).unwrap_or_default();
        }
        let mut known = self.of_field(field.name).iter();
        let known = known.find(|(id, _)| id == value);
        known.map_or(value, |(_, called)| called).to_owned()
    }
}

fn named_records<R: Filled>(records: &[Kept<R>]) -> Vec<(String, String)> {
    let named = |record: &Kept<R>| (record.id.to_string(), record.body.name().to_owned());
    records.iter().map(named).collect()
}

/// A field with what stands in it.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    control: Control,
    required: bool,
    value: String,
    choices: Vec<Choice>,
}

impl Field {
    fn is(&self, control: Control) -> bool {
        self.control == control
    }

    /// The kind of an input of one line.
    fn kind(&self) -> &'static str {
        match self.control {
            Control::Phone => "tel",
            Control::Mail => "email",
            Control::Day => "date",
            _ => "text",
        }
    }
}

fn fields<R: Register>(typed: &Typed, options: &Options, words: Words) -> Vec<Field> {
    let shown = |field: &FieldOf| Field {
        name: field.name,
        label: words.get(field.label),
        hint: field.hint.map_or("", |key| words.get(key)),
        control: field.control,
        required: field.required,
        value: typed.one(field.name).to_owned(),
        choices: options
            .of_field(field.name)
            .iter()
            .map(|(id, called)| Choice {
                value: id.clone(),
                label: called.clone(),
                is_chosen: typed.all(field.name).contains(id),
            })
            .collect(),
    };
    R::FIELDS.iter().map(shown).collect()
}

/// What stands in the fields, to read: label and value.
fn in_words<R: Register>(
    typed: &Typed,
    options: &Options,
    words: Words,
) -> Vec<(&'static str, String)> {
    let shown = |field: &FieldOf| {
        let values = typed.all(field.name).iter();
        let values: Vec<String> = values
            .map(|value| options.called(field, value, words))
            .collect();
        (
            words.get(field.label),
            values.join(words.get("people.between")),
        )
    };
    let all = R::FIELDS.iter().map(shown);
    all.filter(|(_, value)| !value.is_empty()).collect()
}

/// A record in the list.
struct Row {
    id: String,
    name: String,
    /// Label and value.
    cells: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct ListPage {
    page: Page,
    lead: &'static str,
    new: &'static str,
    path: &'static str,
    name: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    may_change: bool,
}

fn columns<R: Register>() -> impl Iterator<Item = &'static FieldOf> {
    R::FIELDS
        .iter()
        .filter(|field| R::COLUMNS.contains(&field.name))
}

fn may_change(visit: &Visit) -> bool {
    visit.entry.roles.iter().any(|role| *role != Role::Viewer)
}

async fn list<R: Register>(visit: Visit) -> Result<Response, Problem> {
    let words = visit.words();
    let options = Options::of(&visit).await?;
    let records = visit.workspace.kept::<R>().await?;
    let row = |record: &Kept<R>| {
        let typed = record.body.typed();
        let cell = |field: &FieldOf| {
            let value = options.called(field, typed.one(field.name), words);
            (words.get(field.label), value)
        };
        Row {
            id: record.id.to_string(),
            name: record.body.name().to_owned(),
            cells: columns::<R>().map(cell).collect(),
        }
    };
    let [title, lead, new] = R::WORDS;
    render(&ListPage {
        page: visit.page(title),
        lead: words.get(lead),
        new: words.get(new),
        path: R::PATH,
        name: words.get("registers.name"),
        columns: columns::<R>().map(|field| words.get(field.label)).collect(),
        rows: records.iter().map(row).collect(),
        may_change: may_change(&visit),
    })
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    page: Page,
    refused: Option<Refused>,
    /// The register's path and title.
    register: (&'static str, &'static str),
    /// Where the form is sent.
    action: String,
    /// None for a new one.
    version: Option<i64>,
    changed: String,
    fields: Vec<Field>,
    /// What somebody else made of it meanwhile.
    theirs: Option<Vec<(&'static str, String)>>,
    history: Vec<HistoryRow>,
    may_change: bool,
    /// What more can be done: address and word.
    more: Vec<(String, &'static str)>,
}

/// A former state of a record.
struct HistoryRow {
    changed: String,
    values: Vec<(&'static str, String)>,
}

impl RecordPage {
    async fn new<R: Register>(
        visit: &Visit,
        record: Option<&Kept<R>>,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        let words = visit.words();
        let options = Options::of(visit).await?;
        let [title, _, new] = R::WORDS;
        let history = match record {
            Some(record) => visit.workspace.kept_history::<R>(&record.id).await?,
            None => Vec::new(),
        };
        let history = history.iter().map(|former| HistoryRow {
            changed: changed(visit, former),
            values: in_words::<R>(&former.body.typed(), &options, words),
        });
        Ok(Self {
            page: match record {
                Some(record) => visit.page_named(record.body.name()),
                None => visit.page(new),
            },
            refused: None,
            register: (R::PATH, words.get(title)),
            action: match record {
                Some(record) => format!("{}/{}", R::PATH, record.id),
                None => format!("{}/new", R::PATH),
            },
            version: record.map(|record| record.version),
            changed: record
                .map(|record| changed(visit, record))
                .unwrap_or_default(),
            fields: fields::<R>(typed, &options, words),
            theirs: None,
            history: history.collect(),
            may_change: may_change(visit),
            more: record
                .map(|record| more::<R>(record, words))
                .unwrap_or_default(),
        })
    }

    /// Theirs beside what was typed; what is sent from here counts on top of theirs.
    async fn conflict<R: Register>(
        visit: &Visit,
        theirs: &Kept<R>,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        let options = Options::of(visit).await?;
        let said = in_words::<R>(&theirs.body.typed(), &options, visit.words());
        Ok(Self {
            theirs: Some(said),
            ..Self::new(visit, Some(theirs), typed).await?
        })
    }
}

fn more<R: Register>(record: &Kept<R>, words: Words) -> Vec<(String, &'static str)> {
    let path = |end: &str| format!("{}/{}/{end}", R::PATH, record.id);
    let all = R::MORE.iter();
    all.map(|(end, word)| (path(end), words.get(word)))
        .collect()
}

fn changed<R>(visit: &Visit, record: &Kept<R>) -> String {
    let at = visit.words().moment(record.changed_at);
    let places: [(&str, &dyn std::fmt::Display); 2] = [("at", &at), ("by", &record.changed_by)];
    visit.words().with("people.by", &places)
}

async fn new<R: Register>(visit: Visit) -> Result<Response, Problem> {
    render(&RecordPage::new::<R>(&visit, None, &Typed::default()).await?)
}

async fn add<R: Register>(
    visit: Visit,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = Typed::of(typed);
    let seen = visit.workspace.new_record();
    match save::<R>(&visit, &seen, &typed).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?done=saved", R::PATH)).into_response()),
        Err(failure) => once_more(&RecordPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..RecordPage::new::<R>(&visit, None, &typed).await?
        }),
    }
}

async fn save<R: Register>(
    visit: &Visit,
    seen: &Seen,
    typed: &Typed,
) -> Result<Saved<Kept<R>>, Failure> {
    let body = R::read(typed)?;
    visit
        .workspace
        .keep_filled(seen, &body, &visit.person().name)
        .await
}

async fn show<R: Register>(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let record = visit
        .workspace
        .kept_one::<R>(&RecordId::new(record))
        .await?;
    let typed = record.body.typed();
    render(&RecordPage::new(&visit, Some(&record), &typed).await?)
}

/// Which version the person saw.
pub(super) fn seen(record: String, typed: &Typed) -> Seen {
    Seen {
        id: RecordId::new(record),
        // Nobody saw version 0: what does not say what it saw is shown the current one first.
        version: Some(typed.one("version").parse().unwrap_or(0)),
    }
}

async fn change<R: Register>(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = Typed::of(typed);
    let seen = seen(record, &typed);
    let record = visit.workspace.kept_one::<R>(&seen.id).await?;
    match save::<R>(&visit, &seen, &typed).await {
        Ok(Saved::Conflict(theirs)) => {
            once_more(&RecordPage::conflict(&visit, &theirs, &typed).await?)
        }
        Ok(Saved::Done | Saved::Same) => {
            Ok(Redirect::to(&format!("{}?done=saved", R::PATH)).into_response())
        }
        Err(failure) => once_more(&RecordPage {
            refused: Some(Refused::of(failure, visit.language)?),
            version: seen.version,
            ..RecordPage::new(&visit, Some(&record), &typed).await?
        }),
    }
}

async fn remove<R: Register>(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let seen = seen(record, &Typed::of(typed));
    let removed = visit.workspace.take_away::<R>(&seen, &visit.person().name);
    let removed = removed.await;
    after_removal(&visit, &seen, removed).await
}

async fn remove_vendor(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let seen = seen(record, &Typed::of(typed));
    let removed = visit
        .workspace
        .take_vendor_away(&seen, &visit.person().name);
    let removed = removed.await;
    after_removal(&visit, &seen, removed).await
}

async fn after_removal<R: Register>(
    visit: &Visit,
    seen: &Seen,
    removed: Result<Saved<Kept<R>>, Failure>,
) -> Result<Response, Problem> {
    match removed {
        Ok(Saved::Conflict(theirs)) => {
            let typed = theirs.body.typed();
            once_more(&RecordPage::conflict(visit, &theirs, &typed).await?)
        }
        Ok(Saved::Done | Saved::Same) => {
            Ok(Redirect::to(&format!("{}?done=removed", R::PATH)).into_response())
        }
        Err(failure) => {
            let refused = Refused::of(failure, visit.language)?;
            let record = visit.workspace.kept_one::<R>(&seen.id).await?;
            once_more(&RecordPage {
                refused: Some(refused),
                ..RecordPage::new(visit, Some(&record), &record.body.typed()).await?
            })
        }
    }
}
