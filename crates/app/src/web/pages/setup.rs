//! The first visit: one page of a few questions, from nothing to a named institution and the first
//! account.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use sonae_domain::answer::{InstitutionKind, VendorContract};
use sonae_domain::edition::Text;
use sonae_domain::labels::{Label, Language};

use super::doors::enter;
use crate::usecase::first_visit::NewHouse;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::{Address, Visitor};

/// Rows for vendors that the form shows; more are added later in the settings.
const N_VENDORS: usize = 3;

/// Kinds of institution: the word of the form's field, and the kind.
pub(crate) const KINDS: [(&str, InstitutionKind); 5] = [
    ("clinic", InstitutionKind::Clinic),
    ("dental_clinic", InstitutionKind::DentalClinic),
    ("pharmacy", InstitutionKind::Pharmacy),
    ("hospital", InstitutionKind::Hospital),
    ("birth_centre", InstitutionKind::BirthCentre),
];

/// Whether there is a contract: the word of the form's field, and the value.
pub(crate) const CONTRACTS: [(&str, VendorContract); 3] = [
    ("exists", VendorContract::Exists),
    ("none", VendorContract::None),
    ("unconfirmed", VendorContract::Unconfirmed),
];

pub(crate) fn open(doors: Doors) -> Doors {
    doors.get("/setup", show).post("/setup", set_up)
}

/// One of several to choose, as a form shows it.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

/// The kinds of institution to choose from.
pub(crate) fn kinds(chosen: &str, language: Language) -> Vec<Choice> {
    let choice = |(word, kind): (&str, InstitutionKind)| Choice {
        value: word.to_owned(),
        label: kind.label(language).to_owned(),
        is_chosen: word == chosen,
    };
    KINDS.map(choice).into()
}

/// What can be said about a contract with a vendor.
pub(crate) fn contracts(chosen: &str, language: Language) -> Vec<Choice> {
    let choice = |(word, contract): (&str, VendorContract)| Choice {
        value: word.to_owned(),
        label: contract.label(language).to_owned(),
        is_chosen: word == chosen,
    };
    CONTRACTS.map(choice).into()
}

/// The prefectures to choose from.
pub(crate) fn prefectures(chosen: &str, visitor: &Visitor) -> Vec<Choice> {
    let catalog = visitor.app.installation.catalog();
    let all = catalog.prefectures.iter();
    all.map(|prefecture| Choice {
        value: prefecture.id.clone(),
        label: prefecture.name.get(visitor.language).to_owned(),
        is_chosen: prefecture.id == chosen,
    })
    .collect()
}

/// A system in common use, and who has one.
struct Preset {
    choice: Choice,
    /// The kinds that do not use one; said beside it, because the kind is chosen on the same page.
    used_by: String,
}

/// A row of the vendors.
struct VendorRow {
    number: usize,
    name: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    page: Page,
    code: String,
    refused: Option<Refused>,
    typed: NewHouse,
    prefectures: Vec<Choice>,
    presets: Vec<Preset>,
}

impl SetupPage {
    fn new(visitor: &Visitor, code: String, typed: NewHouse) -> Self {
        Self {
            page: visitor.page("setup.title"),
            code,
            refused: None,
            prefectures: prefectures(&typed.prefecture, visitor),
            presets: presets(&typed, visitor),
            typed,
        }
    }

    fn kinds(&self) -> Vec<Choice> {
        kinds(&self.typed.kind, self.page.words.language)
    }

    fn contracts(&self) -> Vec<Choice> {
        let chosen = match self.typed.contract.as_str() {
            "" => "unconfirmed",
            typed => typed,
        };
        contracts(chosen, self.page.words.language)
    }

    fn vendors(&self) -> Vec<VendorRow> {
        let typed = |list: &Vec<String>, at: usize| list.get(at).cloned().unwrap_or_default();
        let row = |at: usize| VendorRow {
            number: at + 1,
            name: typed(&self.typed.vendor, at),
            phone: typed(&self.typed.vendor_phone, at),
        };
        (0..N_VENDORS.max(self.typed.vendor.len()))
            .map(row)
            .collect()
    }

    fn other_system(&self) -> String {
        self.typed.other_system.join(" ")
    }
}

fn presets(typed: &NewHouse, visitor: &Visitor) -> Vec<Preset> {
    let catalog = visitor.app.installation.catalog();
    let language = visitor.language;
    let used_by = |kinds: &[InstitutionKind]| match kinds.len() == KINDS.len() {
        true => String::new(),
        false => {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.label(language)).collect();
            names.join(visitor.words().get("setup.between"))
        }
    };
    let name = |name: &Text| name.get(language).to_owned();
    let all = catalog.systems.iter();
    all.map(|preset| Preset {
        choice: Choice {
            value: preset.id.clone(),
            label: name(&preset.name),
            is_chosen: typed.system.contains(&preset.id),
        },
        used_by: used_by(&preset.kinds),
    })
    .collect()
}

#[derive(Deserialize)]
struct SetupCode {
    #[serde(default)]
    code: String,
}

async fn show(visitor: Visitor, Query(typed): Query<SetupCode>) -> Result<Response, Problem> {
    if !visitor.app.installation.is_new().await? {
        return Ok(Redirect::to("/").into_response());
    }
    render(&SetupPage::new(&visitor, typed.code, NewHouse::default()))
}

async fn set_up(
    visitor: Visitor,
    Address(address): Address,
    cookies: CookieJar,
    Form(typed): Form<NewHouse>,
) -> Result<Response, Problem> {
    let app = &visitor.app;
    let code = typed.code.clone();
    let is_right = app.setup_code.as_ref().is_none_or(|known| *known == code);
    let refused = match is_right {
        false => {
            app.installation.count_address(&address).await?;
            Refused::said(visitor.words().get("setup.wrong_code"))
        }
        true => match app.installation.set_up(&typed).await {
            Ok(signed_in) => return Ok(enter(app, cookies, &signed_in, "/")),
            Err(failure) => Refused::of(failure, visitor.language)?,
        },
    };
    once_more(&SetupPage {
        refused: Some(refused),
        ..SetupPage::new(&visitor, code, typed)
    })
}
