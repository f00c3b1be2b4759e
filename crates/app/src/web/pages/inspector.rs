//! The inspector's page: one frozen package behind an address, without an account. It shows nothing
//! that was written after the freeze but remarks and the corrections that answer them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::answer::Answer;
use sonae_domain::ids::{ItemId, RecordId};
use sonae_domain::inspection::answer_marks;
use sonae_domain::labels::Label;
use sonae_domain::standing::Standing;

use super::inspections::{RemarkShown, ZIP};
use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::inspections::InspectorVisit;
use crate::usecase::package::contents::{FormFile, FormItem};
use crate::usecase::register_forms::Typed;
use crate::web::files::{attachment, opened_in_full};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::{Address, Visitor};
use crate::web::words::Words;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/inspect/{code}", show)
        .get("/inspect/{code}/package.zip", package)
        .get("/inspect/{code}/files/{*path}", file)
        .get("/inspect/{code}/documents/{record}", document)
        .post("/inspect/{code}/remarks", remark)
        .post("/inspect/{code}/remarks/{remark}", recheck)
}

async fn opened(visitor: &Visitor, code: &str, address: &str) -> Result<InspectorVisit, Problem> {
    let installation = &visitor.app.installation;
    let visit = installation.inspector_visit(code, address).await;
    visit.map_err(|failure| match failure.kind {
        FailureKind::NotFound => Problem::LinkOver,
        _ => failure.into(),
    })
}

/// A row of the frozen form.
struct Row {
    number: String,
    wording: String,
    answer: Option<Told>,
    standing: Badge,
    reason: String,
    /// Words of the marks that an inspector may ask about.
    marks: Vec<&'static str>,
    /// How many files of machines speak about it, and for which day at the earliest.
    evidence: Option<String>,
    documents: Vec<Enclosed>,
    explanation: Option<String>,
}

/// An answer in words.
struct Told {
    value: &'static str,
    confirmed_on: String,
    target_on: Option<String>,
    note: Option<String>,
    by: String,
}

/// What was answered otherwise at the inspection before.
struct Changes {
    /// The day of that inspection.
    since: String,
    /// It was about the form of another year, whose rows are others.
    is_other_edition: bool,
    items: Vec<Changed>,
}

/// An item whose answer is another one now.
struct Changed {
    number: String,
    then: String,
    now: String,
}

/// A document about an item.
struct Enclosed {
    /// In the package; empty where the bytes stayed at home.
    path: String,
    title: String,
    day: String,
}

/// What is missing on the form, as an inspector counts it.
#[derive(Default)]
struct Gaps {
    unanswered: Vec<String>,
    /// いいえ without 目標日.
    without_target: Vec<String>,
    contradicted: Vec<String>,
    /// 期限超過, and evidence that is too old.
    late: Vec<String>,
    n_declared: usize,
    n_items: usize,
}

impl Gaps {
    fn of(form: &FormFile) -> Self {
        let mut gaps = Self {
            n_items: form.items.len(),
            ..Self::default()
        };
        for item in &form.items {
            let number = item.number.clone();
            match item.standing {
                Standing::Unanswered => gaps.unanswered.push(number),
                Standing::TargetMissing => gaps.without_target.push(number),
                Standing::Contradicted => gaps.contradicted.push(number),
                Standing::Overdue | Standing::Stale => gaps.late.push(number),
                Standing::Declared => gaps.n_declared += 1,
                _ => {}
            }
        }
        gaps
    }

    fn is_whole(&self) -> bool {
        self.n_items > 0 && self.unanswered.is_empty() && self.without_target.is_empty()
    }
}

