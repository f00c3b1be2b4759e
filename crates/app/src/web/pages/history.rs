//! 履歴: who did what, when; and the checklist as it stood on a day of the past.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Query;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sonae_domain::answer::Answer;
use sonae_domain::edition::{Verification, Wording};
use sonae_domain::era;
use sonae_domain::labels::Label;
use sonae_domain::standing::Standing;

use crate::usecase::apart::apart;
use crate::usecase::failure::Failure;
use crate::usecase::history::{self, JournalLine, JournalPage, JournalQuery, Topic};
use crate::usecase::past::{self, PastRow};
use crate::web::files::attachment;
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::routes::Doors;
use crate::web::values::Badge;
use crate::web::visit::Visit;

const CSV: &str = "text/csv; charset=utf-8";

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/history", show)
        .get("/history/journal.csv", journal_csv)
        .get("/history/checklist", checklist)
}

/// What was typed to search the journal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Search {
    by: String,
    topic: String,
    from: String,
    until: String,
    /// `installation`, for those who run it.
    of: String,
    #[serde(skip_serializing)]
    before: Option<i64>,
}

impl Search {
    fn query(&self, visit: &Visit) -> Result<JournalQuery, Problem> {
        let of_installation = self.of == "installation";
        if of_installation && !visit.person().is_operator {
            return Err(Problem::NotAllowed);
        }
        let topic = Topic::ALL.into_iter();
        Ok(JournalQuery {
            by: self.by.clone(),
            topic: topic.into_iter().find(|topic| topic.as_str() == self.topic),
            from: history::day_or_none(&self.from)?,
            until: history::day_or_none(&self.until)?,
            before: self.before,
            of_installation,
        })
    }

    /// For the address of the next page and of the file.
    fn address(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    page: Page,
    search: Search,
    journal: JournalPage,
    is_operator: bool,
    refused: Option<String>,
}

impl HistoryPage {
    fn topics(&self) -> Vec<(&'static str, &'static str)> {
        let topics = Topic::ALL.into_iter();
        topics
            .map(|topic| (topic.as_str(), topic_word(&self.page, topic)))
            .collect()
    }

    fn sentence(&self, line: &JournalLine) -> String {
        sentence(&self.page, line)
    }

    fn field(&self, field: &str) -> String {
        field_word(&self.page, field)
    }

    fn value(&self, line: &JournalLine, value: &Option<String>) -> String {
        value_word(&self.page, line, value.as_deref())
    }

