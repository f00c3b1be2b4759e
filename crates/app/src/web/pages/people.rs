//! People: who has an account here and which roles, added, changed and closed by administrators;
//! and the one-time link by which a person comes in.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use sonae_domain::ids::{AccountId, TokenId};
use sonae_domain::people::{Grant, Role};

use super::doors::enter;
use super::me::TokenRow;
use crate::usecase::failure::Failure;
use crate::usecase::first_visit::day;
use crate::usecase::people::{Invitation, Member, NewMember, RolesSaved, Wanted};
use crate::usecase::printing::{Sheet, account_sheet, qr};
use crate::web::page::{Page, render};
use crate::web::problem::Problem;
use crate::web::refused::{Refused, once_more};
use crate::web::routes::Doors;
use crate::web::visit::{Address, Visit, Visitor};

pub(crate) fn open(doors: Doors) -> Doors {
    doors
        .get("/settings/people", list)
        .get("/settings/people/new", new)
        .post("/settings/people/new", add)
        .get("/settings/people/{account}", show)
        .post("/settings/people/{account}/roles", set_roles)
        .post("/settings/people/{account}/link", invite)
        .post("/settings/people/{account}/sheet", sheet)
        .post("/settings/people/{account}/factors", remove_factors)
        .post("/settings/people/{account}/sessions/end", end_sessions)
        .post(
            "/settings/people/{account}/tokens/{token}/revoke",
            revoke_token,
        )
        .post("/settings/people/{account}/close", close)
        .post("/settings/people/{account}/open", reopen)
        .get("/welcome/{token}", welcome)
        .post("/welcome/{token}", come_in)
}

/// A role to give.
struct RoleChoice {
    value: &'static str,
    title: &'static str,
    hint: &'static str,
    is_chosen: bool,
}

/// What can be given; the words for it are those of the institution's kind.
fn role_choices(visit: &Visit, chosen: &[Role]) -> Vec<RoleChoice> {
    let kind = visit.workspace.institution.kind;
    let words = visit.words();
    let hint = |role| match role {
        Role::Administrator => words.get("people.hint_administrator"),
        Role::SafetyOfficer => words.get("people.hint_safety_officer"),
        Role::PlanningManager => words.get("people.hint_planning_manager"),
        Role::SystemOperator => words.get("people.hint_system_operator"),
        Role::Viewer => words.get("people.hint_viewer"),
    };
    Role::ALL
        .map(|role| RoleChoice {
            value: role.as_str(),
            title: role.title(kind, visit.language),
            hint: hint(role),
            is_chosen: chosen.contains(&role),
        })
        .into()
}

/// Roles, outsider, purpose and end, as a form sends them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TypedRoles {
    role: Vec<String>,
    outsider: Option<String>,
    purpose: String,
    ends_on: String,
    seen: String,
}

impl TypedRoles {
    fn of(member: &Member) -> Self {
        let first = member.grants.first();
        let end = first.and_then(|grant| grant.ends_on);
        Self {
            role: member
                .grants
                .iter()
                .map(|grant| grant.role.as_str().to_owned())
                .collect(),
            outsider: first
                .filter(|grant| grant.outsider)
                .map(|_| "yes".to_owned()),
            purpose: first
                .and_then(|grant| grant.purpose.clone())
                .unwrap_or_default(),
            ends_on: end.map(|end| end.to_string()).unwrap_or_default(),
            seen: member.seen(),
        }
    }

    fn roles(&self) -> Vec<Role> {
        self.role
            .iter()
            .filter_map(|word| Role::of_word(word))
            .collect()
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        Ok(Wanted {
            roles: self.roles(),
            outsider: self.outsider.is_some(),
            purpose: self.purpose.clone(),
            ends_on: day(&self.ends_on, "ends_on")?,
        })
    }
}

/// A person in the list.
struct Row {
    path: String,
    name: String,
    login: String,
    roles: String,
    /// 外部, 停止中, ...
    marks: Vec<&'static str>,
    last_login: String,
    has_second_factor: bool,
}

#[derive(Template)]
#[template(path = "people.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    may_change: bool,
}

