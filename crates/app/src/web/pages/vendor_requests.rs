//! 事業者への確認の依頼, for the institution: asked, listed, the answer beside the ledger, taken over
//! row by row, or typed from a returned paper.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use sonae_domain::ids::{ItemId, RecordId};
use sonae_domain::labels::Label;
use sonae_domain::register::{System, Vendor};
use sonae_domain::vendor::{AnswerSource, Channel, RequestState, asks_vendors};

use super::forms::{PDF, XLSX};
use super::link::{LinkPage, LinkWords};
use super::setup::Choice;
use super::vendor_form::{FormFields, Mended};
use super::vendor_key::{KeysShown, signature};
use crate::usecase::apart::apart;
use crate::usecase::failure::Failure;
use crate::usecase::form::FileKind;
use crate::usecase::register_forms::Typed;
use crate::usecase::vendor_answers::AnswerBeside;
use crate::usecase::vendor_requests::{LINK_DAYS_MAX, RequestView, Requested};
use crate::web::files::attachment;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::values::{Badge, wire};
use crate::web::visit::Visit;

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/requests", list)
        .get("/settings/vendors/{record}/request", new)
        .post("/settings/vendors/{record}/request", ask)
        .get("/settings/requests/{record}", show)
        .get("/settings/requests/{record}/letter.pdf", letter)
        .get("/settings/requests/{record}/form.pdf", form_pdf)
        .get("/settings/requests/{record}/form.xlsx", form_xlsx)
        .post("/settings/requests/{record}/link", renew)
        .post("/settings/requests/{record}/withdraw", withdraw)
        .post("/settings/requests/{record}/accept", accept)
        .get("/settings/requests/{record}/paper", paper)
        .post("/settings/requests/{record}/paper", file_paper)
}

/// Where a request is shown.
pub(super) fn path_of(id: &RecordId) -> String {
    format!("/settings/requests/{id}")
}

/// Under which a browser keeps what is typed from paper.
fn keep_of(id: &RecordId) -> String {
    format!("paper-{id}")
}

/// A request in the list.
struct Row {
    path: String,
    vendor: String,
    systems: String,
    due_on: String,
    state: &'static str,
    is_overdue: bool,
}

impl Row {
    fn of(visit: &Visit, view: &RequestView) -> Self {
        let words = visit.words();
        Self {
            path: path_of(&view.id),
            vendor: view.vendor.clone(),
            systems: view.systems.join(words.get("people.between")),
            due_on: words.day(view.request.due_on),
            state: view.state.label(visit.language),
            is_overdue: view.is_overdue(visit.workspace.today),
        }
    }
}

#[derive(Template)]
#[template(path = "vendor_requests.html")]
struct ListPage {
    page: Page,
    /// False where there is no contract with a vendor.
    asks: bool,
    /// Without an answer.
    waiting: Vec<Row>,
    others: Vec<Row>,
    /// Whom one may ask: id and name.
    vendors: Vec<(RecordId, String)>,
    may_change: bool,
}

async fn list(visit: Visit) -> Result<Response, Problem> {
    let requests = visit.workspace.vendor_requests().await?;
    let (waiting, others): (Vec<_>, Vec<_>) = requests
        .iter()
        .partition(|view| view.state == RequestState::Open);
    let rows = |views: Vec<&RequestView>| {
        let rows = views.into_iter().map(|view| Row::of(&visit, view));
        rows.collect::<Vec<_>>()
    };
    let vendors = visit.workspace.kept::<Vendor>().await?.into_iter();
    render(&ListPage {
        page: visit.page("requests.title"),
        asks: asks_vendors(visit.workspace.institution.vendor_contract),
        waiting: rows(waiting),
        others: rows(others),
        vendors: vendors
            .map(|vendor| (vendor.id, vendor.body.name))
            .collect(),
        may_change: visit.may_change(),
    })
}

#[derive(Template)]
#[template(path = "vendor_request_new.html")]
struct NewPage {
    page: Page,
    refused: Option<Refused>,
    vendor: RecordId,
    vendor_name: String,
    asks: bool,
    systems: Vec<Choice>,
    channels: Vec<Choice>,
    due_on: String,
    days_max: i64,
    may_change: bool,
}

