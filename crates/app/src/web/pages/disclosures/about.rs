//! What people say about a statement: its fields, in the dry run and when they are changed.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::disclosure::{DisclosureEdition, DisclosureKind, DisclosureStatement};
use sonae_domain::ids::RecordId;
use sonae_domain::labels::Label;
use sonae_domain::register::{System, Vendor};

use super::{PATH, conflict};
use crate::usecase::disclosures::{NEW_VENDOR, typed_of};
use crate::usecase::register_forms::{Filled, Typed};
use crate::usecase::registers::{Kept, Saved};
use crate::web::page::{Page, render};
use crate::web::pages::registers::seen;
use crate::web::pages::setup::Choice;
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::values::wire;
use crate::web::visit::Visit;

/// The fields with what stands in them.
pub(super) struct Fields {
    pub(super) kinds: Vec<Choice>,
    pub(super) editions: Vec<Choice>,
    pub(super) vendors: Vec<Choice>,
    pub(super) systems: Vec<Choice>,
    /// Statements that it may take the place of.
    pub(super) older: Vec<Choice>,
    pub(super) vendor_name: String,
    pub(super) stated_on: String,
    pub(super) product: String,
    pub(super) product_version: String,
    pub(super) note: String,
}

impl Fields {
    /// The fields of a new statement, or of the one with this id.
    pub(super) async fn of(
        visit: &Visit,
        typed: &Typed,
        own: Option<&RecordId>,
    ) -> Result<Self, Problem> {
        let (workspace, language) = (&visit.workspace, visit.language);
        let one = |field: &str| typed.one(field).to_owned();
        let choice = |field: &str, value: String, label: String| Choice {
            is_chosen: typed.all(field).contains(&value),
            value,
            label,
        };
        let kinds = [DisclosureKind::Mds, DisclosureKind::Sds];
        let editions = [
            DisclosureEdition::Ver5,
            DisclosureEdition::Ver4,
            DisclosureEdition::Other,
            DisclosureEdition::Unknown,
        ];
        let vendors = workspace.kept::<Vendor>().await?;
        let mut vendors: Vec<Choice> = vendors
            .iter()
            .map(|vendor| choice("vendor", vendor.id.to_string(), vendor.body.name.clone()))
            .collect();
        let added = visit.words().get("disclosures.vendor_new").to_owned();
        vendors.push(choice("vendor", NEW_VENDOR.to_owned(), added));
        let systems = workspace.kept::<System>().await?;
        let older = workspace.statements().await?.into_iter().filter(|view| {
            let by_own = view.replaced_by.as_ref() == own && own.is_some();
            Some(&view.id) != own && (view.counts_now() || by_own)
        });
        Ok(Self {
            kinds: kinds
                .map(|kind| choice("kind", wire(kind), kind.label(language).to_owned()))
                .into(),
            editions: editions
                .map(|it| choice("edition", wire(it), it.label(language).to_owned()))
                .into(),
            vendors,
            systems: systems
                .iter()
                .map(|it| choice("systems", it.id.to_string(), it.body.name().to_owned()))
                .collect(),
            older: older
                .map(|view| choice("replaces", view.id.to_string(), view.name()))
                .collect(),
            vendor_name: one("vendor_name"),
            stated_on: one("stated_on"),
            product: one("product"),
            product_version: one("product_version"),
            note: one("note"),
        })
    }

    /// What stands in the fields, to read: label and value.
    fn in_words(&self, visit: &Visit) -> Vec<(&'static str, String)> {
        let words = visit.words();
        let chosen = |choices: &[Choice]| {
            let chosen = choices.iter().filter(|choice| choice.is_chosen);
            let labels: Vec<&str> = chosen.map(|choice| choice.label.as_str()).collect();
            labels.join(words.get("people.between"))
        };
        let all = [
            ("disclosures.kind", chosen(&self.kinds)),
            ("disclosures.edition", chosen(&self.editions)),
            ("disclosures.stated_on", self.stated_on.clone()),
            ("disclosures.vendor", chosen(&self.vendors)),
            ("disclosures.product", self.product.clone()),
            ("disclosures.version", self.product_version.clone()),
            ("disclosures.systems", chosen(&self.systems)),
            ("disclosures.replaces", chosen(&self.older)),
            ("registers.note", self.note.clone()),
        ];
        let filled = all.into_iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(key, value)| (words.get(key), value)).collect()
    }
}

#[derive(Template)]
#[template(path = "disclosure_edit.html")]
struct EditPage {
    page: Page,
    refused: Option<Refused>,
    action: String,
    name: String,
    version: i64,
    fields: Fields,
    /// What somebody else made of it meanwhile.
    theirs: Option<Vec<(&'static str, String)>>,
}

impl EditPage {
    async fn new(
        visit: &Visit,
        kept: &Kept<DisclosureStatement>,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        Ok(Self {
            page: visit.page("disclosures.edit"),
            refused: None,
            action: format!("{PATH}/{}", kept.id),
            name: kept.body.product.clone(),
            version: kept.version,
            fields: Fields::of(visit, typed, Some(&kept.id)).await?,
            theirs: None,
        })
    }

    /// Theirs beside what was typed; what is sent from here counts on top of theirs.
    async fn conflict(
        visit: &Visit,
        theirs: &Kept<DisclosureStatement>,
        typed: &Typed,
    ) -> Result<Response, Problem> {
        let said = Fields::of(visit, &typed_of(&theirs.body), Some(&theirs.id)).await?;
        conflict(&Self {
            theirs: Some(said.in_words(visit)),
            ..Self::new(visit, theirs, typed).await?
        })
    }
}

pub(super) async fn edit(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let kept = visit.workspace.kept_one::<DisclosureStatement>(&id).await?;
    render(&EditPage::new(&visit, &kept, &typed_of(&kept.body)).await?)
}

pub(super) async fn change(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = Typed::of(typed);
    let seen = seen(record, &typed);
    let workspace = &visit.workspace;
    match workspace
        .change_statement(&seen, &typed, visit.person())
        .await
    {
        Ok(Saved::Conflict(theirs)) => EditPage::conflict(&visit, &theirs, &typed).await,
        Ok(Saved::Done | Saved::Same) => {
            let place = format!("{PATH}/{}?done=saved", seen.id);
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) if super::is_refusal(&failure) => {
            let kept = workspace.kept_one::<DisclosureStatement>(&seen.id).await?;
            once_more(&EditPage {
                refused: Some(Refused::of(failure, visit.language)?),
                ..EditPage::new(&visit, &kept, &typed).await?
            })
        }
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn remove(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let seen = seen(record, &Typed::of(typed));
    match visit
        .workspace
        .remove_statement(&seen, visit.person())
        .await?
    {
        Saved::Conflict(theirs) => {
            EditPage::conflict(&visit, &theirs, &typed_of(&theirs.body)).await
        }
        Saved::Done | Saved::Same => {
            Ok(Redirect::to(&format!("{PATH}?done=removed")).into_response())
        }
    }
}