async fn list(visit: Visit) -> Result<Response, Problem> {
    let members = visit.workspace.members().await?;
    render(&ListPage {
        page: visit.page("people.title"),
        rows: members.iter().map(|member| row(&visit, member)).collect(),
        may_change: visit.entry.roles.contains(&Role::Administrator),
    })
}

fn row(visit: &Visit, member: &Member) -> Row {
    let words = visit.words();
    let mut marks = Vec::new();
    for (is_so, key) in [
        (member.is_closed, "people.closed"),
        (member.is_new, "people.never_came"),
        (
            member.grants.iter().any(|grant| grant.outsider),
            "people.outsider",
        ),
    ] {
        if is_so {
            marks.push(words.get(key));
        }
    }
    Row {
        path: format!("/settings/people/{}", member.account),
        name: member.name.clone(),
        login: member.login.clone(),
        roles: roles_of(visit, member),
        marks,
        last_login: last_login(visit, member),
        has_second_factor: member.has_second_factor,
    }
}

fn last_login(visit: &Visit, member: &Member) -> String {
    match member.last_login_at {
        Some(at) => visit.words().moment(at),
        None => visit.words().get("people.never").to_owned(),
    }
}

fn roles_of(visit: &Visit, member: &Member) -> String {
    let kind = visit.workspace.institution.kind;
    let title = |grant: &Grant| grant.role.title(kind, visit.language);
    match member.grants.is_empty() {
        true => visit.words().get("people.no_role").to_owned(),
        false => {
            let titles: Vec<&str> = member.grants.iter().map(title).collect();
            titles.join(visit.words().get("people.between"))
        }
    }
}

#[derive(Template)]
#[template(path = "person_new.html")]
struct NewPage {
    page: Page,
    refused: Option<Refused>,
    name: String,
    login: String,
    typed: TypedRoles,
    roles: Vec<RoleChoice>,
}

