//! 様式・印刷: which form, of when, with what; a look at what will be printed; then the file.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Query;
use serde::{Deserialize, Serialize};
use sonae_domain::edition::{Verification, Wording};
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use crate::usecase::apart::apart;
use crate::usecase::checklist::WhichForm;
use crate::usecase::form::{AnswerShown, FileKind, FormOptions, FormPreview, PrintableForm};
use crate::usecase::ledger::LedgerFormat;
use crate::usecase::past;
use crate::web::files::attachment;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

pub(super) const PDF: &str = "application/pdf";

pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/forms", show)
        .get("/forms/form.pdf", form_pdf)
        .get("/forms/form.xlsx", form_xlsx)
        .get("/forms/confirmation.pdf", confirmation_pdf)
        .get("/forms/ledger.pdf", ledger_pdf)
}

/// What is to be printed; the same in the address of the page and of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    /// Edition and form: `fy2025/facility`.
    form: String,
    /// Up to this round; empty means all.
    round: String,
    /// `full`, `form` or `blank`.
    content: String,
    /// The day at whose end things stood so; empty means now.
    on: String,
}

impl Asked {
    fn options(&self, language: Language) -> FormOptions {
        let (edition, form) = match self.form.split_once('/') {
            Some((edition, form)) => (Some(edition.to_owned()), Some(form.to_owned())),
            None => (None, None),
        };
        FormOptions {
            which: WhichForm { form, edition },
            blank: self.content == "blank",
            form_only: self.content == "form",
            round: self.round.parse().ok(),
            language,
        }
    }

    fn query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "forms.html")]
struct FormsPage {
    page: Page,
    asked: Asked,
    forms: Vec<PrintableForm>,
    preview: Option<FormPreview>,
    refused: Option<String>,
}

impl FormsPage {
    fn is_chosen(&self, form: &PrintableForm) -> bool {
        let preview = self.preview.as_ref();
        preview.is_some_and(|shown| shown.edition == form.edition && shown.form == form.form)
    }

    fn query(&self) -> String {
        self.asked.query()
    }

    /// Values of `content` with the keys of their words.
    fn contents(&self) -> [(&'static str, &'static str); 3] {
        [
            ("full", "forms.content_full"),
            ("form", "forms.content_form"),
            ("blank", "forms.content_blank"),
        ]
    }

    fn is_content(&self, value: &str) -> bool {
        self.asked.content == value || (self.asked.content.is_empty() && value == "full")
    }

    fn is_round(&self, round: &u8) -> bool {
        self.asked.round == round.to_string()
    }

    /// The mark of a wording that was not read on the official file.
    fn mark(&self, wording: &Wording) -> Option<&'static str> {
        let is_open = wording.verification != Verification::Verified;
        is_open.then(|| wording.verification.label(self.page.words.language))
    }

    fn badge(&self, standing: &Standing) -> Badge {
        Badge::of(*standing, self.page.words.language)
    }

    fn answer(&self, answer: &AnswerShown) -> &'static str {
        answer.value.label(self.page.words.language)
    }
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (preview, refused) = match preview(&visit, &asked).await {
        Ok(preview) => (Some(preview), None),
        Err(Problem::Failed(failure)) => {
            let sentence = failure.text.get(visit.language).to_owned();
            (None, Some(sentence))
        }
        Err(problem) => return Err(problem),
    };
    let status = match refused {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = render(&FormsPage {
        page: visit.page("forms.title"),
        forms: visit.workspace.printable_forms(),
        asked,
        preview,
        refused,
    })?;
    Ok((status, page).into_response())
}

async fn preview(visit: &Visit, asked: &Asked) -> Result<FormPreview, Problem> {
    let workspace = past::at(&visit.workspace, &asked.on)?;
    let options = asked.options(visit.language);
    Ok(workspace.form_preview(&options).await?)
}

async fn form_pdf(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let bytes = file(&visit, &asked, FileKind::Pdf).await?;
    Ok(attachment(&name(&visit, &asked, "pdf")?, PDF, bytes))
}

async fn form_xlsx(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let bytes = file(&visit, &asked, FileKind::Xlsx).await?;
    Ok(attachment(&name(&visit, &asked, "xlsx")?, XLSX, bytes))
}

async fn confirmation_pdf(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let workspace = past::at(&visit.workspace, &asked.on)?;
    let options = asked.options(visit.language);
    let (edition, form) = workspace.form(&options.which)?;
    let (edition, form, day) = (&edition.head.id, &form.id, workspace.today);
    let name = format!("{edition}-{form}-confirmation-{day}.pdf");
    let workspace = workspace.clone();
    let work = async move { workspace.confirmation_sheet(&options).await };
    Ok(attachment(&name, PDF, apart(work).await?))
}

async fn file(visit: &Visit, asked: &Asked, kind: FileKind) -> Result<Vec<u8>, Problem> {
    let workspace = past::at(&visit.workspace, &asked.on)?;
    let options = asked.options(visit.language);
    let work = async move { workspace.form_file(&options, kind).await };
    Ok(apart(work).await?)
}

/// `fy2025-facility-2026-11-21.pdf`
fn name(visit: &Visit, asked: &Asked, ending: &str) -> Result<String, Problem> {
    let workspace = past::at(&visit.workspace, &asked.on)?;
    let options = asked.options(visit.language);
    let (edition, form) = workspace.form(&options.which)?;
    let blank = if options.blank { "-blank" } else { "" };
    let (edition, form, day) = (&edition.head.id, &form.id, workspace.today);
    Ok(format!("{edition}-{form}{blank}-{day}.{ending}"))
}

async fn ledger_pdf(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let workspace = past::at(&visit.workspace, &asked.on)?;
    let (bytes, _) = workspace.ledger_file(LedgerFormat::Pdf, true).await?;
    let name = format!("ledger-{}.pdf", workspace.today);
    Ok(attachment(&name, PDF, bytes))
}
