//! Ids of another institution, put wherever an id can stand: into every path, every query and every
//! field of every form that the pages of an administrator show. The forms are read from the pages,
//! so that a new page is tried as soon as it is linked.
//!
//! Nothing may come of it: no word of the other institution is shown, nothing of it changes, and
//! nothing of one's own comes to name anything of it.

mod markup;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::body::Body;
use axum::http::{Method, header};
use sonae_domain::ids::InstitutionId;
use sonae_store::{Cell, Sink};

use self::markup::{Form, forms, links};
use super::{ADMINISTRATOR, Answered, House, OURS, THEIRS, Who};
use crate::web::addressed::addressed;
use crate::web::routes::doors;

/// Stands in everything that is written in our institution.
const CANARY: &str = "KANARIA";

/// What only our pages say.
const WORDS_OF_OURS: [&str; 3] = [CANARY, "name of ours", "name of viewer"];

/// The like of [`CANARY`] in theirs.
const OWN: &str = "SUZUME";

/// An id of the form of ours that nothing has.
const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

/// The shortest id; names of routes and words are shorter.
const ID_LEN_MIN: usize = 20;

/// Pages that are looked at; a list that links on and on would else never end.
const N_PAGES_MAX: usize = 400;

/// Of so many cases one is tried each time, and all of them by the trial.
const EACH_TIME: usize = 6;

const LEDGER: &str = "機器名,種別,所在,使用可否の状態\nNAME-pc,端末PC,受付,使用可\n";

const PICTURE: (&str, &str, &[u8]) = ("file", "a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");

#[tokio::test]
async fn no_id_of_another_institution_opens_anything_on_sqlite() {
    swap(&House::on_sqlite().await).await;
}

#[tokio::test]
async fn no_id_of_another_institution_opens_anything_on_postgres() {
    swap(&House::on_postgres("swaps").await).await;
}

/// Something that a browser could send.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Attempt {
    method: Method,
    path: String,
    kind: Kind,
    fields: Vec<(String, String)>,
    /// The id of ours in it.
    id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain,
    Form,
    Files,
    Json,
}

/// What somebody sees who looks at every page that is linked.
struct Seen {
    ids: BTreeSet<String>,
    forms: Vec<Form>,
    links: BTreeSet<String>,
    /// The names of the fields in which ids stand.
    names: BTreeSet<String>,
}

async fn swap(house: &House) {
    house.add_neighbour().await;
    furnish(house, ADMINISTRATOR, CANARY).await;
    furnish(house, Who::Neighbour, OWN).await;
    let ours = crawl(house, ADMINISTRATOR).await;
    let theirs = crawl(house, Who::Neighbour).await;
    let mut ids: BTreeSet<String> = ours.ids.difference(&theirs.ids).cloned().collect();
    ids.extend([OURS, "viewer", "administrator"].map(str::to_owned));
    let attempts = attempts(house, &theirs, &ids);
    let each = std::env::var_os("SONAE_TRIAL").map_or(EACH_TIME, |_| 1);
    let rows_before = rows(house).await;
    let mut wrong = Vec::new();
    let mut n_tried = 0;
    for attempt in attempts.iter().step_by(each) {
        n_tried += 1;
        wrong.extend(said_wrong(house, attempt, &ids).await);
    }
    let n_all = attempts.len();
    eprintln!(
        "{n_tried} of {n_all} attempts with {} ids of ours",
        ids.len()
    );
    assert!(n_all >= 2_000, "{n_all} attempts are too few");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let rows_after = rows(house).await;
    assert_eq!(of(&rows_before, OURS), of(&rows_after, OURS));
    for row in of(&rows_after, THEIRS) {
        let named = ids
            .iter()
            .find(|id| id.len() >= ID_LEN_MIN && row.contains(*id));
        assert_eq!(named, None, "a row of theirs names an id of ours: {row}");
    }
}

