//! A device as a form: new, changed, changed by two people at once, and four fields of it in the
//! row of the list.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::edition::Text;
use sonae_domain::ids::AssetId;
use sonae_domain::labels::Label;
use sonae_domain::ledger::{AssetField, AssetKind, RemoteMaintenance};

use super::Row;
use crate::usecase::ledger::{
    AssetSaved, Clash, LedgerList, LedgerQuery, TypedAsset, field_title, field_word, shown_text,
};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// The fields in the order in which people think of a device, by heading.
const GROUPS: [(&str, &[AssetField]); 4] = [
    (
        "ledger.group_use",
        &[
            AssetField::Name,
            AssetField::Kind,
            AssetField::Location,
            AssetField::Usability,
            AssetField::System,
            AssetField::Owner,
        ],
    ),
    (
        "ledger.group_identity",
        &[
            AssetField::Maker,
            AssetField::Model,
            AssetField::Serial,
            AssetField::Macs,
            AssetField::Ips,
            AssetField::DirectoryId,
        ],
    ),
    (
        "ledger.group_maintenance",
        &[
            AssetField::Os,
            AssetField::OsVersion,
            AssetField::Vendor,
            AssetField::RemoteMaintenance,
            AssetField::AcquiredOn,
            AssetField::SupportEndsOn,
        ],
    ),
    ("ledger.group_note", &[AssetField::Note]),
];

/// What the row of the list lets one change.
const QUICK: [AssetField; 4] = [
    AssetField::Location,
    AssetField::Usability,
    AssetField::RemoteMaintenance,
    AssetField::Owner,
];

pub(super) fn open(doors: Doors) -> Doors {
    doors
        .get("/ledger/new", new)
        .post("/ledger/new", add)
        .get("/ledger/{asset}/edit", edit)
        .post("/ledger/{asset}/edit", change)
        .get("/ledger/{asset}/row", row)
        .get("/ledger/{asset}/quick", quick)
        .post("/ledger/{asset}/quick", change_quickly)
}

type Fields = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "ledger/edit.html")]
struct EditPage {
    page: Page,
    /// Where the form goes.
    action: String,
    /// Where leaving leads.
    back: String,
    id: String,
    /// The version seen; none for a new device.
    seen: Option<i64>,
    groups: Vec<(&'static str, Vec<FieldInput>)>,
    n_wrong: usize,
    /// Who was faster.
    faster: Option<String>,
    list: LedgerList,
}

/// A field of the form.
struct FieldInput {
    word: &'static str,
    title: String,
    text: String,
    hint: &'static str,
    wrong: Option<String>,
    /// What somebody else saved there meanwhile.
    theirs: Option<String>,
    /// To choose from: word, name.
    options: Vec<(&'static str, &'static str)>,
    is_note: bool,
    is_required: bool,
}

/// What a form shows.
#[derive(Default)]
struct Shown {
    typed: TypedAsset,
    seen: Option<i64>,
    wrong: BTreeMap<AssetField, Text>,
    theirs: BTreeMap<AssetField, String>,
    faster: Option<String>,
}

impl Shown {
    fn clash(clash: Clash) -> Self {
        Self {
            typed: clash.merged,
            seen: Some(clash.theirs.version),
            theirs: clash.differing,
            faster: Some(clash.theirs.changed_by),
            wrong: BTreeMap::new(),
        }
    }

    fn status(&self) -> StatusCode {
        match (self.wrong.is_empty(), &self.faster) {
            (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, Some(_)) => StatusCode::CONFLICT,
            (true, None) => StatusCode::OK,
        }
    }
}

impl FieldInput {
    fn of(visit: &Visit, field: AssetField, shown: &Shown) -> Self {
        let language = visit.language;
        let theirs = shown.theirs.get(&field);
        Self {
            word: field_word(field),
            title: field_title(field, language),
            text: shown.typed.text(field).to_owned(),
            hint: hint(field).map_or("", |key| visit.words().get(key)),
            wrong: shown
                .wrong
                .get(&field)
                .map(|why| why.get(language).to_owned()),
            theirs: theirs.map(|text| shown_text(field, text, language)),
            options: options(visit, field),
            is_note: field == AssetField::Note,
            is_required: field == AssetField::Name,
        }
    }
}

fn hint(field: AssetField) -> Option<&'static str> {
    match field {
        AssetField::Usability => Some("ledger.hint_usability"),
        AssetField::Serial => Some("ledger.hint_serial"),
        AssetField::Macs => Some("ledger.hint_macs"),
        AssetField::Ips => Some("ledger.hint_ips"),
        AssetField::DirectoryId => Some("ledger.hint_directory_id"),
        AssetField::AcquiredOn | AssetField::SupportEndsOn => Some("ledger.hint_day"),
        _ => None,
    }
}

