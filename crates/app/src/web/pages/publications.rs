//! 製品の回答, for the institution: what a vendor answers once for all its customers, taken in as a signed
//! file, beside what the file before said, and taken over item by item.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::edition::Item;
use sonae_domain::ids::{ItemId, RecordId};
use sonae_domain::labels::Label;
use sonae_domain::publication::{
    DecisionChoice, KeptPublication, PUBLICATION_BYTES_MAX, PublishedLine,
};
use sonae_domain::register::Vendor;
use sonae_domain::vendor_key::KeyTrust;

use super::setup::Choice;
use super::vendor_form::is_unverified;
use super::vendor_key::KeysShown;
use crate::usecase::checklist::WhichForm;
use crate::usecase::failure::Failure;
use crate::usecase::publications::Decided;
use crate::usecase::register_forms::Typed;
use crate::usecase::registers::{Kept, Seen};
use crate::usecase::vendor_answers::field_of;
use crate::web::files::Upload;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::values::wire;
use crate::web::visit::Visit;

/// Room for the form around the file, so that one that is merely too long is told so.
const UPLOAD_BYTES_MAX: usize = 2 * PUBLICATION_BYTES_MAX;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/vendors/{record}/publications", list)
        .upload(
            "/settings/vendors/{record}/publications",
            UPLOAD_BYTES_MAX,
            take,
        )
        .post("/settings/vendors/{record}/key", confirm_key)
        .get("/settings/publications/{record}", show)
        .post("/settings/publications/{record}", decide)
}

#[derive(Template)]
#[template(path = "publications.html")]
struct ListPage {
    page: Page,
    refused: Option<Refused>,
    vendor: RecordId,
    vendor_name: String,
    keys: Option<KeysShown>,
    rows: Vec<Row>,
    /// When a file was not taken, and why.
    attempts: Vec<String>,
    may_change: bool,
}

/// A publication in the list.
struct Row {
    path: String,
    product: String,
    product_version: String,
    published_at: String,
    ends_on: String,
    is_over: bool,
    n_open: usize,
}

impl Row {
    fn of(visit: &Visit, kept: &Kept<KeptPublication>) -> Self {
        let (words, body) = (visit.words(), &kept.body);
        Self {
            path: path_of(&kept.id),
            product: body.product.clone(),
            product_version: body.product_version.clone(),
            published_at: words.moment(body.published_at),
            ends_on: words.day(body.ends_on),
            is_over: body.ends_on < visit.workspace.today,
            n_open: body.open().count(),
        }
    }
}

impl ListPage {
    async fn of(visit: &Visit, vendor: &RecordId) -> Result<Self, Problem> {
        let workspace = &visit.workspace;
        let kept = workspace.kept_one::<Vendor>(vendor).await?;
        let publications = workspace.publications_of(vendor).await?;
        let rows = publications.iter().map(|kept| Row::of(visit, kept));
        let refused = workspace.refused_publications(vendor).await?;
        let attempts = refused.map(|kept| kept.body.refused).unwrap_or_default();
        let attempts = attempts.into_iter().map(|attempt| {
            let at = visit.words().moment(attempt.at);
            format!("{at} {}", attempt.why.label(visit.language))
        });
        Ok(Self {
            page: visit.page("publications.title"),
            refused: None,
            vendor: vendor.clone(),
            vendor_name: kept.body.name,
            keys: KeysShown::of(visit, vendor).await?,
            rows: rows.collect(),
            attempts: attempts.collect(),
            may_change: visit.may_change(),
        })
    }

    async fn refuse(
        visit: &Visit,
        vendor: &RecordId,
        failure: Failure,
    ) -> Result<Response, Problem> {
        once_more(&Self {
            refused: Some(Refused::of(failure, visit.language)?),
            ..Self::of(visit, vendor).await?
        })
    }
}

fn path_of(id: &RecordId) -> String {
    format!("/settings/publications/{id}")
}

async fn list(visit: Visit, Path(vendor): Path<String>) -> Result<Response, Problem> {
    render(&ListPage::of(&visit, &RecordId::new(vendor)).await?)
}

