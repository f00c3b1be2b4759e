//! The inspector's page: one frozen package behind an address, without an account. It shows nothing
//! that was written after the freeze but remarks and the corrections that answer them.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use jiff::Timestamp;
use jiff::civil::Date;
use sonae_domain::answer::Answer;
use sonae_domain::era;
use sonae_domain::ids::{EvidenceId, ItemId, RecordId};
use sonae_domain::labels::Label;
use sonae_domain::standing::Standing;

use super::inspections::ZIP;
use super::remarks::RemarkShown;
use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::inspections::InspectorVisit;
use crate::usecase::package::RowRead;
use crate::usecase::package::contents::{
    AnswerState, DocumentEntry, EvidenceEntry, ExplanationEntry, FormFile, FormItem, VendorEntry,
};
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
        .get("/inspect/{code}/documents/{evidence}", document)
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
    /// None where no file of a machine speaks about it.
    evidence: Option<Behind>,
    documents: Vec<Enclosed>,
    explanations: Vec<ExplanationTold>,
}

/// The files of machines behind a verdict.
struct Behind {
    /// How many, and for which day at the earliest.
    summary: String,
    /// What they are, with their days.
    lines: Vec<String>,
}

/// What the institution says to a contradiction.
struct ExplanationTold {
    text: String,
    /// It had ended when the state was frozen.
    is_over: bool,
}

/// An answer in words.
struct Told {
    value: &'static str,
    confirmed_on: String,
    target_on: Option<String>,
    note: Option<String>,
    by: String,
}

/// What was answered otherwise at the inspection before, with the day of that.
enum Changes {
    /// There was none.
    First,
    /// What was frozen then cannot be read.
    Unreadable(String),
    /// It was about the form of another year, whose rows are others.
    OtherEdition(String),
    Since(String, Vec<Changed>),
}

/// An item whose answer is another one now.
struct Changed {
    number: String,
    then: String,
    now: String,
}

/// A document or a file of a machine.
struct Enclosed {
    /// In the package; empty where the bytes stayed at home.
    path: String,
    title: String,
    /// For which day it speaks, and when it was recorded.
    days: String,
    until: Option<String>,
    /// It counted no longer when the state was frozen.
    is_over: bool,
}

/// A vendor, and how far asking it came.
struct VendorTold {
    vendor: String,
    systems: String,
    /// Of the form that it was asked for, and by when.
    asked: String,
    state: Badge,
    /// Its form; empty where it was never asked.
    path: String,
}

/// A remark of an inspection before, as it was frozen.
struct Earlier {
    /// Which inspection.
    inspection: String,
    remark: RemarkShown,
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
    changes: Changes,
    rows: Vec<Row>,
    /// Path and name.
    files: Vec<(String, &'static str)>,
    vendors: Vec<VendorTold>,
    evidence: Vec<Enclosed>,
    missing: Vec<String>,
    remarks: Vec<RemarkShown>,
    earlier: Vec<Earlier>,
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
            vendors: vendors(visit, words),
            evidence: (package.contents.evidence.iter())
                .filter(|entry| entry.path.is_some())
                .map(|entry| Enclosed::evidence(entry, words))
                .collect(),
            missing: (package.contents.missing.iter())
                .map(|missing| missing.what.get(language).to_owned())
                .collect(),
            remarks: RemarkShown::all(visitor, view),
            earlier: earlier(visit, words),
            typed,
            keep: format!("inspection-{}", view.id),
        })
    }
}

fn facts(visit: &InspectorVisit, words: Words) -> Vec<(&'static str, String)> {
    let inspection = &visit.view.inspection;
    let checkpoint = &visit.package.contents.checkpoint.checkpoint;
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
            words.get("inspector.short_code"),
            checkpoint.short_code().to_string(),
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

async fn changes(visit: &InspectorVisit, words: Words) -> Result<Changes, Problem> {
    let Some(before) = visit.before().await? else {
        return Ok(Changes::First);
    };
    let since = words.day(before.inspected_on);
    let Some(package) = before.package else {
        return Ok(Changes::Unreadable(since));
    };
    let (then, now) = (&package.contents, &visit.package.contents);
    if then.about.edition != now.about.edition {
        return Ok(Changes::OtherEdition(since));
    }
    let said = |item: Option<&FormItem>| {
        let answer = item.and_then(latest);
        let answer = answer.map(|answer| (answer.value, answer.target_on));
        (answer, item.map(|item| item.standing))
    };
    let then = then.form.items.iter().map(|item| (&item.item, item));
    let then: BTreeMap<&ItemId, &FormItem> = then.collect();
    let items = now.form.items.iter().filter_map(|item| {
        let then = then.get(&item.item).copied();
        (said(then) != said(Some(item))).then(|| Changed {
            number: item.number.clone(),
            then: in_short(then, words),
            now: in_short(Some(item), words),
        })
    });
    Ok(Changes::Since(since, items.collect()))
}

fn rows(visit: &InspectorVisit, words: Words) -> Vec<Row> {
    let contents = &visit.package.contents;
    let as_of = contents.about.as_of;
    let row = |read: RowRead<'_>| {
        let item = read.item;
        let named = visit.workspace.item_link_of(&item.item);
        let marks = read.answers.last().map(|read| &read.marks);
        Row {
            number: item.number.clone(),
            // Where several rows share a number, what tells them apart stands before the words.
            wording: named.map_or_else(|| item.wording.clone(), |named| named.text),
            answer: read.answers.last().map(|it| Told::of(it.answer, words)),
            standing: Badge::of(item.standing, words.language),
            reason: item.reason.get(words.language).to_owned(),
            marks: marks
                .into_iter()
                .flatten()
                .map(|mark| mark.label(words.language))
                .collect(),
            evidence: Behind::of(&read.evidence, words),
            documents: (read.documents.iter())
                .map(|entry| Enclosed::document(entry, as_of, words))
                .collect(),
            explanations: (read.explanations.iter())
                .map(|entry| ExplanationTold::of(entry, as_of, words))
                .collect(),
        }
    };
    contents.rows().into_iter().map(row).collect()
}