/// Sends it, and says what came of it that must not.
async fn said_wrong(house: &House, attempt: &Attempt, ids: &BTreeSet<String>) -> Option<String> {
    let ours = InstitutionId::new(OURS);
    let store = &house.app.installation.store;
    let before = store.last_entry(&ours).await.unwrap();
    let answer = send(house, Who::Neighbour, attempt).await;
    let text = answer.text();
    let sent = format!("{} {:?}", attempt.path, attempt.fields);
    let told = ids
        .iter()
        .find(|id| id.len() >= ID_LEN_MIN && text.contains(*id) && !sent.contains(*id));
    let what = if answer.status.is_server_error() {
        "a failure of the server".to_owned()
    } else if WORDS_OF_OURS.iter().any(|word| text.contains(word)) {
        "a word of ours".to_owned()
    } else if let Some(id) = told {
        format!("our id {id}")
    } else if store.last_entry(&ours).await.unwrap() != before {
        "a change of ours".to_owned()
    } else if answer.brief().starts_with("303 /login?") {
        "the session ended".to_owned()
    } else if by_id(attempt) && is_there(house, attempt, &answer).await {
        "another answer than to an id that nothing has".to_owned()
    } else {
        return None;
    };
    Some(format!("{attempt:?} -> {}: {what}", answer.brief()))
}

/// Whether the id stands in the path, where an unknown one must be answered alike.
fn by_id(attempt: &Attempt) -> bool {
    let path = attempt.path.split('?').next().unwrap_or_default();
    attempt.kind == Kind::Plain && path.contains(&attempt.id)
}

/// Whether the answer differs from that to an id that nothing has.
async fn is_there(house: &House, attempt: &Attempt, answer: &Answered) -> bool {
    let unknown = Attempt {
        path: attempt.path.replace(&attempt.id, NOBODYS),
        ..attempt.clone()
    };
    let unknown = send(house, Who::Neighbour, &unknown).await;
    let text = answer.text().replace(&attempt.id, NOBODYS);
    (answer.status, text) != (unknown.status, unknown.text())
}

fn attempts(house: &House, seen: &Seen, ids: &BTreeSet<String>) -> Vec<Attempt> {
    let mut attempts = BTreeSet::new();
    attempts.extend(queries_with(house, seen, ids));
    for id in ids {
        attempts.extend(routes_with(house, id));
        attempts.extend(links_with(seen, id));
        for form in &seen.forms {
            attempts.extend(forms_with(seen, form, id));
        }
    }
    attempts.into_iter().collect()
}

/// Every route with an id in its path.
fn routes_with(house: &House, id: &str) -> Vec<Attempt> {
    let doors = doors(&house.app).unwrap();
    let with_ids = doors.opened().iter().filter(|(path, _)| path.contains('{'));
    with_ids
        .map(|(path, method)| {
            let parts = path.split('/');
            let part = |part| {
                if str::starts_with(part, "{") {
                    id
                } else {
                    part
                }
            };
            let path = parts.map(part).collect::<Vec<_>>().join("/");
            let kind = match (method == Method::GET, path.starts_with("/api/")) {
                (true, _) => Kind::Plain,
                (false, true) => Kind::Json,
                (false, false) => Kind::Form,
            };
            attempt(method.clone(), path, kind, Vec::new(), id)
        })
        .collect()
}

/// Every link that names an id, with another.
fn links_with(seen: &Seen, id: &str) -> Vec<Attempt> {
    let swapped = seen.links.iter().filter_map(|link| swapped(link, seen, id));
    swapped
        .map(|path| attempt(Method::GET, path, Kind::Plain, Vec::new(), id))
        .collect()
}

/// Every page without an id in its path, asked for one in a query by each name that ids have; the ids
/// take turns.
fn queries_with(house: &House, seen: &Seen, ids: &BTreeSet<String>) -> Vec<Attempt> {
    let doors = doors(&house.app).unwrap();
    let pages = doors
        .opened()
        .iter()
        .filter(|(path, method)| *method == Method::GET && !path.contains('{'));
    let asked = pages.flat_map(|(path, _)| seen.names.iter().map(move |name| (path, name)));
    asked
        .zip(ids.iter().cycle())
        .map(|((path, name), id)| {
            let path = format!("{path}?{name}={id}");
            attempt(Method::GET, path, Kind::Plain, Vec::new(), id)
        })
        .collect()
}

