//! A form that was shown for another institution than the one of the session: nothing of it is
//! kept. The person sees what they typed, and chooses where to go on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sonae_domain::answer::Institution;

use crate::web::addressed::named;
use crate::web::carried::Carried;
use crate::web::page::{Page, render};
use crate::web::problem::{Problem, explained};
use crate::web::visit::Visitor;

#[derive(Template)]
#[template(path = "elsewhere.html")]
struct Elsewhere {
    page: Page,
    /// The form was shown for it; none where the form does not say, or the person may not enter.
    meant: Option<Institution>,
    /// Those that the person may enter.
    own: Vec<Institution>,
    carried: Carried,
}

/// Says so. Whoever is no longer let into the institution of the form does not learn its name.
pub(crate) async fn show(visitor: &Visitor) -> Response {
    match page(visitor).await {
        Ok(page) => (StatusCode::CONFLICT, page).into_response(),
        Err(problem) => explained(problem, visitor),
    }
}

async fn page(visitor: &Visitor) -> Result<Response, Problem> {
    let entry = visitor.entry().ok_or(Problem::SignIn)?;
    let own = visitor.app.installation.institutions_of(entry).await?;
    let meant = named(&visitor.place);
    let is_meant = |own: &&Institution| Some(&own.id) == meant.as_ref();
    render(&Elsewhere {
        page: visitor.page("elsewhere.title"),
        meant: own.iter().find(is_meant).cloned(),
        own,
        carried: visitor.carried.get().cloned().unwrap_or_default(),
    })
}