fn vendors(visit: &InspectorVisit, words: Words) -> Vec<VendorTold> {
    let contents = &visit.package.contents;
    let told = |entry: &VendorEntry| {
        let request = entry.request.as_ref();
        let asked = request.map(|request| {
            let due_on = words.day(request.due_on);
            words.with(
                "inspector.vendor_asked",
                &[("edition", &request.edition_label), ("day", &due_on)],
            )
        });
        let is_late = request.is_some_and(|request| request.due_on < contents.about.as_of);
        // Styled like the standing that means as much to do.
        let (wire, key) = match request.map(|request| request.state) {
            Some(AnswerState::Answered) => ("backed", "inspector.vendor_answered"),
            Some(AnswerState::NotTakenOver) => ("planned", "inspector.vendor_not_taken_over"),
            Some(AnswerState::NotAnswered) if is_late => ("overdue", "inspector.vendor_late"),
            Some(AnswerState::NotAnswered) => ("planned", "inspector.vendor_not_answered"),
            None => ("overdue", "inspector.vendor_never_asked"),
        };
        VendorTold {
            vendor: entry.vendor.clone(),
            systems: entry.systems.join(words.get("people.between")),
            asked: asked.unwrap_or_default(),
            state: Badge {
                wire: wire.to_owned(),
                word: words.get(key),
            },
            path: request.map(|it| it.pdf.clone()).unwrap_or_default(),
        }
    };
    contents.vendors.iter().map(told).collect()
}

fn earlier(visit: &InspectorVisit, words: Words) -> Vec<Earlier> {
    let contents = &visit.package.contents;
    let shown = contents.remarks.iter().map(|entry| {
        let item = entry.remark.said.item.as_ref();
        let item = item.and_then(|item| visit.workspace.item_link_of(item));
        let state = entry.remark.state(contents.about.as_of);
        let day = words.day(entry.inspected_on);
        Earlier {
            inspection: words.with(
                "inspector.earlier_of",
                &[("authority", &entry.authority), ("day", &day)],
            ),
            remark: RemarkShown::earlier(words, entry, state, item.as_ref()),
        }
    });
    shown.collect()
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

/// A cell of a table stays readable with so many lines.
const LINES_SHOWN_MAX: usize = 5;

impl Behind {
    fn is_long(&self) -> bool {
        self.lines.len() > LINES_SHOWN_MAX
    }

    fn of(evidence: &[&EvidenceEntry], words: Words) -> Option<Self> {
        let days = evidence.iter().map(|entry| entry.effective_on);
        let earliest = words.day(days.min()?);
        let lines = evidence.iter().map(|entry| {
            let Enclosed { title, days, .. } = Enclosed::evidence(entry, words);
            format!("{title} {days}")
        });
        // Machines of the same kind, looked at on the same day, are one line.
        let lines: BTreeSet<String> = lines.collect();
        Some(Self {
            summary: words.with(
                "inspector.evidence",
                &[("n", &evidence.len()), ("day", &earliest)],
            ),
            lines: lines.into_iter().collect(),
        })
    }
}

impl Enclosed {
    fn evidence(entry: &EvidenceEntry, words: Words) -> Self {
        Self {
            path: entry.path.clone().unwrap_or_default(),
            title: entry.title.get(words.language).to_owned(),
            days: days(entry.effective_on, entry.recorded_at, words),
            until: None,
            is_over: false,
        }
    }

    fn document(entry: &DocumentEntry, as_of: Date, words: Words) -> Self {
        Self {
            path: entry.path.clone().unwrap_or_default(),
            title: entry.title.clone(),
            days: days(entry.effective_on, entry.recorded_at, words),
            until: entry.valid_until.map(|day| words.day(day)),
            is_over: entry.is_over(as_of),
        }
    }
}

/// For which day something speaks, and when it was recorded.
fn days(effective_on: Date, recorded_at: Timestamp, words: Words) -> String {
    let recorded_on = words.day(era::day_in_japan(recorded_at));
    words.with(
        "inspector.days",
        &[
            ("day", &words.day(effective_on)),
            ("recorded", &recorded_on),
        ],
    )
}

impl ExplanationTold {
    fn of(entry: &ExplanationEntry, as_of: Date, words: Words) -> Self {
        let recorded_on = words.day(era::day_in_japan(entry.at));
        let text = words.with(
            "inspector.explained",
            &[
                ("text", &entry.explanation.text),
                ("by", &entry.by),
                ("recorded", &recorded_on),
                ("day", &words.day(entry.explanation.ends_on)),
            ],
        );
        Self {
            text,
            is_over: !entry.holds(as_of),
        }
    }
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
    Path((code, evidence)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let visit = opened(&visitor, &code, &address).await?;
    let evidence = EvidenceId::new(evidence);
    let (name, bytes) = visit.correcting_document(&evidence).await?;
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