/// A form with an id of ours in place of each of theirs, one at a time; and as if it had been shown
/// for our institution.
fn forms_with(seen: &Seen, form: &Form, id: &str) -> Vec<Attempt> {
    let method = if form.is_post {
        Method::POST
    } else {
        Method::GET
    };
    let kind = if form.takes_files {
        Kind::Files
    } else {
        Kind::Form
    };
    let mut attempts = Vec::new();
    let mut add = |path: String, fields| {
        attempts.push(attempt(method.clone(), path, kind, fields, id));
    };
    if let Some(path) = swapped(&form.action, seen, id) {
        add(path, form.fields.clone());
    }
    if id == OURS {
        let path = form.action.split('?').next().unwrap_or_default();
        add(
            addressed(path, &InstitutionId::new(OURS)),
            form.fields.clone(),
        );
    }
    for (at, (name, value)) in form.fields.iter().enumerate() {
        if seen.ids.contains(value) || is_id(name) {
            let mut fields = form.fields.clone();
            fields[at].1 = id.to_owned();
            add(form.action.clone(), fields);
        }
    }
    attempts
}

/// Whether a field is for an id, whatever stands in it.
fn is_id(name: &str) -> bool {
    matches!(name, "id" | "institution")
}

/// A path with an id in place of the first of theirs in it.
fn swapped(path: &str, seen: &Seen, id: &str) -> Option<String> {
    let own = words(path).find(|word| seen.ids.contains(*word))?;
    Some(path.replace(own, id))
}

fn attempt(
    method: Method,
    path: String,
    kind: Kind,
    fields: Vec<(String, String)>,
    id: &str,
) -> Attempt {
    Attempt {
        method,
        path,
        kind,
        fields,
        id: id.to_owned(),
    }
}

