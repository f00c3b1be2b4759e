//! Which institution a person works in; for those who run the installation, how all of them stand.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::answer::{Institution, InstitutionKind};
use sonae_domain::era;
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use crate::usecase::institutions::{NewInstitution, Overview, Seen, may_run};
use crate::web::carried::Carried;
use crate::web::page::{Page, render};
use crate::web::pages::doors::resume;
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Guest;

/// More rows than one looks through; beyond, one searches or turns the page.
const ROWS_MAX: usize = 200;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/institutions", show)
        .post("/institutions", choose)
        .get("/institutions/new", ask)
        .post("/institutions/new", add)
}

/// What the overview shows of all institutions.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Part of a name.
    q: String,
    /// Counts from 1.
    page: usize,
}

#[derive(Template)]
#[template(path = "institutions.html")]
struct Institutions {
    page: Page,
    own: Vec<Institution>,
    /// None for who does not run the installation.
    all: Option<All>,
    today: Date,
}

/// The part of the overview that is shown.
struct All {
    q: String,
    n_found: usize,
    first: usize,
    shown: Vec<Overview>,
    before: Option<usize>,
    after: Option<usize>,
}

impl All {
    fn of(mut overview: Vec<Overview>, asked: Asked) -> Self {
        let wanted = asked.q.trim().to_lowercase();
        overview.retain(|row| row.institution.name.to_lowercase().contains(&wanted));
        let n_found = overview.len();
        let n_pages = n_found.div_ceil(ROWS_MAX).max(1);
        let page = asked.page.clamp(1, n_pages);
        let first = (page - 1) * ROWS_MAX;
        let shown: Vec<Overview> = overview.into_iter().skip(first).take(ROWS_MAX).collect();
        Self {
            q: asked.q,
            n_found,
            first: first + 1,
            shown,
            before: (page > 1).then(|| page - 1),
            after: (page < n_pages).then(|| page + 1),
        }
    }

    fn last(&self) -> usize {
        self.first + self.shown.len() - 1
    }
}

impl Institutions {
    fn language(&self) -> Language {
        self.page.words.language
    }

    /// The standings that have a column.
    fn columns(&self) -> [(Standing, Badge); 6] {
        [
            Standing::Contradicted,
            Standing::Overdue,
            Standing::Stale,
            Standing::TargetMissing,
            Standing::Unanswered,
            Standing::Backed,
        ]
        .map(|standing| (standing, Badge::of(standing, self.language())))
    }

    /// When a summary was made; an older one than the last change, or than today's, says so.
    fn seen_on(&self, seen: &Seen) -> String {
        if seen.is_outdated {
            return self.page.w("institutions.outdated").to_owned();
        }
        let day = self.page.day(&seen.judged_on);
        match seen.judged_on == self.today {
            true => self.page.w("institutions.today").to_owned(),
            false => self.page.words.with("institutions.as_of", &[("day", &day)]),
        }
    }
}

async fn show(guest: Guest, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let installation = &guest.visitor.app.installation;
    let overview = installation.overview(&guest.entry).await?;
    render(&Institutions {
        page: guest.page("institutions.title"),
        own: installation.institutions_of(&guest.entry).await?,
        all: overview.map(|overview| All::of(overview, asked)),
        today: era::day_in_japan(installation.settings.clock.now()),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    institution: String,
    /// Where what was typed in that institution goes.
    next: String,
    carried: String,
}

async fn choose(guest: Guest, Form(typed): Form<Choice>) -> Result<Response, Problem> {
    let installation = &guest.visitor.app.installation;
    installation.enter(&guest.entry, &typed.institution).await?;
    if typed.carried.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let own = installation.institutions_of(&guest.entry).await?;
    let entered = own
        .into_iter()
        .find(|own| own.id.as_str() == typed.institution);
    let carried = Carried::of(typed.carried.as_bytes());
    resume(&guest.visitor, entered, &typed.next, carried)
}

#[derive(Template)]
#[template(path = "institution_new.html")]
struct New {
    page: Page,
    refused: Option<String>,
    typed: NewInstitution,
}

impl New {
    /// Kinds of institution: the word of the form's field, and what people call it.
    fn kinds(&self) -> [(&'static str, &'static str); 5] {
        [
            ("clinic", InstitutionKind::Clinic),
            ("dental_clinic", InstitutionKind::DentalClinic),
            ("pharmacy", InstitutionKind::Pharmacy),
            ("hospital", InstitutionKind::Hospital),
            ("birth_centre", InstitutionKind::BirthCentre),
        ]
        .map(|(word, kind)| (word, kind.label(self.page.words.language)))
    }
}

async fn ask(guest: Guest) -> Result<Response, Problem> {
    if !may_run(&guest.entry) {
        return Err(Problem::NotFound);
    }
    render(&New {
        page: guest.page("institutions.new"),
        refused: None,
        typed: NewInstitution::default(),
    })
}

async fn add(guest: Guest, Form(typed): Form<NewInstitution>) -> Result<Response, Problem> {
    let installation = &guest.visitor.app.installation;
    let Err(failure) = installation.add_institution(&guest.entry, &typed).await else {
        return Ok(Redirect::to("/?done=institution_added").into_response());
    };
    let refused = failure.refusal()?;
    let page = render(&New {
        page: guest.page("institutions.new"),
        refused: Some(refused.get(guest.language).to_owned()),
        typed,
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