#[derive(Template)]
#[template(path = "inspector.html")]
struct InspectorPage {
    page: Page,
    refused: Option<Refused>,
    path: String,
    institution: String,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    gaps: Gaps,
    /// None where there was no inspection before.
    changes: Option<Changes>,
    rows: Vec<Row>,
    /// Path and name.
    files: Vec<(String, &'static str)>,
    vendors: Vec<(String, String)>,
    /// Enclosed evidence: path, name, day.
    evidence: Vec<(String, String, String)>,
    missing: Vec<String>,
    remarks: Vec<RemarkShown>,
    typed: Typed,
    keep: String,
}

/// Files that an inspector asks for first: name and ending in the package, key of the word.
const FILES: [(&str, &str, &str); 4] = [
    ("form", "pdf", "inspector.form_pdf"),
    ("form", "xlsx", "inspector.form_xlsx"),
    ("ledger", "pdf", "inspector.ledger_pdf"),
    ("ledger", "xlsx", "inspector.ledger_xlsx"),
];

impl InspectorPage {
    async fn of(
        visitor: &Visitor,
        visit: &InspectorVisit,
        code: &str,
        typed: Typed,
    ) -> Result<Self, Problem> {
        let words = visitor.words();
        let (package, view) = (&visit.package, &visit.view);
        let files = FILES.iter().filter_map(|(name, ending, key)| {
            let path = format!("{name}.{ending}");
            package.file(&path)?;
            Some((path, words.get(key)))
        });
        let language = visitor.language;
        Ok(Self {
            page: visitor.page("inspector.title"),
            refused: None,
            path: format!("/inspect/{code}"),
            institution: package.contents.about.institution_name.clone(),
            facts: facts(visit, words),
            gaps: Gaps::of(&package.contents.form),
            changes: changes(visit, words).await?,
            rows: rows(visit, words),
            files: files.collect(),
            vendors: (package.contents.vendors.iter())
                .map(|vendor| (vendor.pdf.clone(), vendor.vendor.clone()))
                .collect(),
            evidence: (package.contents.evidence.iter())
                .filter_map(|entry| {
                    let (title, day) = (entry.title.get(language), words.day(entry.effective_on));
                    Some((entry.path.clone()?, title.to_owned(), day))
                })
                .collect(),
            missing: (package.contents.missing.iter())
                .map(|missing| missing.what.get(language).to_owned())
                .collect(),
            remarks: RemarkShown::all(visitor, &visit.workspace, &view.remarks).await?,
            typed,
            keep: format!("inspection-{}", view.id),
        })
    }
}

fn facts(visit: &InspectorVisit, words: Words) -> Vec<(&'static str, String)> {
    let inspection = &visit.view.inspection;
    let ends_at = inspection
        .link
        .as_ref()
        .map(|link| words.moment(link.ends_at));
    let mut editions = visit.workspace.catalog.editions.values();
    let edition = editions.find(|edition| edition.head.id == inspection.edition);
    vec![
        (
            words.get("inspections.authority"),
            inspection.authority.clone(),
        ),
        (
            words.get("inspections.inspected_on"),
            words.day(inspection.inspected_on),
        ),
        (
            words.get("inspector.edition"),
            edition.map_or_else(String::new, |edition| edition.head.label.clone()),
        ),
        (
            words.get("inspections.frozen_at"),
            words.moment(inspection.frozen_at),
        ),
        (
            words.get("inspector.open_until"),
            ends_at.unwrap_or_default(),
        ),
    ]
}

/// The answer that counts: that of the latest round.
fn latest(item: &FormItem) -> Option<&Answer> {
    item.answers.iter().max_by_key(|answer| answer.round)
}

/// Answer and standing in a line.
fn in_short(item: Option<&FormItem>, words: Words) -> String {
    let Some(item) = item else {
        return words.get("inspector.unanswered").to_owned();
    };
    let standing = item.standing.label(words.language);
    let Some(answer) = latest(item) else {
        return standing.to_owned();
    };
    let target = answer.target_on.map(|day| words.day(day));
    let said = [Some(answer.value.label(words.language).to_owned()), target];
    let said: Vec<String> = said.into_iter().flatten().collect();
    format!("{} [{standing}]", said.join(" "))
}

async fn changes(visit: &InspectorVisit, words: Words) -> Result<Option<Changes>, Problem> {
    let Some((day, before)) = visit.package_before().await? else {
        return Ok(None);
    };
    let is_other_edition = before.contents.about.edition != visit.package.contents.about.edition;
    let said = |item: Option<&FormItem>| {
        let answer = item.and_then(latest);
        let answer = answer.map(|answer| (answer.value, answer.target_on));
        (answer, item.map(|item| item.standing))
    };
    let before = before
        .contents
        .form
        .items
        .iter()
        .map(|item| (&item.item, item));
    let before: BTreeMap<&ItemId, &FormItem> = before.collect();
    let items = visit.package.contents.form.items.iter().filter_map(|item| {
        let then = before.get(&item.item).copied();
        (!is_other_edition && said(then) != said(Some(item))).then(|| Changed {
            number: item.number.clone(),
            then: in_short(then, words),
            now: in_short(Some(item), words),
        })
    });
    Ok(Some(Changes {
        since: words.day(day),
        is_other_edition,
        items: items.collect(),
    }))
}

fn rows(visit: &InspectorVisit, words: Words) -> Vec<Row> {
    let package = &visit.package;
    let marks = answer_marks(
        package
            .contents
            .form
            .items
            .iter()
            .flat_map(|item| &item.answers),
    );
    let row = |item: &FormItem| {
        let answer = latest(item);
        let key = answer.map(|answer| (&item.item, answer.round));
        let marks = key.and_then(|key| marks.get(&key)).into_iter().flatten();
        let explanations = package.contents.explanations.iter();
        let named = visit.workspace.item_link_of(&item.item);
        let mut explanations = explanations.filter(|it| it.explanation.item == item.item);
        Row {
            number: item.number.clone(),
            // Where several rows share a number, what tells them apart stands before the words.
            wording: named.map_or_else(|| item.wording.clone(), |named| named.text),
            answer: answer.map(|answer| Told::of(answer, words)),
            standing: Badge::of(item.standing, words.language),
            reason: item.reason.get(words.language).to_owned(),
            marks: marks.map(|mark| mark.label(words.language)).collect(),
            evidence: evidence(visit, item, words),
            documents: documents(visit, item, words),
            explanation: explanations.next().map(|it| {
                let until = words.day(it.explanation.ends_on);
                let places: [(&str, &dyn std::fmt::Display); 3] = [
                    ("text", &it.explanation.text),
                    ("by", &it.by),
                    ("day", &until),
                ];
                words.with("inspector.explained", &places)
            }),
        }
    };
    package.contents.form.items.iter().map(row).collect()
}

impl Told {
    fn of(answer: &Answer, words: Words) -> Self {
        Self {
            value: answer.value.label(words.language),
            confirmed_on: words.day(answer.confirmed_on),
            target_on: answer.target_on.map(|day| words.day(day)),
            note: answer.note.clone(),
            by: answer.answered_by.clone(),
        }
    }
}

fn evidence(visit: &InspectorVisit, item: &FormItem, words: Words) -> Option<String> {
    let behind = visit.package.contents.evidence.iter();
    let days = behind
        .filter(|evidence| item.evidence.contains(&evidence.id))
        .map(|evidence| evidence.effective_on);
    let days: Vec<_> = days.collect();
    let earliest = words.day(*days.iter().min()?);
    let places: [(&str, &dyn std::fmt::Display); 2] = [("n", &days.len()), ("day", &earliest)];
    Some(words.with("inspector.evidence", &places))
}

fn documents(visit: &InspectorVisit, item: &FormItem, words: Words) -> Vec<Enclosed> {
    let documents = visit.package.contents.documents.iter();
    let of_item = documents.filter(|document| document.items.contains(&item.item));
    of_item
        .map(|document| Enclosed {
            path: document.path.clone().unwrap_or_default(),
            title: document.title.clone(),
            day: words.day(document.effective_on),
        })
        .collect()
}

async fn show(
    visitor: Visitor,
    Address(address): Address,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    render(&InspectorPage::of(&visitor, &visit, &code, Typed::default()).await?)
}

async fn package(
    visitor: Visitor,
    Address(address): Address,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let bytes = visit.workspace.frozen_bytes(&visit.view).await?;
    let name = format!("sonae-{}.zip", visit.view.inspection.inspected_on);
    Ok(attachment(&name, ZIP, bytes))
}

async fn file(
    visitor: Visitor,
    Address(address): Address,
    Path((code, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let bytes = visit.package.file(&path).ok_or(Problem::NotFound)?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    Ok(opened_in_full(name, bytes.to_vec()))
}

/// A document that a correction names.
async fn document(
    visitor: Visitor,
    Address(address): Address,
    Path((code, record)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let (name, bytes) = visit.correcting_document(&RecordId::new(record)).await?;
    Ok(opened_in_full(&name, bytes))
}

async fn remark(
    visitor: Visitor,
    Address(address): Address,
    Path(code): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let typed = Typed::of(typed);
    let did = visit.write_remark(&typed).await;
    done(&visitor, &visit, &code, (did, typed)).await
}

async fn recheck(
    visitor: Visitor,
    Address(address): Address,
    Path((code, remark)): Path<(String, String)>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let did = visit
        .recheck(&RecordId::new(remark), &Typed::of(typed))
        .await;
    done(&visitor, &visit, &code, (did, Typed::default())).await
}

async fn done(
    visitor: &Visitor,
    visit: &InspectorVisit,
    code: &str,
    (did, typed): (Result<(), Failure>, Typed),
) -> Result<Response, Problem> {
    match did {
        Ok(()) => {
            let place = format!("/inspect/{code}?done=remark_kept#part-remarks");
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => once_more(&InspectorPage {
            refused: Some(Refused::of(failure, visitor.language)?),
            ..InspectorPage::of(visitor, visit, code, typed).await?
        }),
    }
}
