//! The pages and the programming interface as a whole, in process: an installation of two
//! institutions with one person for each role, on SQLite and on PostgreSQL, at a fixed instant.

mod access;
mod api;
mod attacks;
mod backup;
mod browser;
mod checklist;
mod checkpoint;
mod contradictions;
mod disclosures;
mod documents;
mod doors;
mod editions;
mod elsewhere;
mod evidence;
mod forms;
mod history;
mod home;
mod inspections;
mod inspector;
mod ledger;
mod mail;
mod people;
#[path = "../../../../store/tests/postgres/mod.rs"]
mod postgres;
mod publications;
mod revoking;
mod settings;
mod signing_in;
mod swaps;
mod trouble;
mod vendor_files;
mod vendors;
mod words;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use sonae_domain::answer::{Institution, InstitutionKind, VendorContract};
use sonae_domain::ids::{AccountId, GrantId, InstitutionId, TokenId};
use sonae_domain::people::{Grant, Role};
use sonae_store::{Account, Secret, Session, SqliteStore, Store, Token, TokenScope};
use tower::ServiceExt;
use zip::ZipArchive;

use super::addressed::{addressed, named};
use super::routes::doors;
use super::visit::SESSION_COOKIE;
use super::{App, Shared};
use crate::usecase::installation::{Clock, Installation, Settings, database_file};
use crate::usecase::mail::MailLogin;
use crate::usecase::secrets::token_hash;
use crate::usecase::workspace::Workspace;

/// 2026-11-21 12:00 in Japan.
pub(super) const NOW: &str = "2026-11-21T03:00:00Z";

/// The institution of every person but the foreigner.
pub(super) const OURS: &str = "ours";

/// The foreigner's institution.
pub(super) const THEIRS: &str = "theirs";

/// An installation with people, and its pages.
pub(super) struct House {
    pub(super) app: Shared,
    router: Router,
    /// Seconds that have gone by since [`NOW`].
    elapsed: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

/// An installation before anybody is in it.
struct Premises {
    installation: Installation,
    elapsed: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody is signed in.
    Stranger,
    /// With this role in our institution.
    Has(Role),
    /// Administrator of the other institution.
    Foreigner,
    /// The same without running the installation; see [`House::add_neighbour`].
    Neighbour,
}

pub(super) const ADMINISTRATOR: Who = Who::Has(Role::Administrator);
pub(super) const OPERATOR: Who = Who::Has(Role::SystemOperator);
pub(super) const VIEWER: Who = Who::Has(Role::Viewer);

/// What came back.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl House {
    pub(super) async fn on_sqlite() -> Self {
        Self::new(None).await
    }

    /// With a new database of this name.
    pub(super) async fn on_postgres(name: &str) -> Self {
        Self::new(Some(postgres::Server::get().database(name))).await
    }

    /// With a new database on a server of its own.
    pub(super) async fn on_server(server: &postgres::Server) -> Self {
        Self::new(Some(server.database("sonae"))).await
    }

    /// On SQLite, with another program to read files.
    pub(super) async fn reading_with(reader_program: PathBuf) -> Self {
        let premises = Premises::new(None, reader_program).await;
        Self::peopled(premises.house()).await
    }

    /// On SQLite, with the store at hand to fill its disk.
    pub(super) async fn with_store() -> (Self, Arc<SqliteStore>) {
        let mut premises = Premises::new(None, reader_program()).await;
        let path = database_file(&premises.installation.settings.data);
        let store = Arc::new(SqliteStore::open(&path).await.expect("it opens"));
        premises.installation.store = Arc::clone(&store) as Arc<dyn Store>;
        (Self::peopled(premises.house()).await, store)
    }

    /// On SQLite, with a login at a mail server.
    pub(super) async fn with_mail_login(login: MailLogin) -> Self {
        let mut premises = Premises::new(None, reader_program()).await;
        premises.installation.settings.mail_login = Some(login);
        Self::peopled(premises.house()).await
    }

    async fn new(database: Option<String>) -> Self {
        Self::peopled(Self::empty(database).await).await
    }

    async fn peopled(house: Self) -> Self {
        for (id, kind) in [
            (OURS, InstitutionKind::Clinic),
            (THEIRS, InstitutionKind::Pharmacy),
        ] {
            house.add_institution(id, kind).await;
        }
        for role in Role::ALL {
            house.add_person(role.as_str(), OURS, role).await;
        }
        house
            .add_person("foreigner", THEIRS, Role::Administrator)
            .await;
        house
    }

    /// Nobody has set it up yet.
    pub(super) async fn empty(database: Option<String>) -> Self {
        Premises::new(database, reader_program()).await.house()
    }

