//! Importing a ledger: an upload, a report of what would happen, and a yes.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query};
use serde::{Deserialize, Serialize};
use sonae_domain::era;

use crate::usecase::ledger::{
    AssetField, DryRun, FieldChange, LedgerImport, PlanKind, PlanLine, Recorded, UPLOAD_BYTES_MAX,
    field_title, field_word, shown_text,
};
use crate::web::files::{Upload, attachment};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::visit::Visit;

/// Lines of the report on one page; the whole is a file.
const LINES_MAX: usize = 200;

pub(super) fn open(doors: Doors) -> Doors {
    doors
        .get("/ledger/import", choose)
        .upload("/ledger/import", UPLOAD_BYTES_MAX, upload)
        .get("/ledger/import/{token}", report)
        .post("/ledger/import/{token}", confirm)
        .get("/ledger/import/{token}/report.csv", report_csv)
}

#[derive(Template)]
#[template(path = "ledger/import.html")]
struct ChoosePage {
    page: Page,
    refused: Option<String>,
    /// A file that was sent already, with its name.
    token: String,
    file_name: String,
    on: String,
}

async fn choose(visit: Visit) -> Result<Response, Problem> {
    render(&ChoosePage {
        page: visit.page("ledger.import_title"),
        refused: None,
        token: String::new(),
        file_name: String::new(),
        on: String::new(),
    })
}

/// Keeps the file and leads to the report; without a day it asks for one, and the file need not be
/// chosen again.
async fn upload(visit: Visit, sent: Upload) -> Result<Response, Problem> {
    let (workspace, by) = (&visit.workspace, &visit.person().account);
    let on = sent.text("on").trim().to_owned();
    let mut token = sent.text("token").to_owned();
    let mut file_name = String::new();
    if let Some(file) = sent.files.first() {
        token = workspace
            .keep_upload(by, &file.name, file.bytes.clone())
            .await?;
        file_name.clone_from(&file.name);
    } else if !token.is_empty() {
        file_name = workspace.kept_upload(by, &token).await?.name;
    }
    let refused = match (token.is_empty(), era::parse_day(&on)) {
        (true, _) => "ledger.import_no_file",
        (false, None) => "ledger.import_no_day",
        (false, Some(on)) => {
            let asked = Asked {
                on: on.to_string(),
                ..Asked::default()
            };
            return Ok(Redirect::to(&asked.address(&token, None)).into_response());
        }
    };
    let page = render(&ChoosePage {
        page: visit.page("ledger.import_title"),
        refused: Some(visit.words().get(refused).to_owned()),
        token,
        file_name,
        on,
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What a person says about the file, as addresses and forms carry it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    /// The day for which the file speaks.
    on: String,
    /// `HEADER=FIELD`; empty where nothing was chosen.
    column: Vec<String>,
    /// Lines of this kind only.
    show: String,
    /// What the person saw when they said yes.
    plan: String,
}

impl Asked {
    fn import(&self, token: &str) -> LedgerImport {
        let columns = self.column.iter().filter(|column| !column.is_empty());
        LedgerImport {
            token: token.to_owned(),
            effective_on: era::parse_day(&self.on),
            columns: columns.cloned().collect(),
        }
    }

    fn query(&self, show: Option<PlanKind>) -> String {
        let mut pairs = vec![("on", self.on.as_str())];
        let columns = self.column.iter().filter(|column| !column.is_empty());
        pairs.extend(columns.map(|column| ("column", column.as_str())));
        pairs.extend(show.map(|kind| ("show", kind.as_str())));
        serde_html_form::to_string(pairs).unwrap_or_default()
    }

    fn address(&self, token: &str, show: Option<PlanKind>) -> String {
        format!("/ledger/import/{token}?{}", self.query(show))
    }
}

#[derive(Template)]
#[template(path = "ledger/report.html")]
struct ReportPage {
    page: Page,
    token: String,
    asked: Asked,
    run: DryRun,
    /// The ledger or the file changed after the person had seen the report.
    changed_meanwhile: bool,
}

/// A kind of lines with how many there are.
struct Tab {
    title: String,
    n: usize,
    address: String,
    is_here: bool,
}

impl ReportPage {
    /// What to know before a ledger older than the one that counts is taken.
    fn older(&self) -> Option<String> {
        let (file, on) = self.run.plan.as_ref().ok()?.newer.as_ref()?;
        let (words, on) = (self.page.words, self.page.words.day(*on));
        Some(words.with("ledger.plan_older", &[("file", file), ("day", &on)]))
    }

    fn refused(&self) -> Option<&str> {
        let refused = self.run.plan.as_ref().err();
        refused.map(|why| why.get(self.page.words.language))
    }

    fn on(&self) -> String {
        let on = era::parse_day(&self.asked.on);
        on.map_or_else(String::new, |on| self.page.day(&on))
    }

    fn plan(&self) -> &str {
        self.run.plan.as_ref().map_or("", |plan| plan.hash.as_str())
    }

    fn tabs(&self) -> Vec<Tab> {
        let counts = self.run.plan.as_ref().map(|plan| plan.counts());
        let tab = |(kind, n): (PlanKind, usize)| Tab {
            title: kind.title().get(self.page.words.language).to_owned(),
            n,
            address: self.asked.address(&self.token, Some(kind)),
            is_here: self.asked.show == kind.as_str(),
        };
        counts.unwrap_or_default().into_iter().map(tab).collect()
    }

    fn all_lines(&self) -> impl Iterator<Item = &PlanLine> {
        let mut kinds = PlanKind::ALL.into_iter();
        let shown = kinds.find(|kind| kind.as_str() == self.asked.show);
        let lines = self.run.plan.iter().flat_map(|plan| &plan.lines);
        // What stays as it is need not be read, unless somebody wants to.
        lines.filter(move |line| match shown {
            Some(kind) => line.kind == kind,
            None => line.kind != PlanKind::Same,
        })
    }

    fn lines(&self) -> Vec<&PlanLine> {
        self.all_lines().take(LINES_MAX).collect()
    }

    fn n_more(&self) -> usize {
        self.all_lines().count().saturating_sub(LINES_MAX)
    }

    fn field(&self, change: &FieldChange) -> String {
        field_title(change.field, self.page.words.language)
    }

    fn before(&self, change: &FieldChange) -> String {
        let text = change.before.as_deref().unwrap_or_default();
        shown_text(change.field, text, self.page.words.language)
    }

    fn after(&self, change: &FieldChange) -> String {
        let text = change.after.as_deref().unwrap_or_default();
        shown_text(change.field, text, self.page.words.language)
    }

    /// The fields that a column may be read as: word and name.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let field = |field| {
            (
                field_word(field),
                field_title(field, self.page.words.language),
            )
        };
        AssetField::ALL.into_iter().map(field).collect()
    }

    fn is_same(&self, a: &str, b: &str) -> bool {
        a == b
    }

    fn query(&self) -> String {
        self.asked.query(None)
    }

    fn all_address(&self) -> String {
        self.asked.address(&self.token, None)
    }
}