impl NewPage {
    fn new(visit: &Visit, typed: TypedNew) -> Self {
        let roles = typed.roles();
        Self {
            page: visit.page("people.new"),
            refused: None,
            roles: role_choices(visit, &roles.roles()),
            name: typed.name,
            login: typed.login,
            typed: roles,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct TypedNew {
    name: String,
    login: String,
    role: Vec<String>,
    outsider: Option<String>,
    purpose: String,
    ends_on: String,
}

impl TypedNew {
    fn roles(&self) -> TypedRoles {
        TypedRoles {
            role: self.role.clone(),
            outsider: self.outsider.clone(),
            purpose: self.purpose.clone(),
            ends_on: self.ends_on.clone(),
            seen: String::new(),
        }
    }
}

async fn new(visit: Visit) -> Result<Response, Problem> {
    render(&NewPage::new(&visit, TypedNew::default()))
}

async fn add(visit: Visit, Form(typed): Form<TypedNew>) -> Result<Response, Problem> {
    let made = match typed.roles().wanted() {
        Ok(wanted) => {
            let new = NewMember {
                name: typed.name.clone(),
                login: typed.login.clone(),
                wanted,
            };
            visit.workspace.add_member(&new, visit.person()).await
        }
        Err(failure) => Err(failure),
    };
    match made {
        Ok(invitation) => invited(&visit, &invitation),
        Err(failure) => once_more(&NewPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..NewPage::new(&visit, typed)
        }),
    }
}

/// The link, shown this once.
#[derive(Template)]
#[template(path = "person_link.html")]
struct LinkPage {
    page: Page,
    account: String,
    name: String,
    login: String,
    token: String,
    url: String,
    qr: String,
    ends_at: String,
}

fn invited(visit: &Visit, made: &Invitation) -> Result<Response, Problem> {
    let url = format!("{}/welcome/{}", visit.origin, made.token);
    let spoken = visit.words().get("people.qr");
    render(&LinkPage {
        page: visit.page("people.link_title"),
        account: made.account.to_string(),
        name: made.name.clone(),
        login: made.login.clone(),
        qr: qr("link", spoken, &url)?,
        url,
        token: made.token.clone(),
        ends_at: visit.words().moment(made.ends_at),
    })
}

async fn invite(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    let account = AccountId::new(account);
    let made = visit.workspace.invite_again(&account, visit.person()).await;
    match made {
        Ok(made) => invited(&visit, &made),
        Err(failure) => refuse(&visit, &account, failure).await,
    }
}

#[derive(Deserialize)]
struct TypedLink {
    #[serde(default)]
    token: String,
}

/// The link as a sheet of paper to hand over.
async fn sheet(
    visit: Visit,
    Path(account): Path<String>,
    Form(typed): Form<TypedLink>,
) -> Result<Response, Problem> {
    let member = visit.workspace.member(&AccountId::new(account)).await?;
    let installation = &visit.app.installation;
    let (owner, ends_at) = installation.link_of(&typed.token).await?;
    if owner != member.account {
        return Err(Problem::NotFound);
    }
    let bytes = account_sheet(&Sheet {
        institution: &visit.workspace.institution.name,
        person: &member.name,
        login: &member.login,
        url: &format!("{}/welcome/{}", visit.origin, typed.token),
        only_here: visit.is_only_here(),
        ends_at,
        today: visit.workspace.today,
        language: visit.language,
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"account.pdf\"",
        ),
    ];
    Ok((headers, bytes).into_response())
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    refused: Option<Refused>,
    /// Somebody else changed the roles meanwhile; these are theirs.
    theirs: Option<String>,
    member: Member,
    is_me: bool,
    last_login: String,
    typed: TypedRoles,
    roles: Vec<RoleChoice>,
    grants: Vec<GrantRow>,
    tokens: Vec<TokenRow>,
}

/// What a person was given, in words.
struct GrantRow {
    role: &'static str,
    purpose: String,
    ends_on: String,
    given: String,
    /// Taken back, or over.
    ended: String,
}

impl PersonPage {
    async fn new(visit: &Visit, member: Member, typed: TypedRoles) -> Result<Self, Problem> {
        let all = member.grants.iter().chain(&member.former);
        let tokens = visit
            .workspace
            .tokens_of(&member.account)
            .await?
            .into_iter();
        Ok(Self {
            page: visit.page_named(member.name.clone()),
            refused: None,
            theirs: None,
            is_me: member.account == visit.person().account,
            last_login: last_login(visit, &member),
            roles: role_choices(visit, &typed.roles()),
            grants: all.map(|grant| grant_row(visit, grant)).collect(),
            tokens: tokens
                .map(|token| TokenRow::new(visit.words(), token))
                .collect(),
            typed,
            member,
        })
    }
}

fn grant_row(visit: &Visit, grant: &Grant) -> GrantRow {
    let language = visit.language;
    let words = visit.words();
    let by = |at, by: &String| {
        let at = words.moment(at);
        words.with("people.by", &[("at", &at), ("by", by)])
    };
    let over = grant
        .ends_on
        .filter(|_| !grant.holds(visit.workspace.today));
    GrantRow {
        role: grant.role.title(visit.workspace.institution.kind, language),
        purpose: grant.purpose.clone().unwrap_or_default(),
        ends_on: grant.ends_on.map(|end| words.day(end)).unwrap_or_default(),
        given: by(grant.granted_at, &grant.granted_by),
        ended: match (&grant.revoked, over) {
            (Some((who, at)), _) => by(*at, who),
            (None, Some(end)) => words.day(end),
            (None, None) => String::new(),
        },
    }
}

async fn show(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    let member = visit.workspace.member(&AccountId::new(account)).await?;
    let typed = TypedRoles::of(&member);
    render(&PersonPage::new(&visit, member, typed).await?)
}

async fn set_roles(
    visit: Visit,
    Path(account): Path<String>,
    Form(typed): Form<TypedRoles>,
) -> Result<Response, Problem> {
    let account = AccountId::new(account);
    let member = visit.workspace.member(&account).await?;
    let by = visit.person();
    let saved = match typed.wanted() {
        Ok(wanted) => {
            let saved = visit
                .workspace
                .set_roles(&account, &typed.seen, &wanted, by);
            saved.await
        }
        Err(failure) => Err(failure),
    };
    match saved {
        Ok(RolesSaved::Done) => Ok(done(&account, "roles_saved")),
        Ok(RolesSaved::Conflict) => {
            let theirs = roles_of(&visit, &member);
            let seen = member.seen();
            once_more(&PersonPage {
                theirs: Some(theirs),
                ..PersonPage::new(&visit, member, TypedRoles { seen, ..typed }).await?
            })
        }
        Err(failure) => once_more(&PersonPage {
            refused: Some(Refused::of(failure, visit.language)?),
            ..PersonPage::new(&visit, member, typed).await?
        }),
    }
}

fn done(account: &AccountId, key: &str) -> Response {
    Redirect::to(&format!("/settings/people/{account}?done={key}")).into_response()
}

/// The person's page with what was refused.
async fn refuse(visit: &Visit, account: &AccountId, failure: Failure) -> Result<Response, Problem> {
    let refused = Refused::of(failure, visit.language)?;
    let member = visit.workspace.member(account).await?;
    let typed = TypedRoles::of(&member);
    once_more(&PersonPage {
        refused: Some(refused),
        ..PersonPage::new(visit, member, typed).await?
    })
}

async fn remove_factors(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    let account = AccountId::new(account);
    match visit
        .workspace
        .remove_factors(&account, visit.person())
        .await
    {
        Ok(()) => Ok(done(&account, "factors_removed")),
        Err(failure) => refuse(&visit, &account, failure).await,
    }
}

async fn end_sessions(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    let account = AccountId::new(account);
    match visit.workspace.end_sessions(&account, &visit.entry).await {
        Ok(()) => Ok(done(&account, "person_signed_out")),
        Err(failure) => refuse(&visit, &account, failure).await,
    }
}

async fn revoke_token(
    visit: Visit,
    Path((account, token)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (account, token) = (AccountId::new(account), TokenId::new(token));
    let (workspace, by) = (&visit.workspace, visit.person());
    workspace
        .take_member_token_back(&account, &token, by)
        .await?;
    Ok(done(&account, "token_revoked"))
}

async fn close(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    set_closed(visit, AccountId::new(account), true).await
}

async fn reopen(visit: Visit, Path(account): Path<String>) -> Result<Response, Problem> {
    set_closed(visit, AccountId::new(account), false).await
}

async fn set_closed(visit: Visit, account: AccountId, closed: bool) -> Result<Response, Problem> {
    let changed = visit.workspace.set_closed(&account, closed, visit.person());
    match changed.await {
        Ok(()) if closed => Ok(done(&account, "account_closed")),
        Ok(()) => Ok(done(&account, "account_opened")),
        Err(failure) => refuse(&visit, &account, failure).await,
    }
}

/// Where a person who was given a link sets their password.
#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    page: Page,
    token: String,
    name: String,
    login: String,
    refused: Option<Refused>,
}

async fn welcome(visitor: Visitor, Path(token): Path<String>) -> Result<Response, Problem> {
    let account = visitor.app.installation.invited(&token).await?;
    render(&WelcomePage {
        page: visitor.page("welcome.title"),
        token,
        name: account.name,
        login: account.login,
        refused: None,
    })
}

#[derive(Deserialize)]
struct TypedPassword {
    #[serde(default)]
    new_password: String,
}

async fn come_in(
    visitor: Visitor,
    Address(address): Address,
    cookies: CookieJar,
    Path(token): Path<String>,
    Form(typed): Form<TypedPassword>,
) -> Result<Response, Problem> {
    let installation = &visitor.app.installation;
    let account = installation.invited(&token).await?;
    let said = installation.welcome(&token, &typed.new_password, &address);
    match said.await {
        Ok(signed_in) => Ok(enter(&visitor.app, cookies, &signed_in, "/")),
        Err(failure) => once_more(&WelcomePage {
            page: visitor.page("welcome.title"),
            token,
            name: account.name,
            login: account.login,
            refused: Some(Refused::of(failure, visitor.language)?),
        }),
    }
}