    /// The same installation, reached in another way.
    pub(super) fn reached(mut self, change: impl FnOnce(&mut App)) -> Self {
        let mut app = App {
            installation: Arc::clone(&self.app.installation),
            secure: self.app.secure,
            behind_proxy: self.app.behind_proxy,
            origin: self.app.origin.clone(),
            setup_code: self.app.setup_code.clone(),
        };
        change(&mut app);
        self.app = Arc::new(app);
        self.router = router(&self.app);
        self
    }

    /// Lets time go by.
    pub(super) fn pass(&self, duration: SignedDuration) {
        self.elapsed.fetch_add(duration.as_secs(), Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.installation.settings.clock.now()
    }

    pub(super) async fn add_institution(&self, id: &str, kind: InstitutionKind) {
        let institution = Institution {
            id: InstitutionId::new(id),
            name: format!("name of {id}"),
            kind,
            vendor_contract: VendorContract::Exists,
        };
        let store = &self.app.installation.store;
        let done = store.insert_institution(&institution, "test", self.now());
        done.await.expect("a new institution");
    }

    /// Somebody with a role; signed in, with a second factor, and with a token for programs.
    /// Administrators run the installation.
    pub(super) async fn add_person(&self, login: &str, institution: &str, role: Role) {
        let is_operator = role == Role::Administrator;
        self.add_account(login, institution, role, is_operator)
            .await;
    }

    /// Somebody to administer the other institution and nothing else.
    pub(super) async fn add_neighbour(&self) {
        self.add_account("neighbour", THEIRS, Role::Administrator, false)
            .await;
    }

    async fn add_account(&self, login: &str, institution: &str, role: Role, is_operator: bool) {
        let (store, now) = (&self.app.installation.store, self.now());
        let account = Account {
            id: AccountId::new(login),
            login: login.to_owned(),
            name: format!("name of {login}"),
            password_hash: None,
            totp_secret: None,
            totp_step: None,
            language: None,
            theme: None,
            is_operator,
            disabled_at: None,
            created_at: now,
            last_login_at: None,
            password_changed_at: None,
        };
        let done = store.insert_account(&account, "test", now);
        done.await.expect("a new account");
        let grant = Grant {
            id: GrantId::new(login),
            account: account.id.clone(),
            role,
            outsider: false,
            purpose: None,
            ends_on: None,
            granted_by: "test".to_owned(),
            granted_at: now,
            revoked: None,
        };
        let institution = InstitutionId::new(institution);
        let done = store.insert_grant(&institution, &grant);
        done.await.expect("a new grant");
        let token = Token {
            id: TokenId::new(login),
            token_hash: Secret::new(token_hash(login)),
            account: account.id.clone(),
            name: "test".to_owned(),
            scope: TokenScope::Write,
            made_at: now,
            ends_on: None,
            last_used_at: None,
            revoked_at: None,
        };
        let done = store.insert_token(&institution, &token, "test");
        done.await.expect("a new token");
        let session = Session {
            token_hash: Secret::new(token_hash(login)),
            account: account.id,
            institution: Some(institution),
            made_at: now,
            seen_at: now,
            ends_at: now + SignedDuration::from_hours(12),
            second_factor: true,
            state: None,
        };
        let done = store.insert_session(&session);
        done.await.expect("a new session");
    }

    /// The view of our institution, to prepare what a page shows or to look at what it changed.
    pub(super) async fn workspace(&self) -> Workspace {
        let installation = &self.app.installation;
        let id = InstitutionId::new(OURS);
        let ours = installation.store.institution(&id).await;
        let ours = ours.expect("the store answers").expect("it is there");
        installation.workspace(ours)
    }

    pub(super) async fn get(&self, who: Who, path: &str) -> Answered {
        self.ask(who, Method::GET, path, "", Body::empty()).await
    }

    /// Sends a form.
    pub(super) async fn post(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Answered {
        let body = serde_html_form::to_string(fields).expect("a form");
        let kind = "application/x-www-form-urlencoded";
        self.ask(who, Method::POST, path, kind, Body::from(body))
            .await
    }

    /// Sends files with fields, as a browser does.
    pub(super) async fn upload(
        &self,
        who: Who,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answered {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file_name, bytes) in files {
            let head = format!(
                "--XX\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
                 content-type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        let kind = "multipart/form-data; boundary=XX";
        self.ask(who, Method::POST, path, kind, Body::from(body))
            .await
    }

    pub(super) async fn ask(
        &self,
        who: Who,
        method: Method,
        path: &str,
        content_type: &str,
        body: Body,
    ) -> Answered {
        self.send(request(who, method, path, content_type, body))
            .await
    }

    /// Status and where it leads, as [`Answered::brief`]; what would follow is not taken.
    pub(super) async fn knock(
        &self,
        who: Who,
        method: Method,
        path: &str,
        content_type: &str,
    ) -> String {
        let request = request(who, method, path, content_type, Body::empty());
        let (head, _) = self.respond(request).await.into_parts();
        brief(head.status, &head.headers)
    }

    /// Sends any request.
    pub(super) async fn send(&self, request: Request<Body>) -> Answered {
        answered(&self.router, request).await
    }

    async fn respond(&self, request: Request<Body>) -> Response<Body> {
        respond(&self.router, request).await
    }
}

impl Premises {
    async fn new(database: Option<String>, reader_program: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let elapsed = Arc::new(AtomicI64::new(0));
        let seconds = Arc::clone(&elapsed);
        let clock = Clock::new(move || {
            let start: Timestamp = NOW.parse().expect("an instant");
            start + SignedDuration::from_secs(seconds.load(Ordering::SeqCst))
        });
        let settings = Settings {
            data: folder.path().join("data"),
            database,
            clock,
            reader_program,
            mail_login: None,
        };
        Self {
            installation: Installation::open(settings).await.expect("it opens"),
            elapsed,
            folder,
        }
    }

    fn house(self) -> House {
        let app = Arc::new(App {
            installation: Arc::new(self.installation),
            secure: false,
            behind_proxy: false,
            origin: None,
            setup_code: None,
        });
        House {
            router: router(&app),
            app,
            elapsed: self.elapsed,
            _folder: self.folder,
        }
    }
}

fn router(app: &Shared) -> Router {
    doors(app).expect("the access table is sound").finish()
}

async fn respond(router: &Router, request: Request<Body>) -> Response<Body> {
    let response = router.clone().oneshot(request).await;
    response.expect("an answer")
}

async fn answered(router: &Router, request: Request<Body>) -> Answered {
    let (parts, body) = respond(router, request).await.into_parts();
    Answered {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.expect("a whole body").to_bytes(),
    }
}

impl Answered {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and where it leads: `303 /login`.
    pub(super) fn brief(&self) -> String {
        brief(self.status, &self.headers)
    }

    /// Where it leads.
    pub(super) fn to(&self) -> &str {
        let to = self.headers.get(header::LOCATION);
        to.map_or("", |to| to.to_str().expect("ASCII"))
    }

    /// The value of a hidden or shown field of a form.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let text = self.text();
        let at = text.find(&format!("name=\"{name}\""))?;
        let tag = text.get(text[..at].rfind('<')?..)?;
        let tag = tag.get(..tag.find('>')?)?;
        let value = tag.split_once("value=\"")?.1.split_once('"')?.0;
        Some(value.to_owned())
    }
}

/// A form says which institution it was shown for: that of whoever sends it, unless the path says.
fn request(who: Who, method: Method, path: &str, content_type: &str, body: Body) -> Request<Body> {
    let shown_for = match who {
        Who::Stranger => None,
        Who::Has(_) => Some(OURS),
        Who::Foreigner | Who::Neighbour => Some(THEIRS),
    };
    let is_form = method == Method::POST && !path.starts_with("/api/");
    let uri = match shown_for.filter(|_| is_form && named(path).is_none()) {
        Some(institution) => addressed(path, &InstitutionId::new(institution)),
        None => path.to_owned(),
    };
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::HOST, "sonae.test")
        .header(header::ORIGIN, "http://sonae.test");
    if !content_type.is_empty() {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    let login = match who {
        Who::Stranger => None,
        Who::Has(role) => Some(role.as_str()),
        Who::Foreigner => Some("foreigner"),
        Who::Neighbour => Some("neighbour"),
    };
    if let Some(login) = login {
        request = match path.starts_with("/api/") {
            true => request.header(header::AUTHORIZATION, format!("Bearer {login}")),
            false => request.header(header::COOKIE, format!("{SESSION_COOKIE}={login}")),
        };
    }
    request.body(body).expect("a request")
}

fn brief(status: StatusCode, headers: &HeaderMap) -> String {
    let to = headers.get(header::LOCATION);
    let to = to.map(|to| format!(" {}", to.to_str().expect("ASCII")));
    format!("{}{}", status.as_u16(), to.unwrap_or_default())
}

/// A file for the program to read.
#[expect(
    clippy::disallowed_methods,
    reason = "tests make files for the program to read"
)]
pub(super) fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("a writable temporary folder");
}

/// The program that reads files. Unit tests run in a binary of their own, so it stands beside them
/// only if it was built; `cargo nextest run` and `cargo test` build it.
pub(super) fn reader_program() -> PathBuf {
    let here = std::env::current_exe().expect("the path of this test");
    let deps = here.parent().expect("a folder");
    deps.parent().unwrap_or(deps).join("sonae")
}

/// Counts by status, for tables of many requests.
pub(super) fn counted(answers: impl IntoIterator<Item = Answered>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status.as_u16()).or_insert(0) += 1;
    }
    counts
}

/// Every text in the cells of a workbook.
pub(super) fn words_of_workbook(bytes: &[u8]) -> String {
    let mut workbook = ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let words = workbook.by_name("xl/sharedStrings.xml").expect("texts");
    std::io::read_to_string(words).expect("UTF-8")
}