impl NewPage {
    /// With what was typed; at first the vendor's own systems and a link.
    async fn of(visit: &Visit, vendor: &RecordId, typed: Option<&Typed>) -> Result<Self, Problem> {
        let kept = visit.workspace.kept_one::<Vendor>(vendor).await?;
        let systems = visit.workspace.kept::<System>().await?.into_iter();
        let chosen = |name: &str, value: &str, at_first: bool| {
            typed.map_or(at_first, |typed| {
                typed.all(name).iter().any(|chosen| chosen == value)
            })
        };
        let systems = systems.map(|system| Choice {
            is_chosen: chosen(
                "systems",
                system.id.as_str(),
                system.body.vendor.as_ref() == Some(vendor),
            ),
            value: system.id.to_string(),
            label: system.body.name,
        });
        let channels = [
            Channel::Link,
            Channel::File,
            Channel::Paper,
            Channel::Workbook,
        ];
        let channels = channels.map(|channel| Choice {
            is_chosen: chosen("channels", &wire(channel), channel == Channel::Link),
            value: wire(channel),
            label: channel.label(visit.language).to_owned(),
        });
        let usual = visit.workspace.last_link_day();
        let due_on = typed.map_or_else(|| usual.to_string(), |it| it.one("due_on").to_owned());
        Ok(Self {
            page: visit.page("requests.new"),
            refused: None,
            vendor: vendor.clone(),
            vendor_name: kept.body.name,
            asks: asks_vendors(visit.workspace.institution.vendor_contract),
            systems: systems.collect(),
            channels: channels.into(),
            due_on,
            days_max: LINK_DAYS_MAX,
            may_change: visit.may_change(),
        })
    }
}

async fn new(visit: Visit, Path(vendor): Path<String>) -> Result<Response, Problem> {
    render(&NewPage::of(&visit, &RecordId::new(vendor), None).await?)
}

async fn ask(
    visit: Visit,
    Path(vendor): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (vendor, typed) = (RecordId::new(vendor), Typed::of(typed));
    let by = &visit.person().name;
    let made = visit
        .workspace
        .request_confirmation(&vendor, &typed, by)
        .await;
    match made {
        Ok(made) => sent(&visit, &made).await,
        Err(failure) => once_more(&NewPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..NewPage::of(&visit, &vendor, Some(&typed)).await?
        }),
    }
}

/// The address of a request, shown once; the request itself where it has none.
async fn sent(visit: &Visit, made: &Requested) -> Result<Response, Problem> {
    let path = path_of(&made.id);
    let Some((code, ends_at)) = &made.code else {
        return Ok(Redirect::to(&format!("{path}?done=request_made")).into_response());
    };
    let view = visit.workspace.vendor_request(&made.id).await?;
    let words = visit.words();
    let words = LinkWords {
        list: ("/settings/requests", words.get("requests.title")),
        title: words.get("requests.link_title"),
        lead: words.with("requests.link_lead", &[("vendor", &view.vendor)]),
        qr: words.get("requests.qr"),
        text: words.get("requests.link_text"),
        back: words.get("requests.to_request"),
        name: view.vendor,
    };
    let url = format!("{}/vendor/{code}", visit.origin);
    render(&LinkPage::of(visit, words, path, (url, *ends_at))?)
}