async fn send(house: &House, who: Who, attempt: &Attempt) -> Answered {
    let fields: Vec<(&str, &str)> = attempt
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let (method, path) = (attempt.method.clone(), attempt.path.as_str());
    match attempt.kind {
        Kind::Files => house.upload(who, path, &fields, &[PICTURE]).await,
        Kind::Form if method == Method::POST => house.post(who, path, &fields).await,
        Kind::Json => {
            let body = Body::from(r#"{"round": 1, "value": "yes"}"#);
            house.ask(who, method, path, "application/json", body).await
        }
        Kind::Form | Kind::Plain => {
            let query = serde_html_form::to_string(&fields).unwrap();
            let path = match query.is_empty() {
                true => path.to_owned(),
                false => format!("{path}?{query}"),
            };
            house.ask(who, method, &path, "", Body::empty()).await
        }
    }
}

/// One of everything, named by a word, through the pages.
async fn furnish(house: &House, who: Who, word: &str) {
    for (page, what) in [
        ("/settings/vendors/new", "vendor"),
        ("/settings/systems/new", "system"),
        ("/settings/contracts/new", "contract"),
        ("/ledger/new", "pc"),
        ("/evidence/documents/new", "document"),
        ("/settings/people/new", "person"),
        ("/me/tokens", "token"),
    ] {
        let name = format!("{word} {what}");
        let shown = house.get(who, page).await.text();
        let form = forms(&shown).into_iter().find(|form| {
            form.is_post
                && form
                    .fields
                    .iter()
                    .any(|(name, _)| name == "name" || name == "title")
        });
        let mut form = form.unwrap_or_else(|| panic!("{page} has no form:\n{shown}"));
        fill(&mut form, &name, word);
        let attempt = attempt(
            Method::POST,
            form.action,
            kind_of(form.takes_files),
            form.fields,
            "",
        );
        let done = send(house, who, &attempt).await;
        assert!(
            done.status.as_u16() < 400,
            "{page}: {}: {}",
            done.brief(),
            done.text()
        );
    }
    let ledger = LEDGER.replace("NAME", word);
    let file = [("file", "ledger.csv", ledger.as_bytes())];
    for _ in ["kept", "waiting"] {
        let sent = house.upload(who, "/evidence/upload", &[], &file).await;
        let page = house.get(who, sent.to()).await;
        if page.field("upload").is_some() && n_evidence(house, who).await == 0 {
            let upload = page.field("upload").unwrap();
            let fields = [("upload", upload.as_str()), ("effective_on", "R8.11.1")];
            let kept = house.post(who, "/evidence/review", &fields).await;
            assert_eq!(kept.status, 303, "{}", said(&kept));
        }
    }
    let waiting = house
        .upload(who, "/ledger/import", &[("on", "R8.11.1")], &file)
        .await;
    assert!(waiting.status.as_u16() < 400, "{}", said(&waiting));
    let answered = [("value", "no"), ("target_on", "R9.3.1"), ("note", word)];
    let answered = house.post(who, "/checklist/2-2", &answered).await;
    assert_eq!(answered.status, 303, "{}", said(&answered));
    inspect(house, who, word).await;
}

/// An inspection with a remark.
async fn inspect(house: &House, who: Who, word: &str) {
    let fields = [("authority", word), ("inspected_on", "2026-11-25")];
    let frozen = house.post(who, "/inspections", &fields).await;
    assert_eq!(frozen.status, 303, "{}", said(&frozen));
    let path = frozen.to().split('?').next().unwrap().to_owned();
    let fields = [("item", "2-1"), ("text", word), ("by", word)];
    let remark = house.post(who, &format!("{path}/remarks"), &fields).await;
    assert_eq!(remark.status, 303, "{}", said(&remark));
}

/// What a page says that refuses.
fn said(page: &Answered) -> String {
    let text = page.text();
    let main = text.split_once("<main").map_or("", |(_, main)| main);
    main.split(['<', '>'])
        .skip(1)
        .step_by(2)
        .map(str::trim)
        .filter(|said| !said.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn kind_of(takes_files: bool) -> Kind {
    if takes_files { Kind::Files } else { Kind::Form }
}

/// Types a name and what else is asked for, and takes the last choice of each list.
fn fill(form: &mut Form, name: &str, word: &str) {
    let mut fields = BTreeMap::new();
    for (field, value) in form.fields.drain(..) {
        let typed = match field.as_str() {
            "name" | "title" => name.to_owned(),
            "login" => word.to_lowercase(),
            "role" => "viewer".to_owned(),
            "ends_on" => "R9.3.31".to_owned(),
            "effective_on" | "from" => "R8.4.1".to_owned(),
            "outsider" | "purpose" => String::new(),
            _ => value,
        };
        fields.insert(field, typed);
    }
    form.fields = fields.into_iter().collect();
}

async fn n_evidence(house: &House, who: Who) -> usize {
    let list = house.get(who, "/api/v1/evidence").await.text();
    list.matches("\"id\"").count()
}

/// Follows every link, as far as it leads to a page.
async fn crawl(house: &House, who: Who) -> Seen {
    let mut seen = Seen {
        ids: BTreeSet::new(),
        forms: Vec::new(),
        links: BTreeSet::new(),
        names: BTreeSet::new(),
    };
    let mut waiting = VecDeque::from(["/".to_owned()]);
    while let Some(path) = waiting.pop_front() {
        if seen.links.len() > N_PAGES_MAX {
            break;
        }
        let answer = house.get(who, &path).await;
        let kind = answer.headers.get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            continue;
        }
        let page = answer.text();
        for link in links(&page) {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            if !link.starts_with("/assets/") && seen.links.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        for form in forms(&page) {
            let leaves = form.action.starts_with("/logout");
            if !leaves && !seen.forms.contains(&form) {
                seen.forms.push(form);
            }
        }
    }
    let in_forms = seen.forms.iter().flat_map(|form| {
        let values = form.fields.iter().map(|(_, value)| value.as_str());
        values.chain([form.action.as_str()])
    });
    let texts = in_forms.chain(seen.links.iter().map(String::as_str));
    seen.ids = texts
        .flat_map(words)
        .filter(|word| word.len() >= ID_LEN_MIN && word.contains(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    let fields = seen.forms.iter().flat_map(|form| &form.fields);
    let with_ids = fields.filter(|(name, value)| seen.ids.contains(value) || is_id(name));
    seen.names = with_ids.map(|(name, _)| name.clone()).collect();
    seen
}

/// The parts of a path or value that could be an id.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
}

/// Every row that is kept, as text with its table.
#[derive(Default)]
struct Rows {
    table: String,
    rows: Vec<String>,
}

impl Sink for Rows {
    fn begin(
        &mut self,
        table: &str,
        _: &[String],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.table = table.to_owned();
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.rows.push(format!("{} {cells:?}", self.table));
        Ok(())
    }

    fn end(&mut self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

async fn rows(house: &House) -> Vec<String> {
    let mut rows = Rows::default();
    let dumped = house.app.installation.store.dump(&mut rows).await;
    dumped.expect("a dump");
    rows.rows
}

/// The rows that name an institution.
fn of<'a>(rows: &'a [String], institution: &str) -> Vec<&'a String> {
    let named = format!("Text(\"{institution}\")");
    rows.iter().filter(|row| row.contains(&named)).collect()
}