async fn take(
    visit: Visit,
    Path(vendor): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let vendor = RecordId::new(vendor);
    let file = upload.files.into_iter().next();
    let bytes = file.map(|file| file.bytes).unwrap_or_default();
    let by = &visit.person().name;
    let taken = visit.workspace.take_publication(&vendor, &bytes, by);
    match taken.await {
        Ok(id) => {
            let place = format!("{}?done=publication_taken", path_of(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => ListPage::refuse(&visit, &vendor, failure).await,
    }
}

async fn confirm_key(
    visit: Visit,
    Path(vendor): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (vendor, typed) = (RecordId::new(vendor), Typed::of(typed));
    visit.workspace.kept_one::<Vendor>(&vendor).await?;
    let by = &visit.person().name;
    let fingerprint = typed.one("fingerprint");
    let confirmed = visit.workspace.confirm_key(&vendor, fingerprint, by);
    match confirmed.await {
        Ok(()) => {
            let place = format!("/settings/vendors/{vendor}/publications?done=key_confirmed");
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => ListPage::refuse(&visit, &vendor, failure).await,
    }
}

#[derive(Template)]
#[template(path = "publication.html")]
struct PublicationPage {
    page: Page,
    refused: Option<Refused>,
    path: String,
    vendor: RecordId,
    vendor_name: String,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    is_over: bool,
    /// A person compared the key; before that nothing can be decided.
    is_key_confirmed: bool,
    rows: Vec<ItemRow>,
    /// The version before, where there was one.
    before: Option<String>,
    /// Numbers of items about which the file says nothing any more.
    gone: Vec<String>,
    version: i64,
    may_change: bool,
}

/// A row of the form, what is published about it, and what a person made of it.
struct ItemRow {
    number: String,
    wording: String,
    unverified: bool,
    value: &'static str,
    confirmed_on: String,
    target_on: String,
    note: String,
    /// It was said for this institution alone.
    is_own: bool,
    /// What the file before said; an empty text where it said nothing.
    changed_from: Option<String>,
    decided: Option<String>,
    /// Names of the fields.
    choice: String,
    reason: String,
    choices: Vec<Choice>,
    reason_typed: String,
}

impl PublicationPage {
    async fn of(visit: &Visit, id: &RecordId, typed: &Typed) -> Result<Self, Problem> {
        let workspace = Arc::clone(&visit.workspace);
        let kept = workspace.kept_one::<KeptPublication>(id).await?;
        let body = &kept.body;
        let vendor = workspace.kept_one::<Vendor>(&body.vendor).await?;
        let key = workspace.vendor_key(&body.vendor).await?;
        let trust = key.map(|key| key.body.trust(&body.signed_by));
        let (edition, form) = workspace.form(&WhichForm {
            form: Some(body.form.to_string()),
            edition: Some(body.edition.to_string()),
        })?;
        let items = edition.items_of(&form.id);
        let rows = items.filter_map(|item| {
            let handle = edition.handle(item);
            ItemRow::of(visit, body, item, &handle, typed)
        });
        let gone = edition.items_of(&form.id).filter(|item| {
            let before = body.before.as_ref();
            let was_there = before.is_some_and(|before| before.changed.contains_key(&item.id));
            was_there && !body.lines.contains_key(&item.id)
        });
        Ok(Self {
            page: visit.page_named(format!("{} {}", body.product, body.product_version)),
            refused: None,
            path: path_of(id),
            vendor_name: vendor.body.name,
            vendor: body.vendor.clone(),
            facts: facts(visit, body),
            is_over: body.ends_on < workspace.today,
            is_key_confirmed: trust == Some(KeyTrust::Confirmed),
            rows: rows.collect(),
            before: body
                .before
                .as_ref()
                .map(|before| before.product_version.clone()),
            gone: gone.map(|item| item.number.clone()).collect(),
            version: kept.version,
            may_change: visit.may_change(),
        })
    }
}

fn facts(visit: &Visit, body: &KeptPublication) -> Vec<(&'static str, String)> {
    let words = visit.words();
    let all = [
        ("requests.answered_by", body.answered_by.clone()),
        ("publications.published_at", words.moment(body.published_at)),
        ("publications.ends_on", words.day(body.ends_on)),
        ("requests.key_name", body.signed_by.name().to_owned()),
        ("requests.fingerprint", body.signed_by.fingerprint()),
    ];
    let all = all.into_iter();
    all.map(|(key, value)| (words.get(key), value)).collect()
}

impl ItemRow {
    fn of(
        visit: &Visit,
        body: &KeptPublication,
        item: &Item,
        handle: &str,
        typed: &Typed,
    ) -> Option<Self> {
        let words = visit.words();
        let PublishedLine { line, is_own } = body.lines.get(&item.id)?;
        let day = |day: Option<_>| day.map(|day| words.day(day)).unwrap_or_default();
        let before = body.before.as_ref();
        let changed = before.and_then(|before| before.changed.get(&item.id));
        let said = |line: &PublishedLine| {
            let value = line.line.value.label(visit.language);
            let note = line.line.note.as_deref().unwrap_or_default();
            format!("{value} {note}").trim_end().to_owned()
        };
        let decided = body.decisions.get(&item.id).map(|decision| {
            let at = words.moment(decision.at);
            let by = words.with("people.by", &[("at", &at), ("by", &decision.by)]);
            let note = decision.note.as_deref().unwrap_or_default();
            let choice = decision.choice.label(visit.language);
            format!("{choice} {note} {by}").replace("  ", " ")
        });
        let choice = field_of("choice", handle);
        let reason = field_of("reason", handle);
        let all = [
            DecisionChoice::Accepted,
            DecisionChoice::Narrowed,
            DecisionChoice::Refused,
        ];
        let choices = all.map(|value| Choice {
            is_chosen: wire(value) == typed.one(&choice),
            label: value.label(visit.language).to_owned(),
            value: wire(value),
        });
        Some(Self {
            number: item.number.clone(),
            wording: item.wording.text.clone(),
            unverified: is_unverified(&item.wording),
            value: line.value.label(visit.language),
            confirmed_on: day(line.confirmed_on),
            target_on: day(line.target_on),
            note: line.note.clone().unwrap_or_default(),
            is_own: *is_own,
            changed_from: changed.map(|old| old.as_ref().map(said).unwrap_or_default()),
            decided,
            choices: choices.into(),
            reason_typed: typed.one(&reason).to_owned(),
            choice,
            reason,
        })
    }
}

async fn show(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    render(&PublicationPage::of(&visit, &id, &Typed::default()).await?)
}

async fn decide(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let decided = decided(&visit, &id, &typed).await?;
    let seen = Seen {
        id: id.clone(),
        version: typed.one("version").parse().ok(),
    };
    let by = &visit.person().name;
    match visit.workspace.decide(&seen, decided, by).await {
        Ok(()) => {
            let place = format!("{}?done=publication_decided", path_of(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => once_more(&PublicationPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..PublicationPage::of(&visit, &id, &typed).await?
        }),
    }
}

/// What was chosen for each item of the form.
async fn decided(visit: &Visit, id: &RecordId, typed: &Typed) -> Result<Vec<Decided>, Problem> {
    let kept = visit.workspace.kept_one::<KeptPublication>(id).await?;
    let (edition, form) = visit.workspace.form(&WhichForm {
        form: Some(kept.body.form.to_string()),
        edition: Some(kept.body.edition.to_string()),
    })?;
    let chosen = |item: &Item| -> Option<Decided> {
        let handle = edition.handle(item);
        let choice = typed.one(&field_of("choice", &handle));
        let note = typed.one(&field_of("reason", &handle)).trim();
        Some(Decided {
            item: ItemId::new(item.id.as_str()),
            choice: serde_json::from_value(choice.into()).ok()?,
            note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        })
    };
    Ok(edition.items_of(&form.id).filter_map(chosen).collect())
}