#[derive(Template)]
#[template(path = "vendor_request.html")]
struct RequestPage {
    page: Page,
    refused: Option<Refused>,
    path: String,
    /// Label and value.
    facts: Vec<(&'static str, String)>,
    state: &'static str,
    is_open: bool,
    is_overdue: bool,
    /// Its address is past its end while the answer is waited for.
    is_link_over: bool,
    /// Names of the devices that the vendor is asked about.
    devices: Vec<String>,
    /// Edition and form as the page of forms takes them.
    form: String,
    attempts: Vec<String>,
    keys: Option<KeysShown>,
    answer: Option<AnswerShown>,
    /// Under which the browser kept what was typed from paper.
    keep: String,
    may_change: bool,
}

/// What the vendor answered, in words.
struct AnswerShown {
    /// Of the signature: in short, and in a sentence.
    signature: (&'static str, &'static str),
    facts: Vec<(&'static str, String)>,
    rows: Vec<AnsweredRow>,
    /// Address of the device, its name, and how ledger and vendor differ.
    differences: Vec<(String, String, &'static str)>,
    /// Device, what the vendor says, and by which way.
    devices: Vec<(String, &'static str, String)>,
    /// Address and title.
    documents: Vec<(String, String)>,
    has_open_rows: bool,
    /// There is something to print on the form.
    has_taken_rows: bool,
}

/// A row of the form in words.
struct AnsweredRow {
    id: ItemId,
    number: String,
    wording: String,
    unverified: bool,
    value: String,
    confirmed_on: String,
    target_on: String,
    note: String,
    standing: Option<Badge>,
    taken: Option<String>,
}

impl RequestPage {
    async fn of(visit: &Visit, view: &RequestView) -> Result<Self, Problem> {
        let words = visit.words();
        let beside = visit.workspace.answer_beside(view).await?;
        let devices = visit.workspace.questions(view).await?.devices.into_iter();
        let answer = match &beside {
            Some(beside) => Some(AnswerShown::of(visit, view, beside).await?),
            None => None,
        };
        let attempts = view.request.refused.iter().map(|attempt| {
            let at = words.moment(attempt.at);
            format!("{at} {}", attempt.why.label(visit.language))
        });
        Ok(Self {
            page: visit.page_named(view.vendor.clone()),
            refused: None,
            path: path_of(&view.id),
            facts: facts(visit, view),
            state: view.state.label(visit.language),
            is_open: view.state == RequestState::Open,
            is_overdue: view.is_overdue(visit.workspace.today),
            is_link_over: view.is_link_over(visit.workspace.now),
            devices: devices.map(|(_, device)| device.name).collect(),
            form: format!("{}/{}", view.request.edition, view.request.form),
            attempts: attempts.collect(),
            keys: KeysShown::of(visit, &view.request.vendor).await?,
            answer,
            keep: keep_of(&view.id),
            may_change: visit.may_change(),
        })
    }
}

fn facts(visit: &Visit, view: &RequestView) -> Vec<(&'static str, String)> {
    let words = visit.words();
    let request = &view.request;
    let between = words.get("people.between");
    let channels = request.channels.iter();
    let channels: Vec<_> = channels.map(|way| way.label(visit.language)).collect();
    let link = request.link.as_ref();
    let ends_at = link.map(|link| words.moment(link.ends_at));
    let made_on = words.day(request.made_on);
    let places: [(&str, &dyn std::fmt::Display); 2] = [("at", &made_on), ("by", &request.made_by)];
    let all = [
        ("requests.systems", view.systems.join(between)),
        ("requests.due_on", words.day(request.due_on)),
        ("requests.channels", channels.join(between)),
        ("requests.link_ends", ends_at.unwrap_or_default()),
        ("requests.made", words.with("people.by", &places)),
    ];
    let all = all.into_iter().map(|(key, value)| (words.get(key), value));
    all.filter(|(_, value)| !value.is_empty()).collect()
}

impl AnswerShown {
    async fn of(
        visit: &Visit,
        view: &RequestView,
        beside: &AnswerBeside<'_>,
    ) -> Result<Self, Problem> {
        let words = visit.words();
        let kept = view.answer.as_ref().ok_or(Problem::NotFound)?;
        let answer = &kept.body;
        let source = match &answer.source {
            AnswerSource::Link => words.get("requests.by_link").to_owned(),
            AnswerSource::Paper { entered_by } => {
                words.with("requests.from_paper", &[("by", entered_by)])
            }
            AnswerSource::File { entered_by, .. } => {
                words.with("requests.from_file", &[("by", entered_by)])
            }
            AnswerSource::Workbook { entered_by } => {
                words.with("requests.from_workbook", &[("by", entered_by)])
            }
        };
        let facts = [
            ("requests.answered_by", Some(answer.answered_by.clone())),
            ("item.confirmed_on", Some(words.day(answer.confirmed_on))),
            (
                "requests.handed_in",
                Some(words.moment(answer.submitted_at)),
            ),
            ("requests.source", Some(source)),
            ("vendor.other_devices", answer.other_devices.clone()),
            ("vendor.usb", answer.usb.clone()),
            ("vendor.passwords", answer.passwords.clone()),
        ];
        let facts = facts
            .into_iter()
            .filter_map(|(key, value)| Some((words.get(key), value?)));
        let rows: Vec<_> = beside
            .rows
            .iter()
            .map(|row| AnsweredRow::of(visit, row))
            .collect();
        let devices = beside.devices.iter().map(|(id, record)| {
            let said = answer.remote.get(id);
            let remote = said.map(|said| words.remote(said.remote));
            let how = said.and_then(|said| said.how.clone());
            let unsaid = words.get("requests.not_said");
            (
                record.name.clone(),
                remote.unwrap_or(unsaid),
                how.unwrap_or_default(),
            )
        });
        let differences = beside.differences.iter();
        Ok(Self {
            signature: signature(visit, &view.request.vendor, answer).await?,
            facts: facts.collect(),
            has_open_rows: rows
                .iter()
                .any(|row| row.taken.is_none() && !row.value.is_empty()),
            has_taken_rows: rows.iter().any(|row| row.taken.is_some()),
            rows,
            differences: differences
                .map(|(id, device, how)| {
                    let href = format!("/ledger/{id}");
                    (href, device.name.clone(), how.label(visit.language))
                })
                .collect(),
            devices: devices.collect(),
            documents: visit.workspace.documents_named(&answer.documents).await?,
        })
    }
}

impl AnsweredRow {
    fn of(visit: &Visit, row: &crate::usecase::vendor_answers::AnsweredRow<'_>) -> Self {
        let words = visit.words();
        let answer = row.answer.as_ref();
        let taken = row.taken.as_ref().map(|taken| {
            let at = words.moment(taken.at);
            words.with("people.by", &[("at", &at), ("by", &taken.by)])
        });
        let target_on = answer.and_then(|answer| answer.target_on);
        Self {
            id: row.item.id.clone(),
            number: row.item.number.clone(),
            wording: row.item.wording.text.clone(),
            unverified: super::vendor_form::is_unverified(&row.item.wording),
            value: answer
                .map(|answer| answer.value.label(visit.language).to_owned())
                .unwrap_or_default(),
            confirmed_on: answer
                .map(|answer| words.day(answer.confirmed_on))
                .unwrap_or_default(),
            target_on: target_on.map(|day| words.day(day)).unwrap_or_default(),
            note: answer
                .and_then(|answer| answer.note.clone())
                .unwrap_or_default(),
            standing: row.standing.map(|it| Badge::of(it, visit.language)),
            taken,
        }
    }
}

async fn show(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let view = visit
        .workspace
        .vendor_request(&RecordId::new(record))
        .await?;
    render(&RequestPage::of(&visit, &view).await?)
}

/// The page of a request once more, with what was refused.
pub(super) async fn refuse(
    visit: &Visit,
    id: &RecordId,
    failure: Failure,
) -> Result<Response, Problem> {
    let refused = Refused::of(failure, visit.language)?;
    let view = visit.workspace.vendor_request(id).await?;
    once_more(&RequestPage {
        refused: Some(refused),
        ..RequestPage::of(visit, &view).await?
    })
}

/// The letter on paper, with the blank form; its QR code leads back to where the answer is typed.
async fn letter(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let workspace = Arc::clone(&visit.workspace);
    let view = workspace.vendor_request(&RecordId::new(record)).await?;
    let url = format!("{}{}", visit.origin, path_of(&view.id));
    let name = format!(
        "request-{}-{}.pdf",
        view.request.edition, view.request.made_on
    );
    let bytes = apart(async move { workspace.request_letter(&view, &url).await }).await?;
    Ok(attachment(&name, PDF, bytes))
}

async fn form_pdf(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let (name, bytes) = form(&visit, record, FileKind::Pdf).await?;
    Ok(attachment(&format!("{name}.pdf"), PDF, bytes))
}

async fn form_xlsx(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let (name, bytes) = form(&visit, record, FileKind::Xlsx).await?;
    Ok(attachment(&format!("{name}.xlsx"), XLSX, bytes))
}

/// The vendor's form with the rows that were taken over.
async fn form(visit: &Visit, record: String, kind: FileKind) -> Result<(String, Vec<u8>), Problem> {
    let workspace = Arc::clone(&visit.workspace);
    let view = workspace.vendor_request(&RecordId::new(record)).await?;
    let (edition, form) = (&view.request.edition, &view.request.form);
    let name = format!("{edition}-{form}-{}-{}", view.vendor, workspace.today);
    let bytes = apart(async move { workspace.vendor_form_file(&view, kind).await }).await?;
    Ok((name, bytes))
}

async fn renew(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    match visit.workspace.renew_link(&id, &visit.person().name).await {
        Ok(made) => sent(&visit, &made).await,
        Err(failure) => refuse(&visit, &id, failure).await,
    }
}

async fn withdraw(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let by = &visit.person().name;
    match visit.workspace.withdraw_request(&id, by).await {
        Ok(()) => Ok(Redirect::to("/settings/requests?done=request_withdrawn").into_response()),
        Err(failure) => refuse(&visit, &id, failure).await,
    }
}

async fn accept(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let view = visit.workspace.vendor_request(&id).await?;
    let items: Vec<ItemId> = typed.all("item").iter().map(ItemId::new).collect();
    let by = &visit.person().name;
    match visit.workspace.take_over(&view, &items, by).await {
        Ok(()) => {
            let place = format!("{}?done=request_taken", path_of(&id));
            Ok(Redirect::to(&place).into_response())
        }
        Err(failure) => refuse(&visit, &id, failure).await,
    }
}

#[derive(Template)]
#[template(path = "vendor_paper.html")]
struct PaperPage {
    page: Page,
    path: String,
    vendor: String,
    mended: Mended,
    fields: FormFields,
    /// Editions that the paper may be of.
    editions: Vec<Choice>,
    documents: Vec<Choice>,
    keep: String,
}

impl PaperPage {
    async fn of(
        visit: &Visit,
        view: &RequestView,
        typed: &Typed,
        mended: Mended,
    ) -> Result<Self, Problem> {
        let workspace = &visit.workspace;
        let questions = workspace.questions(view).await?;
        let asked = view.request.edition.as_str();
        let chosen = match typed.one("edition") {
            "" => asked,
            typed => typed,
        };
        let editions = workspace.catalog.editions.values().rev();
        let documents = workspace.documents().await?.into_iter();
        Ok(Self {
            page: visit.page("requests.paper"),
            path: path_of(&view.id),
            vendor: view.vendor.clone(),
            fields: FormFields::of(&questions, typed, workspace.today, visit.language),
            editions: editions
                .map(|edition| Choice {
                    value: edition.head.id.to_string(),
                    label: edition.head.label.clone(),
                    is_chosen: edition.head.id.as_str() == chosen,
                })
                .collect(),
            documents: documents
                .map(|kept| Choice {
                    is_chosen: typed
                        .all("documents")
                        .iter()
                        .any(|id| *id == kept.id.as_str()),
                    value: kept.id.to_string(),
                    label: kept.document.title,
                })
                .collect(),
            keep: keep_of(&view.id),
            mended,
        })
    }
}

async fn paper(visit: Visit, Path(record): Path<String>) -> Result<Response, Problem> {
    let id = RecordId::new(record);
    let view = visit.workspace.vendor_request(&id).await?;
    if view.closed().is_some() {
        return Ok(Redirect::to(&path_of(&id)).into_response());
    }
    let nothing = Typed::default();
    render(&PaperPage::of(&visit, &view, &nothing, Mended::default()).await?)
}

/// Keeps what somebody typed from a returned paper.
async fn file_paper(
    visit: Visit,
    Path(record): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, typed) = (RecordId::new(record), Typed::of(typed));
    let workspace = &visit.workspace;
    let view = workspace.vendor_request(&id).await?;
    let by = visit.person().name.clone();
    let questions = workspace.questions(&view).await?;
    let documents = typed.all("documents").iter().map(RecordId::new).collect();
    let source = AnswerSource::Paper {
        entered_by: by.clone(),
    };
    let read = workspace.read_answer(&questions, &typed, source, documents);
    let mended = match read {
        Err(mends) => Mended::of(mends, visit.language),
        Ok(answer) => match workspace
            .enter_from_paper(&view, &typed, &answer, &by)
            .await
        {
            Ok(()) => {
                let place = format!("{}?done=request_answered", path_of(&id));
                return Ok(Redirect::to(&place).into_response());
            }
            Err(failure) => Mended::said(failure.refusal()?.get(visit.language)),
        },
    };
    once_more(&PaperPage::of(&visit, &view, &typed, mended).await?)
}