fn options(visit: &Visit, field: AssetField) -> Vec<(&'static str, &'static str)> {
    let language = visit.language;
    match field {
        AssetField::Kind => [
            AssetKind::Unknown,
            AssetKind::Server,
            AssetKind::Terminal,
            AssetKind::NetworkDevice,
            AssetKind::Other,
        ]
        .map(|kind| (kind.as_str(), kind.label(language)))
        .to_vec(),
        AssetField::RemoteMaintenance => [
            RemoteMaintenance::Unconfirmed,
            RemoteMaintenance::Yes,
            RemoteMaintenance::No,
        ]
        .map(|said| (said.as_str(), said.label(language)))
        .to_vec(),
        _ => Vec::new(),
    }
}

impl EditPage {
    /// What stands elsewhere in the ledger, so that the same thing is called the same.
    fn said(&self) -> [(&'static str, &std::collections::BTreeSet<String>); 3] {
        [
            ("system", &self.list.systems),
            ("vendor", &self.list.vendors),
            ("usability", &self.list.usabilities),
        ]
    }

    fn has_list(&self, word: &str) -> bool {
        self.said().iter().any(|(name, _)| *name == word)
    }

    /// All fields with something wrong, for the summary.
    fn wrong(&self) -> impl Iterator<Item = (&FieldInput, &String)> {
        let fields = self.groups.iter().flat_map(|(_, fields)| fields);
        fields.filter_map(|field| Some((field, field.wrong.as_ref()?)))
    }
}

/// The form, with a status that says what it is shown for.
async fn form(visit: &Visit, id: &AssetId, shown: Shown) -> Result<Response, Problem> {
    let group = |(heading, fields): &(&'static str, &[AssetField])| {
        let input = |field: &AssetField| FieldInput::of(visit, *field, &shown);
        (
            visit.words().get(heading),
            fields.iter().map(input).collect(),
        )
    };
    let (action, back, title) = match shown.seen {
        None => ("/ledger/new".to_owned(), "/ledger".to_owned(), "ledger.new"),
        Some(_) => {
            let own = format!("/ledger/{id}");
            (format!("{own}/edit"), own, "ledger.edit_title")
        }
    };
    let page = render(&EditPage {
        page: visit.page(title),
        action,
        back,
        id: id.to_string(),
        seen: shown.seen,
        groups: GROUPS.iter().map(group).collect(),
        n_wrong: shown.wrong.len(),
        faster: shown.faster.clone(),
        list: visit.workspace.ledger_list(&LedgerQuery::default()).await?,
    })?;
    Ok((shown.status(), page).into_response())
}

#[derive(Deserialize)]
struct NewOf {
    /// A machine that was seen, as evidence names it.
    #[serde(default)]
    host: String,
}

async fn new(visit: Visit, Query(asked): Query<NewOf>) -> Result<Response, Problem> {
    let typed = match asked.host.as_str() {
        "" => TypedAsset::default(),
        host => visit.workspace.typed_stranger(host).await?,
    };
    let shown = Shown {
        typed,
        ..Shown::default()
    };
    form(&visit, &visit.workspace.new_asset_id(), shown).await
}

async fn add(visit: Visit, Form(fields): Form<Fields>) -> Result<Response, Problem> {
    let mut typed = TypedAsset::default();
    typed.fill(&fields);
    let id = AssetId::new(value(&fields, "id"));
    let by = &visit.person().name;
    let saved = visit.workspace.add_asset(id.clone(), &typed, by).await?;
    answered(&visit, &id, saved, None).await
}

async fn edit(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let current = visit.workspace.asset_version(&id).await?;
    let shown = Shown {
        typed: TypedAsset::of_record(&current.asset.record),
        seen: Some(current.version),
        ..Shown::default()
    };
    form(&visit, &id, shown).await
}

async fn change(
    visit: Visit,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let seen = seen(&fields)?;
    let by = &visit.person().name;
    let saved = visit.workspace.change_asset(&id, &fields, seen, by).await?;
    answered(&visit, &id, saved, Some(seen)).await
}

async fn answered(
    visit: &Visit,
    id: &AssetId,
    saved: AssetSaved,
    seen: Option<i64>,
) -> Result<Response, Problem> {
    let shown = match saved {
        AssetSaved::Done => {
            let address = format!("/ledger/{id}?done=ledger_saved");
            return Ok(Redirect::to(&address).into_response());
        }
        AssetSaved::Refused(typed, wrong) => Shown {
            typed,
            seen,
            wrong,
            ..Shown::default()
        },
        AssetSaved::Conflict(clash) => Shown::clash(*clash),
    };
    form(visit, id, shown).await
}

/// The row of the list, and the row as a form, each to be put in the place of the other.
#[derive(Template)]
#[template(path = "ledger/row.html")]
struct RowPart {
    page: Page,
    row: Row,
}

#[derive(Template)]
#[template(path = "ledger/quick.html")]
struct QuickPart {
    page: Page,
    id: String,
    name: String,
    seen: i64,
    fields: Vec<FieldInput>,
    faster: Option<String>,
    n_columns: usize,
}

async fn row(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    row_part(&visit, &AssetId::new(id)).await
}

async fn row_part(visit: &Visit, id: &AssetId) -> Result<Response, Problem> {
    let current = visit.workspace.asset_version(id).await?;
    let may_change = super::may_change(visit);
    render(&RowPart {
        page: visit.page("ledger.title"),
        row: Row::of(&current, visit.workspace.today, visit.language, may_change),
    })
}

async fn quick(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let current = visit.workspace.asset_version(&id).await?;
    let shown = Shown {
        typed: TypedAsset::of_record(&current.asset.record),
        seen: Some(current.version),
        ..Shown::default()
    };
    quick_part(&visit, &id, &shown)
}

fn quick_part(visit: &Visit, id: &AssetId, shown: &Shown) -> Result<Response, Problem> {
    let input = |field| FieldInput::of(visit, field, shown);
    render(&QuickPart {
        page: visit.page("ledger.title"),
        id: id.to_string(),
        name: shown.typed.text(AssetField::Name).to_owned(),
        seen: shown.seen.unwrap_or_default(),
        fields: QUICK.into_iter().map(input).collect(),
        faster: shown.faster.clone(),
        // The name, the columns, the evidence and the button.
        n_columns: super::COLUMNS.len() + 3,
    })
}

/// What a browser without scripts sends here leads to the whole form, so that nothing is lost.
async fn change_quickly(
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let id = AssetId::new(id);
    let seen = seen(&fields)?;
    let by = &visit.person().name;
    let saved = visit.workspace.change_asset(&id, &fields, seen, by).await?;
    if !headers.contains_key("hx-request") {
        return answered(&visit, &id, saved, Some(seen)).await;
    }
    match saved {
        AssetSaved::Done => row_part(&visit, &id).await,
        AssetSaved::Refused(typed, wrong) => {
            let shown = Shown {
                typed,
                seen: Some(seen),
                wrong,
                ..Shown::default()
            };
            quick_part(&visit, &id, &shown)
        }
        AssetSaved::Conflict(clash) => quick_part(&visit, &id, &Shown::clash(*clash)),
    }
}

/// The version that the person saw, as the form carried it.
fn seen(fields: &Fields) -> Result<i64, Problem> {
    let seen = value(fields, "seen").parse();
    seen.map_err(|_| Problem::Status(StatusCode::BAD_REQUEST))
}

fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(field, _)| field == name);
    found.map_or("", |(_, value)| value.as_str())
}
