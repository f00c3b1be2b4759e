//! 期限: the days of a fiscal year to keep in mind, what is overdue first, and the secret address
//! under which a calendar program reads them.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use sonae_domain::era;
use sonae_domain::labels::Language;

use crate::usecase::calendar::CalendarAddress;
use crate::usecase::charts::{self, Drawn};
use crate::usecase::checklist::WhichForm;
use crate::usecase::deadlines::{Deadline, DeadlineKind, Undated};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::{Visit, Visitor};

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/deadlines", show)
        .post("/deadlines/calendar", make_address)
        .post("/deadlines/calendar/withdraw", withdraw_address)
        .get("/calendar/{token}", calendar)
}

/// Years before and after the present one that somebody may look at; deadlines lie in them.
const YEARS_MAX: i16 = 10;

#[derive(Default, Deserialize)]
struct Asked {
    year: Option<i16>,
}

#[derive(Template)]
#[template(path = "deadlines.html")]
struct Deadlines {
    page: Page,
    today: Date,
    /// First calendar year of the fiscal year that is shown.
    year: i16,
    overdue: Vec<Deadline>,
    undated: Vec<Undated>,
    months: Vec<Month>,
    n_later: usize,
    timeline: Drawn,
    address: Option<CalendarAddress>,
    /// The whole address, shown once, right after it was made.
    new_address: Option<String>,
}

/// The deadlines of one month.
struct Month {
    first: Date,
    deadlines: Vec<Deadline>,
}

impl Deadlines {
    fn language(&self) -> Language {
        self.page.words.language
    }

    fn year_name(&self, year: i16) -> String {
        match self.language() {
            Language::Ja => era::format_fiscal_year(year),
            Language::En => format!("FY{year}"),
        }
    }

    fn month_name(&self, first: &Date) -> String {
        let day = self.page.day(first);
        match self.language() {
            Language::Ja => day
                .trim_end_matches(self.page.w("deadlines.first_day"))
                .to_owned(),
            Language::En => first.strftime("%B %Y").to_string(),
        }
    }

    fn kind(&self, deadline: &Deadline) -> &'static str {
        self.page.w(match deadline.kind {
            DeadlineKind::Ministry => "deadlines.ministry",
            DeadlineKind::Target => "deadlines.target",
            DeadlineKind::Evidence => "deadlines.evidence",
            DeadlineKind::Contract => "deadlines.contract",
            DeadlineKind::Support => "deadlines.support",
            DeadlineKind::Document => "deadlines.document",
            DeadlineKind::Explanation => "deadlines.explanation",
            DeadlineKind::Grant => "deadlines.grant",
            DeadlineKind::Request => "deadlines.request",
            DeadlineKind::Remark => "deadlines.remark",
        })
    }

    /// How long there is, or since when it is overdue.
    fn distance(&self, deadline: &Deadline) -> String {
        let words = self.page.words;
        match (deadline.on - self.today).get_days() {
            0 => words.get("deadlines.due_today").to_owned(),
            n @ 1.. => words.with("deadlines.days_left", &[("n", &n)]),
            n => words.with("deadlines.days_over", &[("n", &-n)]),
        }
    }
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    page(&visit, asked.year, None).await
}

async fn page(
    visit: &Visit,
    year: Option<i16>,
    new_address: Option<String>,
) -> Result<Response, Problem> {
    let workspace = &visit.workspace;
    let today = workspace.today;
    let this_year = era::fiscal_year_of(today);
    let year = year.unwrap_or(this_year);
    let year = year.clamp(this_year - YEARS_MAX, this_year + YEARS_MAX);
    let checklist = workspace.judge(&WhichForm::default(), None).await?;
    let all = workspace.deadlines(&checklist).await?;
    let timeline = charts::timeline(year, today, &all, visit.language)?;
    let (_, last) = era::fiscal_year_days(year);
    let n_later = all.iter().filter(|deadline| deadline.on > last).count();
    let (overdue, coming): (Vec<Deadline>, Vec<Deadline>) = all
        .into_iter()
        .partition(|deadline| deadline.is_over(today));
    render(&Deadlines {
        page: visit.page("deadlines.title"),
        today,
        year,
        overdue: match year == this_year {
            true => overdue,
            false => Vec::new(),
        },
        undated: workspace.remarks_without_day().await?,
        months: months(coming, year),
        n_later,
        timeline,
        address: workspace.calendar_address(visit.person()).await?,
        new_address,
    })
}

/// The months of a fiscal year that have deadlines.
fn months(deadlines: Vec<Deadline>, year: i16) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for deadline in deadlines {
        if era::fiscal_year_of(deadline.on) != year {
            continue;
        }
        let first = deadline.on.first_of_month();
        match months.last_mut().filter(|month| month.first == first) {
            Some(month) => month.deadlines.push(deadline),
            None => months.push(Month {
                first,
                deadlines: vec![deadline],
            }),
        }
    }
    months
}

async fn make_address(visit: Visit) -> Result<Response, Problem> {
    let token = visit
        .workspace
        .make_calendar_address(visit.person())
        .await?;
    let address = format!("{}/calendar/{token}.ics", visit.visitor.origin);
    page(&visit, None, Some(address)).await
}

async fn withdraw_address(visit: Visit) -> Result<Redirect, Problem> {
    let person = visit.person();
    visit.workspace.withdraw_calendar_address(person).await?;
    Ok(Redirect::to("/deadlines?done=calendar_withdrawn"))
}

async fn calendar(visitor: Visitor, Path(token): Path<String>) -> Result<Response, Problem> {
    let secret = token.strip_suffix(".ics").unwrap_or(&token);
    let text = visitor.app.installation.calendar(secret, &visitor.origin);
    let text = text.await?;
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    let text = text.ok_or(Problem::NotFound)?;
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
