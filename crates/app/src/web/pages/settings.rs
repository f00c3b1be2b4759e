//! Settings: the institution itself, its doors, figures of checks, explanations and shipped
//! data. People, registers, editions and backup have files of their own.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sonae_domain::people::Role;
use sonae_domain::register::Explanation;

use super::setup::{Choice, contracts, kinds, prefectures};
use crate::usecase::house::{Details, HouseSaved, TypedHouse};
use crate::usecase::thresholds::Threshold;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings", index)
        .get("/settings/institution", institution)
        .post("/settings/institution", change_institution)
        .get("/settings/doors", security)
        .post("/settings/doors", change_security)
        .get("/settings/thresholds", thresholds)
        .post("/settings/thresholds", change_threshold)
        .get("/settings/exceptions", exceptions)
        .get("/settings/data", data)
}

#[derive(Template)]
#[template(path = "settings.html")]
struct IndexPage {
    page: Page,
    sees_people: bool,
}

async fn index(visit: Visit) -> Result<Response, Problem> {
    let roles = &visit.entry.roles;
    let sees_people = [Role::Administrator, Role::SafetyOfficer];
    render(&IndexPage {
        page: visit.page("settings.title"),
        sees_people: sees_people.iter().any(|role| roles.contains(role)),
    })
}

#[derive(Template)]
#[template(path = "institution.html")]
struct InstitutionPage {
    page: Page,
    refused: Option<Refused>,
    typed: TypedHouse,
    /// Somebody else changed it meanwhile: label and value.
    theirs: Option<Vec<(&'static str, String)>>,
    prefectures: Vec<Choice>,
    may_change: bool,
}

impl InstitutionPage {
    fn new(visit: &Visit, typed: TypedHouse) -> Self {
        Self {
            page: visit.page("settings.institution"),
            refused: None,
            theirs: None,
            prefectures: prefectures(&typed.prefecture, visit),
            may_change: visit.entry.roles.contains(&Role::Administrator)
                || visit.entry.roles.contains(&Role::SafetyOfficer),
            typed,
        }
    }

    fn kinds(&self) -> Vec<Choice> {
        kinds(&self.typed.kind, self.page.words.language)
    }

    fn contracts(&self) -> Vec<Choice> {
        contracts(&self.typed.contract, self.page.words.language)
    }
}

async fn institution(visit: Visit) -> Result<Response, Problem> {
    let details = visit.workspace.details().await?;
    render(&InstitutionPage::new(&visit, details.typed()))
}

async fn change_institution(
    visit: Visit,
    Form(typed): Form<TypedHouse>,
) -> Result<Response, Problem> {
    match visit
        .workspace
        .change_house(&typed, &visit.person().name)
        .await
    {
        Ok(HouseSaved::Done { n_former: 0 }) => {
            Ok(Redirect::to("/settings/institution?done=saved").into_response())
        }
        Ok(HouseSaved::Done { .. }) => {
            Ok(Redirect::to("/settings/institution?done=form_changed").into_response())
        }
        Ok(HouseSaved::Conflict(theirs)) => {
            let seen = theirs.typed().seen;
            once_more(&InstitutionPage {
                theirs: Some(said(&visit, &theirs)),
                ..InstitutionPage::new(&visit, TypedHouse { seen, ..typed })
            })
        }
        Err(failure) => once_more(&InstitutionPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..InstitutionPage::new(&visit, typed)
        }),
    }
}

/// The institution as somebody else left it, in words.
fn said(visit: &Visit, theirs: &Details) -> Vec<(&'static str, String)> {
    let typed = theirs.typed();
    let words = visit.words();
    let chosen = |choices: Vec<Choice>| {
        let chosen = choices.into_iter().find(|choice| choice.is_chosen);
        chosen.map(|choice| choice.label).unwrap_or_default()
    };
    let all = [
        ("setup.name", typed.name),
        ("setup.kind", chosen(kinds(&typed.kind, visit.language))),
        (
            "setup.contract",
            chosen(contracts(&typed.contract, visit.language)),
        ),
        (
            "setup.prefecture",
            chosen(prefectures(&typed.prefecture, visit)),
        ),
        ("setup.beds", typed.beds),
        ("setup.safety_officer", typed.safety_officer),
        ("setup.planning_manager", typed.planning_manager),
        ("setup.system_operator", typed.system_operator),
    ];
    let filled = all.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(key, value)| (words.get(key), value)).collect()
}

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage {
    page: Page,
    is_optional: bool,
    may_change: bool,
}

async fn security(visit: Visit) -> Result<Response, Problem> {
    render(&SecurityPage {
        page: visit.page("settings.doors"),
        is_optional: visit.workspace.second_factor_is_optional().await?,
        may_change: visit.entry.roles.contains(&Role::Administrator),
    })
}

#[derive(Deserialize)]
struct TypedSecurity {
    #[serde(default)]
    second_factor: String,
}