async fn report(
    visit: Visit,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    report_page(&visit, token, asked, false).await
}

async fn report_page(
    visit: &Visit,
    token: String,
    asked: Asked,
    changed_meanwhile: bool,
) -> Result<Response, Problem> {
    let (workspace, by) = (&visit.workspace, &visit.person().account);
    let run = match workspace.ledger_dry_run(by, &asked.import(&token)).await {
        Ok(run) => run,
        // A mapping that nobody can follow: the columns as they were before.
        Err(failure) => return Err(failure.into()),
    };
    let status = match (run.plan.is_ok(), changed_meanwhile) {
        (true, false) => StatusCode::OK,
        (true, true) => StatusCode::CONFLICT,
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = render(&ReportPage {
        page: visit.page("ledger.report_title"),
        token,
        asked,
        run,
        changed_meanwhile,
    })?;
    Ok((status, page).into_response())
}

async fn confirm(
    visit: Visit,
    Path(token): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let person = visit.person();
    let by = (&person.account, person.name.as_str());
    let import = asked.import(&token);
    let done = visit
        .workspace
        .import_ledger(by, &import, &asked.plan)
        .await;
    let done = match done {
        Ok(Some(Recorded::New)) => "ledger_imported",
        Ok(Some(Recorded::AlreadyKnown(_))) => "ledger_known",
        Ok(Some(Recorded::OlderThanCurrent(_))) => "ledger_older",
        Ok(None) => return report_page(&visit, token, asked, true).await,
        Err(failure) => {
            failure.refusal()?;
            return report_page(&visit, token, asked, false).await;
        }
    };
    Ok(Redirect::to(&format!("/ledger?done={done}")).into_response())
}

async fn report_csv(
    visit: Visit,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (workspace, by) = (&visit.workspace, &visit.person().account);
    let run = workspace.ledger_dry_run(by, &asked.import(&token)).await?;
    let plan = run.plan.map_err(|_| Problem::NotFound)?;
    let title = visit.words().get("ledger.report_file");
    let name = format!("{title}-{}.csv", workspace.today);
    Ok(attachment(&name, "text/csv", plan.csv(visit.language)))
}