    fn address(&self) -> String {
        self.search.address()
    }
}

async fn show(visit: Visit, Query(search): Query<Search>) -> Result<Response, Problem> {
    let (journal, refused) = match search.query(&visit) {
        Ok(query) => (visit.workspace.journal(&query).await?, None),
        Err(Problem::Failed(failure)) => {
            let sentence = failure.text.get(visit.language).to_owned();
            let all = JournalQuery::default();
            (visit.workspace.journal(&all).await?, Some(sentence))
        }
        Err(problem) => return Err(problem),
    };
    let status = status_of(refused.as_ref());
    let page = render(&HistoryPage {
        page: visit.page("history.title"),
        search,
        journal,
        is_operator: visit.person().is_operator,
        refused,
    })?;
    Ok((status, page).into_response())
}

fn status_of(refused: Option<&String>) -> StatusCode {
    match refused {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn journal_csv(visit: Visit, Query(search): Query<Search>) -> Result<Response, Problem> {
    let query = search.query(&visit)?;
    let workspace = visit.workspace.clone();
    let lines = apart(async move { workspace.whole_journal(&query).await }).await?;
    let page = visit.page("history.title");
    let header = [
        page.w("history.number"),
        page.w("history.when"),
        page.w("history.who"),
        page.w("history.what"),
        page.w("history.change"),
    ];
    let row = |line: &JournalLine| {
        let changes: Vec<String> = line
            .changes
            .iter()
            .map(|change| {
                let field = field_word(&page, &change.field);
                let before = value_word(&page, line, change.before.as_deref());
                let after = value_word(&page, line, change.after.as_deref());
                format!("{field}: {before} \u{2192} {after}")
            })
            .collect();
        vec![
            line.seq.to_string(),
            era::moment_in_japan(line.at).to_string(),
            line.by.clone(),
            sentence(&page, line),
            changes.join("; "),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let name = format!("journal-{}.csv", visit.workspace.today);
    Ok(attachment(&name, CSV, history::csv(&header, &rows)?))
}

fn topic_word(page: &Page, topic: Topic) -> &'static str {
    page.w(&format!("journal.topic_{}", topic.as_str()))
}

/// What was done to which thing. Something new that has no words yet shows its name in the store.
fn sentence(page: &Page, line: &JournalLine) -> String {
    let key = format!("journal.{}", line.deed);
    match page.words.has(&key) {
        true => page.words.with(&key, &[("about", &line.about)]),
        false => format!("{} {}", line.deed, line.about),
    }
}

fn field_word(page: &Page, field: &str) -> String {
    let key = format!("journal.field_{field}");
    match page.words.has(&key) {
        true => page.w(&key).to_owned(),
        false => field.to_owned(),
    }
}

/// A value by its word where it is one of few, such as an answer.
fn value_word(page: &Page, line: &JournalLine, value: Option<&str>) -> String {
    let Some(value) = value else {
        return page.w("history.nothing").to_owned();
    };
    let key = format!("journal.value_{value}");
    match value.parse() {
        _ if line.deed != "answer" => value.to_owned(),
        Ok(day) => page.day(&day),
        Err(_) if page.words.has(&key) => page.w(&key).to_owned(),
        Err(_) => value.to_owned(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OnDay {
    on: String,
}

#[derive(Template)]
#[template(path = "history_checklist.html")]
struct PastPage {
    page: Page,
    on: String,
    /// The day shown, with what stood then.
    past: Option<(Date, Vec<PastRow>)>,
    refused: Option<String>,
}

impl PastPage {
    fn badge(&self, standing: &Standing) -> Badge {
        Badge::of(*standing, self.page.words.language)
    }

    fn answer(&self, answer: &Option<Answer>) -> String {
        match answer {
            None => self.page.w("history.unanswered").to_owned(),
            Some(answer) => {
                let value = answer.value.label(self.page.words.language);
                let day = self.page.day(&answer.confirmed_on);
                let by = &answer.answered_by;
                format!("{value} {day} {by}")
            }
        }
    }

    fn mark(&self, wording: &Wording) -> Option<&'static str> {
        let is_open = wording.verification != Verification::Verified;
        is_open.then(|| wording.verification.label(self.page.words.language))
    }

    fn n_changed(&self) -> usize {
        let rows = self.past.iter().flat_map(|(_, rows)| rows);
        rows.filter(|row| row.is_changed).count()
    }
}

async fn checklist(visit: Visit, Query(asked): Query<OnDay>) -> Result<Response, Problem> {
    let shown = match asked.on.trim() {
        "" => Ok(None),
        on => past_rows(&visit, on).await.map(Some),
    };
    let (past, refused) = match shown {
        Ok(past) => (past, None),
        Err(failure) => (
            None,
            Some(failure.refusal()?.get(visit.language).to_owned()),
        ),
    };
    let status = status_of(refused.as_ref());
    let page = render(&PastPage {
        page: visit.page("history.checklist_title"),
        on: asked.on,
        past,
        refused,
    })?;
    Ok((status, page).into_response())
}

async fn past_rows(visit: &Visit, on: &str) -> Result<(Date, Vec<PastRow>), Failure> {
    let then = past::at(&visit.workspace, on)?;
    let rows = then.past_rows(&visit.workspace, visit.language).await?;
    Ok((then.today, rows))
}