async fn change_security(
    visit: Visit,
    Form(typed): Form<TypedSecurity>,
) -> Result<Response, Problem> {
    let optional = typed.second_factor == "optional";
    let by = &visit.person().name;
    let changed = visit.workspace.set_second_factor_optional(optional, by);
    changed.await?;
    Ok(Redirect::to("/settings/doors?done=saved").into_response())
}

/// A figure of a check.
struct ThresholdRow {
    key: String,
    id: String,
    check: String,
    label: &'static str,
    unit: &'static str,
    default: i64,
    value: String,
    is_own: bool,
    refused: Option<String>,
}

#[derive(Template)]
#[template(path = "thresholds.html")]
struct ThresholdsPage {
    page: Page,
    refused: Option<Refused>,
    rows: Vec<ThresholdRow>,
    may_change: bool,
}

impl ThresholdsPage {
    async fn new(visit: &Visit) -> Result<Self, Problem> {
        let thresholds = visit.workspace.thresholds().await?;
        Ok(Self {
            page: visit.page("settings.thresholds"),
            refused: None,
            rows: thresholds
                .iter()
                .map(|threshold| row(visit, threshold))
                .collect(),
            may_change: visit.entry.roles.contains(&Role::Administrator)
                || visit.entry.roles.contains(&Role::SafetyOfficer),
        })
    }
}

fn row(visit: &Visit, threshold: &Threshold) -> ThresholdRow {
    let words = visit.words();
    let unit = match threshold.name.as_str() {
        "generations_min" => "thresholds.generations",
        "long_length" => "thresholds.characters",
        _ => "thresholds.days",
    };
    let value = threshold.own.unwrap_or(threshold.default);
    ThresholdRow {
        id: threshold.key.replace(['.', '-'], "_"),
        key: threshold.key.clone(),
        check: threshold.title.get(visit.language).to_owned(),
        label: words.get(&format!("threshold.{}", threshold.name)),
        unit: words.get(unit),
        default: threshold.default,
        value: value.to_string(),
        is_own: threshold.own.is_some(),
        refused: None,
    }
}

async fn thresholds(visit: Visit) -> Result<Response, Problem> {
    render(&ThresholdsPage::new(&visit).await?)
}

#[derive(Deserialize)]
struct TypedThreshold {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
}

async fn change_threshold(
    visit: Visit,
    Form(typed): Form<TypedThreshold>,
) -> Result<Response, Problem> {
    let by = &visit.person().name;
    let set = visit.workspace.set_threshold(&typed.key, &typed.value, by);
    match set.await {
        Ok(()) => Ok(Redirect::to("/settings/thresholds?done=saved").into_response()),
        Err(failure) => {
            let refused = Refused::of(failure, visit.language)?;
            let mut page = ThresholdsPage::new(&visit).await?;
            for row in page.rows.iter_mut().filter(|row| row.key == typed.key) {
                row.value.clone_from(&typed.value);
                row.refused = Some(refused.sentence.clone());
            }
            page.refused = Some(refused);
            once_more(&page)
        }
    }
}

/// An explanation of a contradiction.
struct ExceptionRow {
    number: String,
    text: String,
    ends_on: String,
    is_over: bool,
    changed: String,
}

#[derive(Template)]
#[template(path = "exceptions.html")]
struct ExceptionsPage {
    page: Page,
    rows: Vec<ExceptionRow>,
}

async fn exceptions(visit: Visit) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let kept = workspace.kept::<Explanation>().await?;
    let number = |id| {
        let mut editions = workspace.catalog.editions.values();
        let item = editions.find_map(|edition| edition.item(id));
        item.map(|item| item.number.clone()).unwrap_or_default()
    };
    let rows = kept.iter().map(|kept| {
        let explanation = &kept.body;
        let at = visit.words().moment(kept.changed_at);
        ExceptionRow {
            number: number(&explanation.item),
            text: explanation.text.clone(),
            ends_on: visit.words().day(explanation.ends_on),
            is_over: explanation.ends_on < workspace.today,
            changed: visit
                .words()
                .with("people.by", &[("at", &at), ("by", &kept.changed_by)]),
        }
    });
    render(&ExceptionsPage {
        page: visit.page("settings.exceptions"),
        rows: rows.collect(),
    })
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    page: Page,
    version: &'static str,
    support_on: String,
    n_products: usize,
    n_editions: usize,
    n_checks: usize,
    n_terms: usize,
}

async fn data(visit: Visit) -> Result<Response, Problem> {
    let catalog = &visit.workspace.catalog;
    let support = &catalog.product_support;
    render(&DataPage {
        page: visit.page("settings.data"),
        version: env!("CARGO_PKG_VERSION"),
        support_on: visit.words().day(support.effective_on),
        n_products: support.facts.rows.len(),
        n_editions: catalog.editions.len(),
        n_checks: catalog.checks.len(),
        n_terms: catalog.glossary.terms.len(),
    })
}
